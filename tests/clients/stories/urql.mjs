// urql with Graphcache, set up as on the API page, through the story of a thread.
import assert from "node:assert/strict";
import { gql } from "@urql/core";
import { client } from "../page/urql.mjs";
import { post } from "../page/urql-post.mjs";
import { arrange, expireOnce, requestsOf } from "./arrange.mjs";

const { id, change } = await arrange(5);

const INBOX = gql`
  query Inbox($first: Int!, $after: String) {
    viewer {
      id
      person { id name { text withheld } }
      inbox(first: $first, after: $after) {
        nodes { ...Row }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
  fragment Row on Thread {
    __typename id version status unreadCount
    subject { text withheld }
    waitingOn { party action due }
    ... on Consultation { state urgency }
  }
`;
const THREAD = gql`
  query Thread($id: ID!, $last: Int!, $before: String) {
    thread(id: $id) {
      id version unreadCount
      subject { text withheld }
      waitingOn { party action since due note { text withheld } }
      viewerCanPost { allowed reason message }
      messages(last: $last, before: $before) {
        nodes { id audience body { text withheld } postedAt }
        pageInfo { hasPreviousPage startCursor }
      }
    }
  }
`;

const read = async (query, variables, requestPolicy = "cache-first") => {
  const { data, error } = await client.query(query, variables, { requestPolicy }).toPromise();
  if (error) throw error;
  return data;
};

// The inbox, page by page: each page comes with those before it.
const list = async (after) => (await read(INBOX, { first: 3, after })).viewer.inbox;
let inbox = await list();
while (inbox.pageInfo.hasNextPage) inbox = await list(inbox.pageInfo.endCursor);
const rows = inbox.nodes.map((row) => row.id);
assert.ok(rows.length > 3 && new Set(rows).size === rows.length, "each thread once");
assert.equal(rows[0], id);
// A fragment on the interface holds for each kind of thread.
assert.ok(inbox.nodes.every((row) => row.subject && (row.__typename === "TeamThread") === (row.state === undefined)));

// The messages, the newest first.
const page = async (before) => (await read(THREAD, { id, last: 2, before })).thread.messages;
const texts = ({ nodes }) => nodes.map(({ body }) => body.text);
let messages = await page();
assert.deepEqual(texts(messages), ["message 4", "message 5"]);
while (messages.pageInfo.hasPreviousPage) messages = await page(messages.pageInfo.startCursor);
assert.deepEqual(texts(messages), ["message 1", "message 2", "message 3", "message 4", "message 5"]);

// A message is one request: the cache shows it without another one.
const { version } = (await read(THREAD, { id, last: 2 })).thread;
const sent = await requestsOf(async () => {
  const { problems, message } = await post(id, { body: "message 6", expectedVersion: version });
  assert.deepEqual(problems, []);
  assert.equal(message.body.text, "message 6");
  assert.deepEqual(texts(await page()).slice(-2), ["message 5", "message 6"]);
});
assert.equal(sent.length, 1);

// A repeat with the same key has no further effect; with another text it is refused.
const key = { clientMutationId: `urql-${Date.now()}` };
assert.deepEqual((await post(id, { ...key, body: "message 7" })).problems, []);
assert.equal((await post(id, { ...key, body: "another" })).problems[0].code, "IDEMPOTENCY_MISMATCH");

// A problem says where.
const [blank] = (await post(id, { body: " " })).problems;
assert.deepEqual([blank.__typename, blank.code, blank.path], ["InputProblem", "EMPTY", ["input", "body"]]);

// A second device has changed the thread: the conflict names the version to decide again about.
const changed = await change(version);
const [conflict] = (await post(id, { body: "too late", expectedVersion: version })).problems;
assert.deepEqual([conflict.code, conflict.currentVersion], ["VERSION_CONFLICT", changed.version]);
const [reread] = await requestsOf(() => read(THREAD, { id, last: 2 }, "network-only"));
assert.ok(reread.readAfter, "what is read after a command shows its effect");
const { thread } = await read(THREAD, { id, last: 2 }, "cache-only");
assert.deepEqual([thread.version, thread.waitingOn.note.text], [changed.version, "And Saturday?"]);
assert.deepEqual((await post(id, { body: "message 8", expectedVersion: thread.version })).problems, []);

// After a restore of the log, the position is dropped.
expireOnce();
await assert.rejects(read(INBOX, { first: 1 }, "network-only"), /expired/);
const [after] = await requestsOf(() => read(INBOX, { first: 1 }, "network-only"));
assert.equal(after.readAfter, null);
console.log("urql: the story was told");
