// A team thread of the signed-in person for one story, and what they do with it on a second device, by plain requests.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

const { URL: url, TOKEN: token } = process.env;

const ask = async (query, variables) => {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined);
  return data;
};

const carryOut = async (name, target, input) => {
  const type = `${name[0].toUpperCase()}${name.slice(1)}Input`;
  const [declared, argument] = target ? ["$id: ID!, ", "threadId: $id, "] : ["", ""];
  const entity = target ? "thread" : "teamThread";
  const document = `mutation (${declared}$input: ${type}!) {
    answer: ${name}(${argument}input: $input) { problems { code message path } entity: ${entity} { id version } }
  }`;
  const variables = { id: target, input: { clientMutationId: randomUUID(), ...input } };
  const { answer } = await ask(document, variables);
  assert.deepEqual(answer.problems, []);
  return answer.entity;
};

// Opens a team thread with `count` messages. `change` changes it, so that its version is another one.
export const arrange = async (count) => {
  const { viewer } = await ask("{ viewer { person { id } organizations { pools { id } } } }");
  const me = { party: { personId: viewer.person.id } };
  const [pool] = viewer.organizations.flatMap(({ pools }) => pools);
  const { id } = await carryOut("openTeamThread", null, {
    topic: "SCHEDULING", subject: "Rota", owner: { person: { personId: viewer.person.id } }, poolIds: [pool.id],
    waitingOn: me, note: "Who takes Friday?",
  });
  for (let number = 1; number <= count; number += 1) await carryOut("postMessage", id, { body: `message ${number}` });
  return {
    id,
    change: async (version) =>
      carryOut("setWaitingOn", id, { expectedVersion: version, to: me, note: "And Saturday?" }),
  };
};

// Counts the requests of `during`, and answers with the documents that they sent.
export const requestsOf = async (during) => {
  const sent = [];
  const real = globalThis.fetch;
  globalThis.fetch = (target, init) => {
    sent.push({ query: JSON.parse(init.body).query, readAfter: new Headers(init.headers).get("x-read-after") });
    return real(target, init);
  };
  try {
    await during();
  } finally {
    globalThis.fetch = real;
  }
  return sent;
};

// The next request is answered as after a restore of the log.
export const expireOnce = () => {
  const real = globalThis.fetch;
  globalThis.fetch = async () => {
    globalThis.fetch = real;
    const body = { errors: [{ message: "expired", extensions: { code: "POSITION_EXPIRED" } }] };
    return new Response(JSON.stringify(body), { status: 409, headers: { "content-type": "application/graphql-response+json" } });
  };
};
