import { Client, fetchExchange, mapExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import { introspectionFromSchema } from "graphql";
import { connections, schema, withoutId } from "./schema.mjs";

const resolvers = {};
for (const { type, field } of connections) resolvers[type] = { ...resolvers[type], [field]: relayPagination() };

// Graphcache does not know which list the message belongs to: it is added to the newest page.
const postMessage = ({ postMessage: { message, thread } }, _, cache) => {
  if (!message || !thread) return;
  const pages = cache.inspectFields(thread).filter(({ fieldName }) => fieldName === "messages");
  const newest = pages.find((page) => page.arguments?.last && !page.arguments.before);
  const list = newest && cache.resolve(thread, newest.fieldKey);
  if (list) cache.link(list, "nodes", [...cache.resolve(list, "nodes"), message]);
};

// What is read after a command shows its effect.
let position;
const readAfter = mapExchange({
  onResult({ operation, error, extensions }) {
    if (error?.graphQLErrors.some((each) => each.extensions?.code === "POSITION_EXPIRED")) position = undefined;
    else if (operation.kind === "mutation") position = extensions?.position ?? position;
  },
});

export const client = new Client({
  url: process.env.URL,
  preferGetMethod: false,
  fetchOptions: () => ({
    headers: { authorization: `Bearer ${process.env.TOKEN}`, ...(position && { "x-read-after": position }) },
  }),
  exchanges: [
    cacheExchange({
      schema: introspectionFromSchema(schema),
      keys: Object.fromEntries(withoutId.map((type) => [type, () => null])),
      resolvers,
      updates: { Mutation: { postMessage } },
    }),
    readAfter,
    fetchExchange,
  ],
});
