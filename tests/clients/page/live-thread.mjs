import { ask, eventClient, resuming, socketClient } from "./live.mjs";

const THREAD = `query Thread($id: ID!) { thread(id: $id) { id messages(last: 1) { nodes { body { text withheld } } } } }`;
const EVENTS = `subscription ThreadEvents($id: ID!, $after: Position) {
  threadEvents(threadId: $id, after: $after) { position topic isOwn }
}`;

const id = process.argv[2];
const client = resuming(process.argv[3] === "sse" ? eventClient() : socketClient());
const show = ({ data }) => console.log(data.thread?.messages.nodes[0]?.body);

// Read, then follow from where the answer has read: nothing happens in between unseen.
const first = await ask(THREAD, { id });
show(first);
const stop = client.subscribe(
  { query: EVENTS, variables: { id, after: first.position } },
  {
    async next({ data, errors }) {
      if (errors) return console.error(errors);
      const { topic, position } = data.threadEvents;
      console.log(topic);
      show(await ask(THREAD, { id }, position));
    },
    error: (error) => console.error(error),
    complete: () => process.exit(),
  },
);
process.on("SIGTERM", () => {
  stop();
  process.exit();
});
