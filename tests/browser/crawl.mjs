// Everybody of the demo follows every link that the pages offer, and then opens every address that anybody else found.
// No page fails; a page of a thing that the API does not show is the same page as that of a thing that does not exist;
// and no page holds a word of a thread that its reader cannot find by the API.
import assert from "node:assert/strict";
import { check, figure } from "./report.mjs";

const PAGES_MAX = 600;
/** Words shorter than this could stand on a page for another reason. */
const WORDS_MIN = 12;

const CONTENT = `query ($id: ID!) { thread(id: $id) { subject { text } messages(last: 100) { nodes { body { text } } } } }`;

/** The text of a page, without its markup. */
const read = (html) => html.replaceAll(/<[^>]*>/g, " ").replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
  .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&").replaceAll(/\s+/g, " ");

/** What may differ between two answers: the reference of the answer, the minute, and the address of the page. */
const same = (html) => html.replaceAll(/<span class="ref">[0-9a-f ]+<\/span>/g, "?").replaceAll(/\b\d{2}:\d{2}\b/g, "?")
  .replaceAll(/name="back" value="[^"]*"/g, "?");

class Reader {
  pages = new Map();

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
    const answer = await fetch(this.url + path, { redirect: "manual", headers: { cookie: this.cookie, accept: "text/html" } });
    return { status: answer.status, html: await answer.text(), to: answer.headers.get("location") };
  }

  /** Opens a page and all that its links lead to. */
  async follow(start) {
    const open = [start];
    const wrong = [];
    const seen = new Set(open);
    for (let path = open.shift(); path !== undefined && this.pages.size < PAGES_MAX; path = open.shift()) {
      const page = await this.get(path);
      this.pages.set(path, page);
      if (![200, 303].includes(page.status)) {
        wrong.push(`${this.handle} follows a link to ${path}, which answers ${page.status}`);
      }
      const links = [...page.html.matchAll(/href="([^"]*)"/g)].map(([, link]) => link.replaceAll(/&(?:amp|#38);/g, "&"));
      for (const link of [...links, page.to ?? path]) {
        const { origin, pathname, search } = new URL(link, this.url + path);
        if (origin === this.url && !pathname.startsWith("/assets/") && !seen.has(pathname + search)) {
          seen.add(pathname + search);
          open.push(pathname + search);
        }
      }
    }
    return wrong;
  }
}

/** What this person reads in each of the threads, by the API. */
async function contents(world, handle, ids) {
  const found = new Map();
  for (const id of ids) {
    const { data } = await world.answer(handle, CONTENT, { id });
    const texts = [data?.thread?.subject, ...data?.thread?.messages?.nodes?.map((message) => message.body) ?? []];
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
    const wrong = [];
    for (const reader of readers) {
      await reader.signIn();
      wrong.push(...await reader.follow("/home"));
      assert.ok(reader.pages.size < PAGES_MAX, `the links of ${reader.handle} come to an end`);
    }
    return wrong;
  });

  const addresses = new Set(readers.flatMap((reader) => [...reader.pages.keys()]));
  const idOf = (path) => path.match(/^\/(?:t|patients|organizations|own-record|new-consultation|new-thread)\/([^/?#]+)/)?.[1];
  const threads = new Set([...addresses].filter((path) => path.startsWith("/t/")).map(idOf));
  let [opened, refused] = [0, 0];
  await check("nobody opens what the API does not show them", async () => {
    const wrong = [];
    for (const reader of readers) {
      const missing = new Map();
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
          const { data } = await world.answer(reader.handle, "query ($id: ID!) { thread(id: $id) { id } }", { id: thread });
          if (!data?.thread && page.status !== 404) {
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
    }
    return wrong;
  });

  await check("no page holds a word that its reader may not read", async () => {
    const wrong = [];
    const byReader = new Map();
    for (const { handle } of readers) {
      byReader.set(handle, await contents(world, handle, threads));
    }
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
