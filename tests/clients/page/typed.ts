import { GraphQLClient } from "graphql-request";
import { InboxDocument, type InboxQuery } from "../generated/inbox/graphql.js";

type Row = NonNullable<InboxQuery["viewer"]["inbox"]>["nodes"][number];

const line = ({ subject, unreadCount, waitingOn }: Row): string =>
  `${subject.text ?? subject.withheld}: ${unreadCount} unread, waits for ${waitingOn?.party ?? "nobody"}`;

export const newest = async (url: string, token: string): Promise<string[]> => {
  const client = new GraphQLClient(url, { headers: { authorization: `Bearer ${token}` } });
  const { viewer } = await client.request(InboxDocument, { first: 5 });
  return (viewer.inbox?.nodes ?? []).map(line);
};
