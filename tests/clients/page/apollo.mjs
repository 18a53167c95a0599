import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";
import { tap } from "rxjs";
import { connections, possibleTypes, withoutId } from "./schema.mjs";

// What has no id belongs to its parent and replaces what was there.
const typePolicies = Object.fromEntries(withoutId.map((type) => [type, { keyFields: false, merge: false }]));
for (const { type, field, filters } of connections) {
  typePolicies[type] ??= {};
  typePolicies[type].fields = { ...typePolicies[type].fields, [field]: relayStylePagination(filters) };
}

// What is read after a command shows its effect.
let position;
const readAfter = new ApolloLink((operation, forward) => {
  if (position) operation.setContext(({ headers }) => ({ headers: { ...headers, "x-read-after": position } }));
  return forward(operation).pipe(
    tap(({ errors, extensions }) => {
      if (errors?.some((error) => error.extensions?.code === "POSITION_EXPIRED")) position = undefined;
      else if (operation.operationType === "mutation") position = extensions?.position ?? position;
    }),
  );
});

export const client = new ApolloClient({
  cache: new InMemoryCache({ possibleTypes, typePolicies }),
  link: ApolloLink.from([
    readAfter,
    new HttpLink({ uri: process.env.URL, headers: { authorization: `Bearer ${process.env.TOKEN}` } }),
  ]),
});
