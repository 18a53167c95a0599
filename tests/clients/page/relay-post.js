import { randomUUID } from "node:crypto";
import { commitMutation, ConnectionHandler } from "relay-runtime";
import { environment, graphql } from "./relay.js";

const mutation = graphql`
  mutation relayPostMutation($threadId: ID!, $input: PostMessageInput!) {
    postMessage(threadId: $threadId, input: $input) {
      problems { __typename code message path ... on ConflictProblem { currentVersion } }
      message { id audience body { text withheld } postedAt }
      thread { id version unreadCount updatedAt }
    }
  }
`;

// `lists` are the ids of the connections that show the message. `@appendNode` would warn of each refused command.
export const post = (threadId, input, lists = []) =>
  new Promise((resolve, reject) => {
    commitMutation(environment, {
      mutation,
      variables: { threadId, input: { clientMutationId: randomUUID(), ...input } },
      updater(store) {
        const message = store.getRootField("postMessage")?.getLinkedRecord("message");
        if (!message) return;
        for (const list of lists.map((id) => store.get(id)).filter(Boolean)) {
          const edge = ConnectionHandler.createEdge(store, list, message, "MessageEdge");
          ConnectionHandler.insertEdgeAfter(list, edge);
        }
      },
      onCompleted: ({ postMessage }) => resolve(postMessage),
      onError: reject,
    });
  });

if (process.argv[1] === import.meta.filename) {
  const { problems, message } = await post("BRgVOg6ukVAFsvI9hPJeUWQ", { body: "Any syncope?" });
  console.log(problems, message);
}
