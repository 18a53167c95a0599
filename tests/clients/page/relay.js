import { createRequire } from "node:module";
import { Environment, Network, RecordSource, Store } from "relay-runtime";

// In an application, babel-plugin-relay puts what the compiler made in the place of the document.
const require = createRequire(new URL("../__generated__/", import.meta.url));
export const graphql = ([document]) => require(`./${/(?:query|mutation|fragment)\s+(\w+)/.exec(document)[1]}.graphql.js`);

// What is read after a command shows its effect.
let position;
const ask = async ({ text, operationKind }, variables) => {
  const headers = { authorization: `Bearer ${process.env.TOKEN}`, "content-type": "application/json" };
  if (position) headers["x-read-after"] = position;
  const body = JSON.stringify({ query: text, variables });
  const answer = await (await fetch(process.env.URL, { method: "POST", headers, body })).json();
  if (answer.errors?.some((error) => error.extensions?.code === "POSITION_EXPIRED")) position = undefined;
  else if (operationKind === "mutation") position = answer.extensions?.position ?? position;
  return answer;
};

export const environment = new Environment({ network: Network.create(ask), store: new Store(new RecordSource()) });
