// Apollo Client, set up as on the API page, through the story of a thread.
import assert from "node:assert/strict";
import { gql } from "@apollo/client";
import { loadDevMessages, loadErrorMessages } from "@apollo/client/dev";
import { filter, firstValueFrom } from "rxjs";
import { client } from "../page/apollo.mjs";
import { post } from "../page/apollo-post.mjs";
import { arrange, expireOnce, requestsOf } from "./arrange.mjs";

loadDevMessages();
loadErrorMessages();
const { id, change } = await arrange(5);

const INBOX = gql`
  query Inbox($first: Int!, $after: String) {
    viewer {
      id
      person { id name { text withheld } }
      inbox(first: $first, after: $after) {
        edges { node { ...Row } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
  fragment Row on Thread {
    id version status unreadCount
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
        edges { cursor node { id audience body { text withheld } postedAt } }
        pageInfo { hasPreviousPage startCursor }
      }
    }
  }
`;

// A watched query. `data` waits until nothing is being fetched for it.
const watch = (query, variables) => {
  const watched = client.watchQuery({ query, variables, notifyOnNetworkStatusChange: true });
  watched.subscribe({ error: assert.fail });
  const data = async () => (await firstValueFrom(watched.pipe(filter(({ loading }) => !loading)))).data;
  return { watched, data };
};
const nodes = ({ edges }) => edges.map(({ node }) => node);

// The inbox, page by page.
const inbox = watch(INBOX, { first: 3 });
const list = async () => (await inbox.data()).viewer.inbox;
for (let page = await list(); page.pageInfo.hasNextPage; page = await list()) {
  await inbox.watched.fetchMore({ variables: { after: page.pageInfo.endCursor } });
}
const rows = nodes(await list()).map((row) => row.id);
assert.ok(rows.length > 3 && new Set(rows).size === rows.length, "each thread once");
assert.equal(rows[0], id);
// A fragment on the interface holds for each kind of thread.
assert.ok(nodes(await list()).every((row) => row.subject && (row.__typename === "TeamThread") === (row.state === undefined)));

// The messages, the newest first.
const thread = watch(THREAD, { id, last: 2 });
const messages = async () => (await thread.data()).thread.messages;
const bodies = async () => nodes(await messages()).map(({ body }) => body.text);
assert.deepEqual(await bodies(), ["message 4", "message 5"]);
for (let page = await messages(); page.pageInfo.hasPreviousPage; page = await messages()) {
  await thread.watched.fetchMore({ variables: { before: page.pageInfo.startCursor } });
}
assert.deepEqual(await bodies(), ["message 1", "message 2", "message 3", "message 4", "message 5"]);

// A message is one request: the cache shows it without another one.
const { version } = (await thread.data()).thread;
const sent = await requestsOf(async () => {
  const { problems, message } = await post(id, { body: "message 6", expectedVersion: version });
  assert.deepEqual(problems, []);
  assert.equal(message.body.text, "message 6");
});
assert.equal(sent.length, 1);
assert.deepEqual((await bodies()).slice(-2), ["message 5", "message 6"]);

// A repeat with the same key has no further effect; with another text it is refused.
const key = { clientMutationId: `apollo-${Date.now()}` };
assert.deepEqual((await post(id, { ...key, body: "message 7" })).problems, []);
assert.equal((await post(id, { ...key, body: "another" })).problems[0].code, "IDEMPOTENCY_MISMATCH");

// A problem says where.
const [blank] = (await post(id, { body: " " })).problems;
assert.deepEqual([blank.__typename, blank.code, blank.path], ["InputProblem", "EMPTY", ["input", "body"]]);

// A second device has changed the thread: the conflict names the version to decide again about.
const changed = await change(version);
const [conflict] = (await post(id, { body: "too late", expectedVersion: version })).problems;
assert.deepEqual([conflict.code, conflict.currentVersion], ["VERSION_CONFLICT", changed.version]);
const [reread] = await requestsOf(() => thread.watched.refetch());
assert.ok(reread.readAfter, "what is read after a command shows its effect");
const seen = (await thread.data()).thread;
assert.deepEqual([seen.version, seen.waitingOn.note.text], [changed.version, "And Saturday?"]);
assert.deepEqual((await post(id, { body: "message 8", expectedVersion: changed.version })).problems, []);

// A view that selects less of an object without an id replaces it: the watched query asks for the rest again.
const TURN = gql`query Turn($id: ID!) { thread(id: $id) { id waitingOn { party } } }`;
await client.query({ query: TURN, variables: { id }, fetchPolicy: "network-only" });
assert.equal((await thread.data()).thread.waitingOn.note.text, "And Saturday?");

// After a restore of the log, the position is dropped.
expireOnce();
await assert.rejects(client.query({ query: INBOX, variables: { first: 1 }, fetchPolicy: "network-only" }), /expired/);
const [after] = await requestsOf(() => client.query({ query: INBOX, variables: { first: 1 }, fetchPolicy: "network-only" }));
assert.equal(after.readAfter, null);

client.stop();
console.log("Apollo Client: the story was told");
