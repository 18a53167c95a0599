// Everybody of the demo follows every link that the pages offer, and then opens the addresses that anybody else found.
// No page fails; whatever the API opens for somebody, their lists and pages lead to; a page of a thing that the API does
// not show is the same page as that of a thing that does not exist; and no page holds a word of a thread that its reader
// cannot find by the API.
import assert from "node:assert/strict";
import { atOnce } from "./at_once.mjs";
import { check, figure } from "./report.mjs";

/** More pages than one person has, without those that are the same for everybody. */
const PAGES_MAX = 1200;
/**
 * Of addresses that differ in their ids and cursors only, other people open so many: a session that is refused more than
 * 600 times in a minute has to wait. All threads and patients are opened by everybody.
 */
const EACH_MAX = 2;
/** So many people at once: one who was refused too often waits, and the others go on. */
const PEOPLE_AT_ONCE = 6;
/** The lists of who read what grow with every page that somebody opens, so only EACH_MAX addresses of a kind are followed. */
const GROWS = /^\/(?:patients|organizations)\/[^/?]+\/access\?/;
/** Words shorter than this could stand on a page for another reason. */
const WORDS_MIN = 12;

const CONTENT = `query ($id: ID!) { thread(id: $id) { subject { text } messages(last: 100) { nodes { body { text } } } } }`;

const LIST = "nodes { id } pageInfo { hasNextPage endCursor }";
const INBOX = `query ($after: String, $filter: InboxFilter) { viewer { list: inbox(first: 100, after: $after, filter: $filter) { ${LIST} } } }`;
const WORKLIST = `query ($after: String, $list: Worklist!) { viewer { list: worklist(first: 100, after: $after, list: $list) { ${LIST} } } }`;
const PATIENTS = `query ($after: String) { viewer { list: patients(first: 100, after: $after) { ${LIST} } } }`;
const THREADS_THERE = `query ($after: String, $id: ID!) { list: organizationThreads(organizationId: $id, first: 100, after: $after) { ${LIST} } }`;
const PATIENTS_THERE = `query ($after: String, $id: ID!, $search: String) {
  list: organizationPatients(organizationId: $id, first: 100, after: $after, search: $search) { ${LIST} } }`;
const NODE = "query ($id: ID!) { node(id: $id) { __typename id ... on Patient { name { text } } } }";

/** The text of a page, without its markup. */
const read = (html) => html.replaceAll(/<[^>]*>/g, " ").replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
  .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&").replaceAll(/\s+/g, " ");

/** What may differ between two answers: the reference of the answer, the minute, and the address of the page. */
const same = (html) => html.replaceAll(/<span class="ref">[0-9a-f ]+<\/span>/g, "?").replaceAll(/\b\d{2}:\d{2}\b/g, "?")
  .replaceAll(/name="back" value="[^"]*"/g, "?");

/** The id in an address. */
const idOf = (path) => path.match(/^\/(?:t|patients|helping|organizations|own-record|new-consultation|new-thread)\/([^/?#]+)/)?.[1];

/** Whether a page is the same for everybody who has it: then one person follows it for all. */
const isCommon = (path) => /^\/graphql([/?]|$)/.test(path);

/** An address without what does not choose its page. */
function address({ pathname, search, searchParams }) {
  const chosenBy = { "/graphql": "example", "/graphql/documentation": "type" }[pathname];
  if (!chosenBy) {
    return pathname + search;
  }
  const chosen = searchParams.get(chosenBy);
  return chosen === null ? pathname : `${pathname}?${new URLSearchParams({ [chosenBy]: chosen })}`;
}

/** What addresses have in common that differ in their ids, cursors and other values only. */
function kindOf(path) {
  const { pathname, searchParams } = new URL(path, "http://pages.invalid");
  const id = idOf(pathname);
  return `${id ? pathname.replace(id, ":id") : pathname}?${[...searchParams.keys()].join("&")}`;
}

class Reader {
  pages = new Map();
  /** How many of them are not the same for everybody. */
  own = 0;
  /** The links that were not followed any more. */
  left = [];

  constructor(url, handle) {
    Object.assign(this, { url, handle });
  }

  async signIn() {
    const answer = await fetch(`${this.url}/`, {
      method: "POST", redirect: "manual", body: new URLSearchParams({ person: this.handle, return_to: "" }),
      headers: { origin: this.url },
    });
    assert.equal(answer.status, 303, `${this.handle} signs in`);
    this.cookie = answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0]).join("; ");
  }

  async get(path) {
    const ask = () => fetch(this.url + path, { redirect: "manual", headers: { cookie: this.cookie, accept: "text/html" } });
    let answer = await ask();
    // Who was refused too often waits as long as the answer says, and not twice.
    if (answer.status === 429) {
      await new Promise((go) => setTimeout(go, 1000 * Number(answer.headers.get("retry-after"))));
      answer = await ask();
    }
    return { status: answer.status, html: await answer.text(), to: answer.headers.get("location") };
  }

  /** Opens a page and all that its links lead to, without the common pages that somebody followed before. */
  async follow(start, common) {
    const open = [start];
    const wrong = [];
    const seen = new Set(open);
    const grown = new Map();
    for (let path = open.shift(); path !== undefined; path = open.shift()) {
      if (this.own === PAGES_MAX) {
        this.left = [path, ...open];
        return wrong;
      }
      this.own += isCommon(path) ? 0 : 1;
      const page = await this.get(path);
      this.pages.set(path, page);
      if (![200, 303].includes(page.status)) {
        wrong.push(`${this.handle} follows a link to ${path}, which answers ${page.status}`);
      }
      const links = [...page.html.matchAll(/href="([^"]*)"/g)].map(([, link]) => link.replaceAll(/&(?:amp|#38);/g, "&"));
      for (const link of [...links, page.to ?? path]) {
        const url = new URL(link, this.url + path);
        const to = address(url);
        if (url.origin !== this.url || url.pathname.startsWith("/assets/") || seen.has(to) || common.has(to)) {
          continue;
        }
        seen.add(to);
        if (GROWS.test(to)) {
          const kind = kindOf(to);
          grown.set(kind, (grown.get(kind) ?? 0) + 1);
          if (grown.get(kind) > EACH_MAX) {
            continue;
          }
        }
        open.push(to);
        if (isCommon(to)) {
          common.add(to);
        }
      }
    }
    return wrong;
  }

  /** Whether a page that the person reached is that of the thread or the patient. */
  reaches(id) {
    return this.pages.has(`/t/${id}`) || this.pages.has(`/patients/${id}`);
  }

  /** Whether a search on a page that the person reached finds a patient. */
  async finds(id, name) {
    for (const path of [...this.pages.keys()].filter((path) => /^\/organizations\/[^/?]+\/patients$/.test(path))) {
      const page = await this.get(`${path}?${new URLSearchParams({ q: name })}`);
      if (page.html.includes(`href="/patients/${id}"`)) {
        return true;
      }
    }
    return false;
  }
}

/** The ids of all pages of a list. */
async function idsOf(world, handle, query, variables = {}) {
  const ids = [];
  let after = null;
  do {
    const data = await world.query(handle, query, { ...variables, after });
    const list = data.list ?? data.viewer?.list;
    ids.push(...(list?.nodes ?? []).map((node) => node.id));
    after = list?.pageInfo.hasNextPage ? list.pageInfo.endCursor : null;
  } while (after);
  return ids;
}

/** What is in the lists of a person by the API. */
async function listsOf(world, handle) {
  const me = await world.query(handle, "{ viewer { ownRecordIds delegations { patient { id } } organizations { id viewerLooksUpPatients } } }");
  const organizations = me.viewer.organizations ?? [];
  const threads = [];
  for (const filter of [null, "PUT_AWAY"]) {
    threads.push(...await idsOf(world, handle, INBOX, { filter }));
  }
  for (const list of ["MINE", "MY_POOLS", "WAITING"]) {
    threads.push(...await idsOf(world, handle, WORKLIST, { list }));
  }
  const helped = (me.viewer.delegations ?? []).map(({ patient }) => patient?.id).filter(Boolean);
  const patients = [...me.viewer.ownRecordIds, ...helped, ...await idsOf(world, handle, PATIENTS)];
  for (const { id } of organizations) {
    threads.push(...await idsOf(world, handle, THREADS_THERE, { id }));
    patients.push(...await idsOf(world, handle, PATIENTS_THERE, { id, search: null }));
  }
  const searched = organizations.filter((at) => at.viewerLooksUpPatients).map((at) => at.id);
  return { own: me.viewer.ownRecordIds, helped, ids: new Set([...threads, ...patients]), searched };
}

/** What the API opens for somebody and no list, search or page of theirs leads to. */
async function unreached(world, reader, { lists, known }) {
  const { handle } = reader;
  const wrong = [];
  let opened = 0;
  for (const id of known) {
    const data = await world.query(handle, NODE, { id });
    if (!data.node) {
      continue;
    }
    opened += 1;
    const name = data.node.name?.text;
    const what = `${data.node.__typename} ${id}`;
    let isListed = lists.ids.has(id);
    let isReached = reader.reaches(id);
    if (name) {
      for (const organization of isListed ? [] : lists.searched) {
        isListed ||= (await idsOf(world, handle, PATIENTS_THERE, { id: organization, search: name })).includes(id);
      }
      // A person's own record is on their home page, and who helps somebody has a page of that help.
      const isOn = (path, ids) => ids.includes(id) && read(reader.pages.get(path)?.html ?? "").includes(name);
      isReached ||= isOn("/home", lists.own) || isOn("/helping", lists.helped) || await reader.finds(id, name);
    }
    if (!isListed) {
      wrong.push(`the API opens the ${what} for ${handle}, and no list or search of theirs has it`);
    }
    if (!isReached) {
      wrong.push(`the API opens the ${what} for ${handle}, and their pages do not lead to it`);
    }
  }
  return { wrong, opened };
}

/** What this person reads in each of the threads, by the API. */
async function contents(world, handle, ids) {
  const found = new Map();
  for (const id of ids) {
    const { thread } = await world.query(handle, CONTENT, { id });
    const texts = [thread?.subject, ...thread?.messages?.nodes.map((message) => message.body) ?? []];
    found.set(id, new Set(texts.map((text) => text?.text).filter((text) => text && text.length >= WORDS_MIN)));
  }
  return found;
}

export async function crawl(world) {
  const html = await (await fetch(`${world.url}/`)).text();
  const handles = [...html.matchAll(/name="person" value="([^"]+)"/g)].map(([, handle]) => handle);
  const readers = handles.map((handle) => new Reader(world.url, handle));
  await check("everybody follows every link", async () => {
    assert.ok(readers.length >= 10, `${readers.length} people`);
    const common = new Set();
    const wrong = await atOnce(PEOPLE_AT_ONCE, readers, async (reader) => {
      await reader.signIn();
      return reader.follow("/home", common);
    });
    return wrong.flat();
  });
  const endless = readers.filter((reader) => reader.left.length > 0);
  await check("the links of everybody come to an end", () => endless.map((reader) => {
    const kinds = [...new Set(reader.left.map(kindOf))].slice(0, 10).join(", ");
    return `${reader.handle} has opened ${PAGES_MAX} pages, and ${reader.left.length} links are left, such as ${kinds}: `
      + "either the pages lead on without an end, or the demo has grown and PAGES_MAX is too small";
  }));
  if (endless.length > 0) {
    // What follows rests on all pages of everybody.
    return;
  }
  figure("the most pages that one person has", Math.max(...readers.map((reader) => reader.own)));

  const found = new Set(readers.flatMap((reader) => [...reader.pages.keys()]));
  const threads = new Set([...found].filter((path) => path.startsWith("/t/")).map(idOf));
  await check("whatever the API opens for somebody, their lists and pages lead to", async () => {
    const lists = new Map(await atOnce(PEOPLE_AT_ONCE, readers, async ({ handle }) => [handle, await listsOf(world, handle)]));
    const patients = [...found].filter((path) => path.startsWith("/patients/")).map(idOf);
    const known = new Set([...threads, ...patients, ...[...lists.values()].flatMap((list) => [...list.ids])]);
    const all = await atOnce(PEOPLE_AT_ONCE, readers, (reader) => unreached(world, reader, { lists: lists.get(reader.handle), known }));
    const opened = all.reduce((sum, of) => sum + of.opened, 0);
    assert.ok(opened > 100, `${opened} of ${known.size} threads and patients were opened by ${readers.length} people`);
    figure("threads and patients that people may open, all of them in their lists", `${opened}`);
    return all.flatMap((of) => of.wrong);
  });

  // Every thread and patient, and some of each other kind.
  const times = new Map();
  const addresses = [...found].filter((path) => {
    const kind = kindOf(path);
    times.set(kind, (times.get(kind) ?? 0) + 1);
    return times.get(kind) <= EACH_MAX || ["/t/:id?", "/patients/:id?"].includes(kind);
  });
  let [opened, refused] = [0, 0];
  await check("nobody opens what the API does not show them", async () => {
    const wrong = await atOnce(PEOPLE_AT_ONCE, readers, async (reader) => {
      const wrong = [];
      const missing = new Map();
      const finds = new Map();
      // The same address of a thing that does not exist.
      const nothing = async (path) => {
        const id = idOf(path);
        const other = id ? path.replace(id, "none-of-this-clinic") : "/none-of-this-clinic";
        return missing.get(other) ?? missing.set(other, await reader.get(other)).get(other);
      };
      for (const path of addresses) {
        const page = reader.pages.get(path) ?? await reader.get(path);
        opened += 1;
        reader.pages.set(path, page);
        if (![200, 303, 404].includes(page.status)) {
          wrong.push(`${path} answers ${page.status} to ${reader.handle}`);
        }
        const thread = path.startsWith("/t/") ? idOf(path) : undefined;
        if (thread) {
          if (!finds.has(thread)) {
            const found = await world.query(reader.handle, "query ($id: ID!) { thread(id: $id) { id } }", { id: thread });
            finds.set(thread, Boolean(found.thread));
          }
          if (!finds.get(thread) && page.status !== 404) {
            wrong.push(`${path} answers ${page.status} to ${reader.handle}, who does not find the thread`);
          }
        }
        if (page.status === 404) {
          refused += 1;
          const none = await nothing(path);
          if (none.status !== 404 || same(page.html) !== same(none.html)) {
            wrong.push(`${path} is another page for ${reader.handle} than that of what does not exist`);
          }
        }
      }
      return wrong;
    });
    return wrong.flat();
  });

  await check("no page holds a word that its reader may not read", async () => {
    const wrong = [];
    const byReader = new Map(await atOnce(PEOPLE_AT_ONCE, readers, async ({ handle }) => [handle, await contents(world, handle, threads)]));
    const all = new Set([...byReader.values()].flatMap((found) => [...found.values()].flatMap((texts) => [...texts])));
    assert.ok(all.size > 50, `${all.size} texts`);
    for (const reader of readers) {
      const own = new Set([...byReader.get(reader.handle).values()].flatMap((texts) => [...texts]));
      const foreign = [...all].filter((text) => !own.has(text)).map((text) => text.replaceAll(/\s+/g, " ").slice(0, 40));
      // A text of the reader's own that begins in the same way is no leak.
      const hidden = foreign.filter((text) => ![...own].some((mine) => mine.replaceAll(/\s+/g, " ").includes(text)));
      for (const [path, page] of reader.pages) {
        const words = read(page.html);
        wrong.push(...hidden.filter((text) => words.includes(text)).map((text) => `${path} of ${reader.handle} holds “${text}”`));
      }
    }
    return wrong;
  });
  figure("pages that everybody opened while following links and those of others", `${opened}, of which ${refused} were refused`);
}
