import { randomUUID } from "node:crypto";
import { gql } from "@urql/core";
import { client } from "./urql.mjs";

const POST = gql`
  mutation Post($threadId: ID!, $input: PostMessageInput!) {
    postMessage(threadId: $threadId, input: $input) {
      problems { __typename code message path ... on ConflictProblem { currentVersion } }
      message { id audience body { text withheld } postedAt }
      thread { id version unreadCount updatedAt }
    }
  }
`;

export const post = async (threadId, input) => {
  const variables = { threadId, input: { clientMutationId: randomUUID(), ...input } };
  const { data, error } = await client.mutation(POST, variables);
  if (error) throw error;
  return data.postMessage;
};

if (process.argv[1] === import.meta.filename) {
  const { problems, message } = await post("BRgVOg6ukVAFsvI9hPJeUWQ", { body: "Any syncope?" });
  console.log(problems, message);
}
