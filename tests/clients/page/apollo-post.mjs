import { randomUUID } from "node:crypto";
import { gql } from "@apollo/client";
import { client } from "./apollo.mjs";

const POST = gql`
  mutation Post($threadId: ID!, $input: PostMessageInput!) {
    postMessage(threadId: $threadId, input: $input) {
      problems { __typename code message path ... on ConflictProblem { currentVersion } }
      message { id audience body { text withheld } postedAt }
      thread { id version unreadCount updatedAt }
    }
  }
`;

// Apollo does not know which list the message belongs to: the new edge is added to the cached page.
const update = (cache, { data: { postMessage: { message, thread } } }) => {
  if (!message || !thread) return;
  const edge = { __typename: "MessageEdge", cursor: "", node: { __ref: cache.identify(message) } };
  const messages = (page) => ({ ...page, edges: [...page.edges, edge] });
  cache.modify({ id: cache.identify(thread), fields: { messages } });
};

export const post = async (threadId, input) => {
  const variables = { threadId, input: { clientMutationId: randomUUID(), ...input } };
  const { data } = await client.mutate({ mutation: POST, variables, update });
  return data.postMessage;
};

if (process.argv[1] === import.meta.filename) {
  const { problems, message } = await post("BRgVOg6ukVAFsvI9hPJeUWQ", { body: "Any syncope?" });
  console.log(problems, message);
}
