import { ApolloLink } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { client } from "./apollo.mjs";
import { resuming, socketClient } from "./live.mjs";

export const socket = socketClient();
client.setLink(
  ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(resuming(socket)),
    client.link,
  ),
);
export { client };
