// The demo as its API shows it: tokens, queries, commands, and threads found by what somebody can do with them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";

/** Which thread a page needs. `list` is where it is looked for; `fits` decides. */
export const Thread = {
  consultation: { fits: (t) => t.kind === "CONSULTATION" && t.status === "OPEN" },
  closed: { fits: (t) => t.kind === "CONSULTATION" && t.status === "CLOSED" },
  team: { fits: (t) => t.kind === "TEAM_THREAD" && t.status === "OPEN" && t.viewerCanPost.allowed },
  writable: { fits: (t) => t.kind === "CONSULTATION" && t.status === "OPEN" && t.viewerCanPost.allowed },
  invitation: { fits: (t) => t.viewerCanAcceptInvitation.allowed },
  toAdvise: { fits: (t) => t.viewerCanAdvise?.allowed },
  toPlan: { fits: (t) => t.viewerCanRecordPlan?.allowed },
  toInform: { fits: (t) => t.viewerCanInformPatient?.allowed },
  toClose: { fits: (t) => t.kind === "CONSULTATION" && t.viewerCanClose.allowed },
  toTurn: { fits: (t) => t.kind === "TEAM_THREAD" && t.viewerCanSetWaitingOn.allowed },
  toPark: { fits: (t) => t.viewerCanPark?.allowed },
  toReopen: { fits: (t) => t.viewerCanReopen.allowed },
  toAdd: { fits: (t) => t.viewerCanAddParticipant.allowed },
  toInvite: { fits: (t) => t.viewerCanInviteParticipant.allowed },
  toRemove: { fits: (t) => t.viewerCanRemoveParticipant.allowed },
  toRelease: { fits: (t) => t.viewerCanRelease.allowed },
  toTransfer: { fits: (t) => t.viewerCanTransfer.allowed },
  toLeave: { fits: (t) => t.viewerCanLeave.allowed },
  named: { fits: (t) => t.kind === "CONSULTATION" && t.viewerCanName.allowed },
  toChangeHistory: { fits: (t) => t.viewerCanChangeHistoryWindow.allowed },
  hidden: { fits: (t) => t.viewerCanShowToDelegates.allowed },
  waitsForMe: { fits: (t) => t.viewerCanAdvise?.allowed || t.viewerCanRecordPlan?.allowed },
};

const LIST = `
  id kind status unreadCount
  viewerCanPost(audience: EVERYONE) { allowed } viewerCanName: viewerCanPost(audience: NAMED) { allowed } viewerCanChangeHistoryWindow { allowed }
  viewerCanAcceptInvitation { allowed } viewerCanClose { allowed } viewerCanClaim { allowed }
  viewerCanSetWaitingOn { allowed } viewerCanReopen { allowed } viewerCanAddParticipant { allowed } viewerCanInviteParticipant { allowed }
  viewerCanRemoveParticipant { allowed } viewerCanRelease { allowed } viewerCanTransfer { allowed } viewerCanTakeOver { allowed }
  viewerCanLeave { allowed } viewerCanShowToDelegates { allowed } ... on TeamThread { viewerCanPark { allowed } }
  ... on Consultation { state viewerCanAssign { allowed } viewerCanAdvise { allowed } viewerCanRecordPlan { allowed } viewerCanInformPatient { allowed } }`;
const LISTS = `query Lists($after: String) { viewer {
  inbox(first: 100, after: $after) { nodes { ${LIST} } pageInfo { hasNextPage endCursor } }
} }`;
const WORKLISTS = `{ viewer {
  mine: worklist(list: MINE, first: 100) { nodes { ${LIST} } } pools: worklist(list: MY_POOLS, first: 100) { nodes { ${LIST} } }
} }`;

export class World {
  #keys = 0;
  #hasEqual = false;
  #late = null;
  #block = null;
  #dead = null;
  #run = Date.now().toString(36);
  #tokens = new Map();
  #found = new Map();

  constructor({ url, binary, data }) {
    Object.assign(this, { url, binary, data });
  }

  token(handle) {
    if (!this.#tokens.has(handle)) {
      const said = execFileSync(this.binary, ["token", "--as", handle, "--data", this.data], { encoding: "utf8" });
      this.#tokens.set(handle, said.trim());
    }
    return this.#tokens.get(handle);
  }

  /** The data of a GraphQL request by this person. An answer with an error fails the test, so that no list is empty by mistake. */
  async query(handle, query, variables = {}) {
    const headers = { authorization: `Bearer ${this.token(handle)}`, "content-type": "application/json" };
    if (this.position) {
      headers["x-read-after"] = this.position;
    }
    const answer = await fetch(`${this.url}/graphql`, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
    const { data, errors } = await answer.json();
    assert.equal(errors, undefined, `${handle}: ${JSON.stringify(errors)}`);
    return data;
  }

  key() {
    this.#keys += 1;
    return `browser-${this.#run}-${this.#keys}`;
  }

  /** Gives a command by its mutation, and returns the payload with its problems. `target` is the name of its first argument. */
  async command(handle, name, { target, id, input, select = "" }) {
    const type = `${name[0].toUpperCase()}${name.slice(1)}Input`;
    const [declared, given] = target ? ["$id: ID!, ", `${target}: $id, `] : ["", ""];
    const query = `mutation (${declared}$input: ${type}!) { ${name}(${given}input: $input) { position problems { code message path } ${select} } }`;
    const data = await this.query(handle, query, { ...(target && { id }), input: { clientMutationId: this.key(), ...input } });
    this.position = data[name].position ?? this.position;
    return data[name];
  }

  /** The same for a command that must have its effect. */
  async done(handle, name, how) {
    const payload = await this.command(handle, name, how);
    assert.deepEqual(payload.problems, [], name);
    return payload;
  }

  async version(handle, id) {
    const { thread } = await this.query(handle, "query ($id: ID!) { thread(id: $id) { version } }", { id });
    return thread.version;
  }

  /** A command on a thread at the version that it has now. */
  async onThread(handle, id, name, input, target = "threadId") {
    // A process of the server, such as a timer that is due, can move the thread in between.
    for (let tries = 1; ; tries += 1) {
      const expectedVersion = await this.version(handle, id);
      const how = { target, id, input: { expectedVersion, ...input } };
      const payload = await this.command(handle, name, how);
      if (tries === 3 || !payload.problems.some((problem) => problem.code === "VERSION_CONFLICT")) {
        assert.deepEqual(payload.problems, [], name);
        return payload;
      }
    }
  }

  async post(handle, id, body, audience = "EVERYONE") {
    const input = { body, audience };
    return (await this.done(handle, "postMessage", { target: "threadId", id, input, select: "message { id }" })).message;
  }

  async messages(handle, id) {
    const query = `query ($id: ID!) { thread(id: $id) { version unreadCount messages(last: 100) { nodes {
      id capacity audience body { text } isRead author { id } addressedTo { id } } } } }`;
    const { thread } = await this.query(handle, query, { id });
    return { version: thread.version, unread: thread.unreadCount, nodes: thread.messages.nodes };
  }

  /** Everything that this person finds in the inbox and the worklist. */
  async threads(handle) {
    const found = new Map();
    let after = null;
    do {
      const { viewer: { inbox: list } } = await this.query(handle, LISTS, { after });
      for (const thread of list.nodes) {
        found.set(thread.id, thread);
      }
      after = list.pageInfo.hasNextPage ? list.pageInfo.endCursor : null;
    } while (after);
    const { viewer: { mine, pools } } = await this.query(handle, WORKLISTS);
    for (const thread of [...mine.nodes, ...pools.nodes]) {
      found.set(thread.id, thread);
    }
    return [...found.values()];
  }

  /** The id of the first thread that fits. It stays the same for a person, so that each width shows the same page. */
  async thread(handle, which) {
    const known = this.#found.get(handle) ?? this.#found.set(handle, new Map()).get(handle);
    if (!known.has(which)) {
      const thread = (await this.threads(handle)).find(which.fits);
      assert.ok(thread, `the demo has no thread for ${handle}: ${which.fits}`);
      known.set(which, thread.id);
    }
    return known.get(which);
  }

  /** How many messages of each thread are unread. */
  async unread(handle) {
    return Object.fromEntries((await this.threads(handle)).map((thread) => [thread.id, thread.unreadCount]));
  }

  async me(handle) {
    const { viewer } = await this.query(handle, "{ viewer { person { id name { text } } roles { role organization { id } } } }");
    return { id: viewer.person.id, name: viewer.person.name.text, organization: viewer.roles?.[0]?.organization?.id, role: viewer.roles?.[0]?.role };
  }

  /** The record of a patient by the name of the person. */
  async patient(by, name) {
    const { viewer } = await this.query(by, "{ viewer { patients(first: 50) { nodes { id name { text } } } } }");
    const found = viewer.patients.nodes.find((each) => each.name.text === name);
    assert.ok(found, `${by} cares for ${name}`);
    return found.id;
  }

  /** The first helper of a patient with access, as the patient sees them. */
  async helper(handle) {
    const { delegations } = await this.query(handle, `{ delegations(patientId: "${await this.ownRecord(handle)}") { id state } }`);
    return delegations.find(({ state }) => state === "ACTIVE").id;
  }

  /** A block of one subject, which its patient can make wider: its id. */
  async narrowBlock(handle) {
    const id = await this.ownRecord(handle);
    const query = "query ($id: ID!) { consentDirectives(patientId: $id) { id sensitivities viewerCanTighten { allowed } } }";
    const { consentDirectives } = await this.query(handle, query, { id });
    const known = consentDirectives.find(({ sensitivities, viewerCanTighten }) => sensitivities.length > 0 && viewerCanTighten.allowed);
    if (known) return known.id;
    const input = { personId: (await this.me("admin")).id, sensitivities: ["HIV"] };
    await this.done(handle, "denyAccess", { target: "patientId", id, input });
    return this.narrowBlock(handle);
  }

  /** The word of the act by which a member of staff writes down whom a patient blocks: of the care team, or who keeps the record. */
  async denyOf(handle, name) {
    const id = await this.patient("pcp", name);
    const { patient } = await this.query(handle, "query ($id: ID!) { patient(id: $id) { viewerCanRecordDirective { allowed } } }", { id });
    return patient.viewerCanRecordDirective.allowed ? "record-deny" : "deny-for-patient";
  }

  /** The first patient whom somebody helps now: the id of the help. */
  async ownHelp(handle) {
    const { viewer } = await this.query(handle, "{ viewer { delegations { id isActive } } }");
    return viewer.delegations.find(({ isActive }) => isActive).id;
  }

  /** The first patient whom somebody helps now: the id of the record. */
  async helped(handle) {
    const { viewer } = await this.query(handle, "{ viewer { delegations { isActive patient { id } } } }");
    return viewer.delegations.find(({ isActive }) => isActive).patient.id;
  }

  /** The id of an open message from outside of this sender, as somebody who handles it finds it. */
  async outsideMessage(sender, by) {
    const { id } = await this.me(sender);
    const { viewer } = await this.query(by, "{ viewer { outsideMessages { id sender { id } } } }");
    const found = viewer.outsideMessages.find((each) => each.sender.id === id);
    assert.ok(found, `the demo has no message of ${sender} for ${by}`);
    return found.id;
  }

  /** The record that is this person's own. */
  async ownRecord(handle) {
    const { viewer } = await this.query(handle, "{ viewer { ownRecordIds } }");
    return viewer.ownRecordIds[0];
  }

  /** The id of a block that the patient gave: of somebody who has to do with nothing of theirs. */
  async block() {
    this.#block ??= (async () => {
      const [id, person] = [await this.ownRecord("patient"), await this.me("second_patient")];
      await this.done("patient", "blockPerson", { target: "patientId", id, input: { personId: person.id } });
      const { patient } = await this.query("patient", "query ($id: ID!) { patient(id: $id) { blocks { id endedAt person { id } } } }", { id });
      return patient.blocks.find((each) => each.endedAt === null && each.person.id === person.id).id;
    })();
    return this.#block;
  }

  /** A record of somebody whose death is recorded, and of whom there is nothing else. */
  async dead() {
    this.#dead ??= (async () => {
      const { organization } = await this.me("coordinator");
      const registered = { organizationId: organization, name: `Ilse Reindl ${this.#run}`, birthDate: "1931-05-02" };
      const { patient } = await this.done("coordinator", "registerPatient", { input: registered, select: "patient { id }" });
      const died = { diedAt: new Date().toISOString(), source: "A letter of the home." };
      await this.done("coordinator", "recordPatientDeath", { target: "patientId", id: patient.id, input: died });
      return patient.id;
    })();
    return this.#dead;
  }

  /** A question to a person of the centre whether they join the care team of a patient. */
  async askToCareTeam(handle) {
    const [person, id] = [await this.me(handle), await this.patient("pcp", "Veronika Lacher")];
    const input = { personId: person.id, role: person.role, organizationId: person.organization };
    await this.done("coordinator", "addCareTeamMember", { target: "patientId", id, input });
  }

  async pool(by, specialty) {
    const { viewer } = await this.query(by, "{ viewer { organizations { pools { id specialty } } } }");
    return viewer.organizations.flatMap((each) => each.pools ?? []).find((each) => each.specialty === specialty).id;
  }

  /** A consultation that the family physician asks of cardiology. There is no page for it yet. */
  async ask({ subject, question, patient = "Josef Grünwald", urgency = "ROUTINE" }) {
    const consultation = {
      patientId: await this.patient("pcp", patient), poolId: await this.pool("pcp", "cardiology"), topic: "CLINICAL_ADVICE",
      urgency, subject, question, mayConvert: false,
      consent: { given: { method: "VERBAL", at: new Date().toISOString() } },
    };
    const asked = await this.command("pcp", "requestConsultation", { input: consultation, select: "consultation { id }" });
    return { problems: asked.problems, id: asked.consultation?.id };
  }

  /** Two consultations with one subject, about different patients. */
  async equalSubjects() {
    if (this.#hasEqual) {
      return;
    }
    this.#hasEqual = true;
    for (const patient of ["Veronika Lacher", "Adelheid Kirchner"]) {
      const { problems } = await this.ask({ subject: "Dizzy in the morning", question: "Which tablet goes first?", patient });
      assert.deepEqual(problems, []);
    }
  }

  /** The id of a consultation that nobody has accepted yet, about a patient who has no view of their own. */
  async newConsultation(patient = "Veronika Lacher") {
    const subject = `Palpitations at night, recording ${this.key().split("-").at(-1)}`;
    const { id, problems } = await this.ask({ subject, question: "Holter, or wait and see?", patient });
    assert.deepEqual(problems, []);
    return id;
  }

  /** A team thread in which its owner is late, so that the coordinator can take it over. */
  async lateThread() {
    this.#late ??= (async () => {
      const { id, problems } = await this.team({
        subject: "Rail for the stairs", note: "Is it ordered?", awaits: "pcp", with: ["coordinator"],
        dueAt: new Date(Date.now() + 2000).toISOString(),
      });
      assert.deepEqual(problems, []);
      for (const end = Date.now() + 15_000; Date.now() < end;) {
        const { thread } = await this.query("coordinator", "query ($id: ID!) { thread(id: $id) { viewerCanTakeOver { allowed } } }", { id });
        if (thread?.viewerCanTakeOver.allowed) {
          return id;
        }
      }
      throw new Error("the coordinator cannot take over a late thread within fifteen seconds");
    })();
    return this.#late;
  }

  /** A team thread about the same patient, between the family physician and the nurse. */
  async team({ subject, note, dueAt, awaits = "nurse", with: others = [] }) {
    const [pcp, nurse] = [await this.me("pcp"), await this.me("nurse")];
    const people = [nurse, ...await Promise.all(others.map((handle) => this.me(handle)))];
    const input = {
      patientId: await this.patient("pcp", "Josef Grünwald"), topic: "SCHEDULING", subject, note,
      owner: { person: { personId: pcp.id } },
      participants: people.map((each) => ({ personId: each.id, place: { role: each.role, organizationId: each.organization } })),
      waitingOn: { party: { personId: (awaits === "pcp" ? pcp : nurse).id }, dueAt },
    };
    const opened = await this.command("pcp", "openTeamThread", { input, select: "teamThread { id }" });
    return { problems: opened.problems, id: opened.teamThread?.id };
  }
}
