// Live notices by graphql-ws, graphql-sse, Apollo Client and urql, as on the API page, against a demo that is stopped and
// started again: node live.mjs BINARY.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import WebSocket from "ws";

const binary = process.argv[2];
const data = mkdtempSync(join(tmpdir(), "live-"));
let demo, example;
const start = async (listen) => {
  demo = spawn(binary, ["demo", "--listen", listen, "--data", data], { stdio: ["ignore", "pipe", "ignore"] });
  const [line] = await once(createInterface({ input: demo.stdout }), "line");
  return line.replace("listening on ", "");
};
const stop = async () => {
  demo.kill("SIGTERM");
  const [code] = await once(demo, "exit");
  assert.equal(code, 0);
};
process.on("exit", () => {
  demo?.kill("SIGKILL");
  example?.kill("SIGKILL");
  rmSync(data, { recursive: true, force: true });
});

const url = await start("127.0.0.1:0");
const token = (handle) => execFileSync(binary, ["token", "--as", handle, "--data", data], { encoding: "utf8" }).trim();
const tokens = Object.fromEntries(["pcp", "nurse", "social_worker"].map((handle) => [handle, token(handle)]));
// The clients are those of the nurse; the physician does what they are told of.
process.env.URL = `${url}/graphql`;
process.env.TOKEN = tokens.nurse;
const { ask, eventClient, resuming, socketClient } = await import("../page/live.mjs");

const document = (name) => readFileSync(new URL(`../../../examples/queries/${name}.graphql`, import.meta.url), "utf8");
const [THREAD_EVENTS, INBOX_EVENTS, WORKLIST_EVENTS] = ["thread_events", "inbox_events", "worklist_events"].map(document);
const LAST = "query ($id: ID!) { thread(id: $id) { id messages(last: 1) { nodes { body { text } } } } }";
const lastAfter = async (id, position) =>
  (await ask(LAST, { id }, position)).data.thread?.messages.nodes[0]?.body.text;

const asPhysician = async (query, variables) => {
  const headers = { authorization: `Bearer ${tokens.pcp}`, "content-type": "application/json" };
  const response = await fetch(process.env.URL, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const answer = await response.json();
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
};
const command = async (name, id, input) => {
  const type = `${name[0].toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation ($id: ID!, $input: ${type}!) {
    answer: ${name}(threadId: $id, input: $input) { position problems { code message path } thread { id version } }
  }`;
  const { answer } = await asPhysician(query, { id, input: { clientMutationId: randomUUID(), ...input } });
  assert.deepEqual(answer.problems, []);
  return answer;
};
const post = (id, body) => command("postMessage", id, { body });
// As a client does that gets no answer: the same again with the same key.
const postUntilAnswered = async (id, body) => {
  const input = { clientMutationId: randomUUID(), body };
  for (;;) {
    try {
      return await command("postMessage", id, input);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      await new Promise((done) => setTimeout(done, 50));
    }
  }
};

const ME = "{ viewer { person { id } roles { organization { id } } } }";
const physician = (await asPhysician(ME)).viewer;
const nurse = (await ask(ME)).data.viewer;
const open = async (participants) => {
  const query = `mutation ($input: OpenTeamThreadInput!) {
    openTeamThread(input: $input) { problems { code message path } teamThread { id version } }
  }`;
  const me = { personId: physician.person.id };
  const input = {
    clientMutationId: randomUUID(), topic: "SCHEDULING", subject: "Rota", owner: { person: me }, participants,
    waitingOn: { party: me }, note: "Who takes Friday?",
  };
  const { openTeamThread } = await asPhysician(query, { input });
  assert.deepEqual(openTeamThread.problems, []);
  return openTeamThread.teamThread;
};
const place = { role: "NURSE", organizationId: nurse.roles[0].organization.id };
const shared = () => open([{ personId: nurse.person.id, place }]);

// What a subscription tells, in order; `next` waits for what comes.
const listener = () => {
  const told = [];
  let wake = () => {};
  const add = (each) => {
    told.push(each);
    wake();
  };
  let taken = 0;
  return {
    told,
    sink: {
      next: ({ data, errors }) => add(errors ? { errors } : Object.values(data)[0]),
      error: (error) => add({ error }),
      complete: () => add("complete"),
    },
    async next() {
      while (told.length <= taken) await new Promise((done) => { wake = done; });
      return told[taken++];
    },
  };
};
const topics = (told) => told.map((each) => each.topic ?? each);

// The four clients, as the API page sets them up.
const sockets = socketClient();
const events = eventClient();
const apollo = await import("../page/apollo-live.mjs");
const { gql } = await import("@apollo/client");
const urql = await import("../page/urql-live.mjs");
const byClient = (client) => (query, variables, sink) => resuming(client).subscribe({ query, variables }, sink);
const clients = {
  "graphql-ws": byClient(sockets),
  "graphql-sse": byClient(events),
  "Apollo Client": (query, variables, sink) => {
    const subscribed = apollo.client.subscribe({ query: gql(query), variables, fetchPolicy: "no-cache" }).subscribe(sink);
    return () => subscribed.unsubscribe();
  },
  urql: (query, variables, sink) => {
    const subscribed = urql.client.subscription(query, variables).subscribe(({ data, error, hasNext }) => {
      if (error) sink.error(error);
      // At the end, urql gives the last notice once more.
      else if (hasNext) sink.next({ data });
      else sink.complete();
    });
    return () => subscribed.unsubscribe();
  },
};

// A message, a turn: told to each client, and read after its position.
const thread = await shared();
const follows = {};
const now = (await ask(ME)).position;
for (const [name, subscribe] of Object.entries(clients)) {
  const of = { thread: listener(), inbox: listener(), worklist: listener() };
  const stops = [
    subscribe(THREAD_EVENTS, { id: thread.id, after: now }, of.thread.sink),
    subscribe(INBOX_EVENTS, { after: now }, of.inbox.sink),
    subscribe(WORKLIST_EVENTS, { after: now }, of.worklist.sink),
  ];
  follows[name] = { ...of, end: () => stops.forEach((end) => end()) };
}
await post(thread.id, "Can you fetch the recorder?");
for (const [name, { thread: ofThread, inbox }] of Object.entries(follows)) {
  const notice = await ofThread.next();
  assert.deepEqual([notice.topic, notice.isOwn], ["MESSAGE", false], name);
  assert.equal(await lastAfter(thread.id, notice.position), "Can you fetch the recorder?", name);
  const row = await inbox.next();
  assert.deepEqual([row.topic, row.threadId, row.isOwn], ["MESSAGE", thread.id, false], name);
}
const version = (await ask("query ($id: ID!) { thread(id: $id) { id version } }", { id: thread.id })).data.thread.version;
await command("setWaitingOn", thread.id, {
  expectedVersion: version, to: { party: { personId: nurse.person.id } }, note: "On Friday?",
});
for (const [name, { thread: ofThread, inbox, worklist }] of Object.entries(follows)) {
  assert.equal((await ofThread.next()).topic, "YOUR_TURN", name);
  assert.equal((await inbox.next()).topic, "YOUR_TURN", name);
  // A message may concern the worklists, a turn does.
  let notice = await worklist.next();
  if (notice.topic === "MESSAGE") notice = await worklist.next();
  assert.deepEqual([notice.topic, notice.threadId], ["YOUR_TURN", thread.id], name);
}
console.log(`live: ${Object.keys(follows).join(", ")} are told of a message and a turn`);

// The server stops and starts again, on the same data and port, while somebody writes.
const closes = [];
sockets.on("closed", ({ code, reason }) => closes.push([code, reason]));
const before = Object.fromEntries(Object.entries(follows).map(([name, of]) => [name, of.thread.told.length]));
const listed = Object.fromEntries(Object.entries(follows).map(([name, of]) => [name, of.inbox.told.length]));
const bodies = [1, 2, 3, 4, 5, 6].map((number) => `around the restart ${number}`);
const [first, second, ...rest] = bodies;
await post(thread.id, first);
const between = postUntilAnswered(thread.id, second);
await stop();
assert.equal(await start(new URL(url).host), url);
await between;
for (const body of rest) await post(thread.id, body);
for (const [name, { thread: ofThread, inbox }] of Object.entries(follows)) {
  const notices = [];
  for (const _ of bodies) notices.push(await ofThread.next());
  assert.deepEqual(topics(notices), bodies.map(() => "MESSAGE"), name);
  assert.equal(await lastAfter(thread.id, notices.at(-1).position), bodies.at(-1), name);
  // A list may have missed some: then it is read again.
  const row = await inbox.next();
  assert.ok(["MISSED", "MESSAGE"].includes(row.topic), name);
}
assert.deepEqual(closes[0], [1001, "the server stops; connect again"]);

// One more, the last: a notice that is told twice would come before it.
await post(thread.id, "the last");
for (const [name, { thread: ofThread, inbox }] of Object.entries(follows)) {
  const notice = await ofThread.next();
  assert.equal(await lastAfter(thread.id, notice.position), "the last", name);
  assert.deepEqual(topics(ofThread.told.slice(before[name])), [...bodies, "the last"].map(() => "MESSAGE"), name);
  for (let told = await inbox.next(); inbox.told.length < listed[name] + 1; told = await inbox.next()) assert.ok(told.topic);
}
console.log(`live: after a restart each is told ${bodies.length + 1} messages, each once`);

// What may not be known any more ends, for everybody as if the thread had ended.
const { thread: { version: at } } = await post(thread.id, "Thank you; you are free.");
for (const { thread: ofThread } of Object.values(follows)) assert.equal((await ofThread.next()).topic, "MESSAGE");
const { position } = await command("removeParticipant", thread.id, {
  expectedVersion: at, personId: nurse.person.id, note: "Not needed any more.",
});
await post(thread.id, "Unseen.");
for (const [name, { thread: ofThread }] of Object.entries(follows)) {
  assert.equal(await ofThread.next(), "complete", name);
}
assert.equal(await lastAfter(thread.id, position), undefined);
for (const [name, { thread: ofThread, end }] of Object.entries(follows)) {
  assert.equal(ofThread.told.filter((each) => each.topic).length, before[name] + bodies.length + 2, name);
  end();
}
console.log("live: a subscription of somebody who was removed ends without a further notice");

// A socket by hand: frames as they are.
const connected = async (credential) => {
  const socket = new WebSocket(process.env.URL.replace(/^http/, "ws"), "graphql-transport-ws");
  const heard = [];
  let wake = () => {};
  socket.on("message", (text) => (heard.push(JSON.parse(text)), wake()));
  socket.on("close", (code) => (heard.push({ code }), wake()));
  await once(socket, "open");
  const send = (message) => socket.send(JSON.stringify(message));
  const next = async () => {
    while (heard.length === 0) await new Promise((done) => { wake = done; });
    return heard.shift();
  };
  send({ type: "connection_init", payload: { authorization: `Bearer ${credential}` } });
  return { send, next, close: () => socket.close(1000) };
};
assert.deepEqual(await (await connected("nobody")).next(), { code: 4403 });
const socket = await connected(tokens.social_worker);
assert.deepEqual(await socket.next(), { type: "connection_ack" });
const subscribe = async (payload) => {
  socket.send({ type: "subscribe", id: "1", payload });
  return socket.next();
};
// A thread that may not be known, one that does not exist, and what is no id.
const missing = thread.id.slice(0, -4) + (thread.id.endsWith("AAAA") ? "BBBB" : "AAAA");
for (const id of [(await shared()).id, missing, "nothing"]) {
  for (const after of [undefined, now]) {
    const frame = await subscribe({ query: THREAD_EVENTS, variables: { id, after } });
    assert.deepEqual(frame, { type: "complete", id: "1" }, id);
  }
}
const refused = async (payload, code, message) => {
  const { type, id, payload: [error] } = await subscribe(payload);
  assert.deepEqual([type, id, error.extensions.code], ["error", "1", code]);
  assert.match(error.message, message);
};
await refused({ query: INBOX_EVENTS, variables: { after: "elsewhere" } }, "BAD_USER_INPUT", /`after`|[Pp]osition/);
await refused({ query: ME }, "BAD_USER_INPUT", /send others by POST/);
await refused({ query: "subscription { nothing }" }, "GRAPHQL_VALIDATION_FAILED", /nothing/);
socket.close();
console.log("live: unknown threads end alike, and errors have their codes");

// The program of the API page, by both protocols.
const program = await shared();
await post(program.id, "One.");
for (const protocol of ["ws", "sse"]) {
  const path = new URL("../page/live-thread.mjs", import.meta.url).pathname;
  const run = spawn(process.execPath, [path, program.id, protocol], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: run.stdout })[Symbol.asyncIterator]();
  const line = async () => (await lines.next()).value;
  assert.match(await line(), /text: '/);
  await post(program.id, `By ${protocol}.`);
  assert.equal(await line(), "MESSAGE");
  assert.equal(await line(), `{ text: 'By ${protocol}.', withheld: null }`);
  run.kill("SIGTERM");
  await once(run, "exit");
}
console.log("live: the program of the API page follows by both protocols");

// The example in Rust, also over a restart.
example = spawn(join(dirname(binary), "examples/follow_worklist"), {
  env: { URL: process.env.URL, TOKEN: tokens.nurse }, stdio: ["ignore", "pipe", "inherit"],
});
await once(example, "spawn");
const printed = createInterface({ input: example.stdout })[Symbol.asyncIterator]();
// The next line that is a topic or a number of rows.
const nextLine = async (wanted) => {
  for (;;) {
    const { value, done } = await printed.next();
    assert.ok(!done, "the example goes on");
    if (wanted.test(value)) return value;
  }
};
const turns = async () => Number((await nextLine(/^\d+ rows$/)).split(" ")[0]);
const giveTurn = async () => {
  const { id, version: at } = await shared();
  const to = { party: { personId: nurse.person.id } };
  await command("setWaitingOn", id, { expectedVersion: at, to, note: "Can you take it?" });
};
const listedFirst = await turns();
await giveTurn();
await nextLine(/^YOUR_TURN$/);
assert.equal(await turns(), listedFirst + 1);
await stop();
assert.equal(await start(new URL(url).host), url);
await giveTurn();
await nextLine(/^(MISSED|YOUR_TURN)$/);
for (let rows = await turns(); rows !== listedFirst + 2; rows = await turns()) assert.equal(rows, listedFirst + 1);
example.kill("SIGTERM");
await once(example, "exit");
console.log("live: the example in Rust follows a worklist, also over a restart");

await Promise.all([sockets, apollo.socket, urql.socket].map((each) => each.dispose()));
events.dispose();
apollo.client.stop();
await stop();
process.exit();
