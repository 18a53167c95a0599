// Relay, set up as on the API page, through the story of a thread.
import assert from "node:assert/strict";
import {
  ConnectionHandler, createOperationDescriptor, fetchQuery, getRequest, getSingularSelector,
} from "relay-runtime";
import { post } from "../page/relay-post.js";
import { environment, graphql } from "../page/relay.js";
import { arrange, expireOnce, requestsOf } from "./arrange.mjs";

const { id, change } = await arrange(5);

const inboxFragment = graphql`
  fragment relayStory_inbox on Viewer
  @argumentDefinitions(first: { type: "Int", defaultValue: 3 }, after: { type: "String" }) {
    inbox(first: $first, after: $after) @connection(key: "relayStory_inbox") {
      edges { node { id version status unreadCount subject { text withheld } waitingOn { party action due } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;
const inboxQuery = graphql`
  query relayStoryInboxQuery($first: Int!, $after: String) {
    viewer { id person { id name { text withheld } } ...relayStory_inbox @arguments(first: $first, after: $after) }
  }
`;
const threadFragment = graphql`
  fragment relayStory_thread on Thread
  @refetchable(queryName: "relayStoryThreadRefetchQuery")
  @argumentDefinitions(last: { type: "Int", defaultValue: 2 }, before: { type: "String" }) {
    id version unreadCount
    subject { text withheld }
    waitingOn { party action since due note { text withheld } }
    viewerCanPost { allowed reason message }
    messages(last: $last, before: $before) @connection(key: "relayStory_messages") {
      edges { node { id audience body { text withheld } postedAt } }
      pageInfo { hasPreviousPage startCursor }
    }
  }
`;
const threadQuery = graphql`
  query relayStoryThreadQuery($id: ID!) { thread(id: $id) { ...relayStory_thread } }
`;

// Asks the server and puts the answer into the store.
const load = (query, variables) => fetchQuery(environment, query, variables, { fetchPolicy: "network-only" }).toPromise();
// What a component that has this fragment of the query's root field sees in the store; nothing is missing.
const look = (query, variables, root, fragment) => {
  const { data } = environment.lookup(createOperationDescriptor(getRequest(query), variables).fragment);
  const seen = environment.lookup(getSingularSelector(fragment, data[root]));
  assert.equal(seen.isMissingData, false);
  return seen.data;
};
const nodes = ({ edges }) => edges.map(({ node }) => node);
// What the store would collect as garbage is kept for the length of the story.
const keep = (query, variables) => environment.retain(createOperationDescriptor(getRequest(query), variables));

// The inbox, page by page.
const first = { first: 3 };
keep(inboxQuery, first);
await load(inboxQuery, first);
const inbox = () => look(inboxQuery, first, "viewer", inboxFragment).inbox;
while (inbox().pageInfo.hasNextPage) await load(inboxQuery, { first: 3, after: inbox().pageInfo.endCursor });
const rows = nodes(inbox()).map((row) => row.id);
assert.ok(rows.length > 3 && new Set(rows).size === rows.length, "each thread once");
assert.equal(rows[0], id);

// The messages, the newest first, by the query that the compiler made of the fragment: it asks `node(id:)`.
keep(threadQuery, { id });
await load(threadQuery, { id });
const thread = () => look(threadQuery, { id }, "thread", threadFragment);
const bodies = () => nodes(thread().messages).map(({ body }) => body.text);
const { operation: refetchQuery } = threadFragment.metadata.refetch;
assert.deepEqual(bodies(), ["message 4", "message 5"]);
while (thread().messages.pageInfo.hasPreviousPage) {
  await load(refetchQuery, { id, last: 2, before: thread().messages.pageInfo.startCursor });
}
assert.deepEqual(bodies(), ["message 1", "message 2", "message 3", "message 4", "message 5"]);

// A message is one request: the store shows it without another one.
const { version } = thread();
const connections = [ConnectionHandler.getConnectionID(id, "relayStory_messages")];
const sent = await requestsOf(async () => {
  const { problems, message } = await post(id, { body: "message 6", expectedVersion: version }, connections);
  assert.deepEqual(problems, []);
  assert.equal(message.body.text, "message 6");
});
assert.equal(sent.length, 1);
assert.deepEqual(bodies().slice(-2), ["message 5", "message 6"]);

// A repeat with the same key has no further effect; with another text it is refused.
const key = { clientMutationId: `relay-${Date.now()}` };
assert.deepEqual((await post(id, { ...key, body: "message 7" })).problems, []);
assert.equal((await post(id, { ...key, body: "another" })).problems[0].code, "IDEMPOTENCY_MISMATCH");

// A problem says where.
const [blank] = (await post(id, { body: " " })).problems;
assert.deepEqual([blank.__typename, blank.code, blank.path], ["InputProblem", "EMPTY", ["input", "body"]]);

// A second device has changed the thread: the conflict names the version to decide again about.
const changed = await change(version);
const [conflict] = (await post(id, { body: "too late", expectedVersion: version })).problems;
assert.deepEqual([conflict.code, conflict.currentVersion], ["VERSION_CONFLICT", changed.version]);
const [reread] = await requestsOf(() => load(refetchQuery, { id, last: 2 }));
assert.ok(reread.readAfter, "what is read after a command shows its effect");
assert.deepEqual([thread().version, thread().waitingOn.note.text], [changed.version, "And Saturday?"]);
assert.deepEqual((await post(id, { body: "message 8", expectedVersion: changed.version }, connections)).problems, []);

// After a restore of the log, the position is dropped.
expireOnce();
await assert.rejects(load(inboxQuery, first), /expired/);
const [after] = await requestsOf(() => load(inboxQuery, first));
assert.equal(after.readAfter, null);
console.log("Relay: the story was told");
