// The course of a consultation and of a team thread, by a public GraphQL client against a running demo:
// node road.mjs URL BINARY DATA. It reads the schema by introspection, validates the documents of
// examples/queries against it, and gives each command as the person whose duty it is.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { buildClientSchema, getIntrospectionQuery, parse, validate } from "graphql";
import { GraphQLClient } from "graphql-request";

const [url, binary, data] = process.argv.slice(2);
const token = (handle) => execFileSync(binary, ["token", "--as", handle, "--data", data], { encoding: "utf8" }).trim();
const client = (handle) => new GraphQLClient(url, { headers: { authorization: `Bearer ${token(handle)}` } });
const people = Object.fromEntries(
  ["pcp", "nurse", "specialist", "centre_coordinator", "patient", "social_worker", "admin"].map((handle) => [handle, client(handle)]),
);
const run = Date.now().toString(36);
let keys = 0;
const key = () => `road-${run}-${keys++}`;
const done = (payload) => {
  assert.deepEqual(payload.problems, []);
  return payload;
};

// The schema, as tools read it.
const schema = buildClientSchema(await people.pcp.request(getIntrospectionQuery()));
const folder = new URL("../../examples/queries/", import.meta.url);
const documents = Object.fromEntries(
  readdirSync(folder).map((file) => [file.replace(".graphql", ""), readFileSync(new URL(file, folder), "utf8")]),
);
for (const [name, document] of Object.entries(documents)) {
  assert.deepEqual(validate(schema, parse(document)), [], name);
}

// Whom and whom to ask.
const { viewer } = await people.pcp.request(`{
  viewer { patients { nodes { id name { text } viewerCanRequestConsultation { allowed } } } organizations { name pools { id specialty } } }
}`);
const patients = viewer.patients.nodes.filter((each) => each.viewerCanRequestConsultation.allowed);
const inbox = await people.patient.request(`{ viewer { patients { nodes { id } } } }`);
const patient = patients.find((each) => inbox.viewer.patients.nodes.some((own) => own.id === each.id));
assert.ok(patient, "the pcp cares for the patient who can sign in");
const pool = viewer.organizations.flatMap((each) => each.pools).find((each) => each.specialty === "cardiology");

// Ask, twice with one key: one consultation.
const asking = {
  clientMutationId: key(), patientId: patient.id, poolId: pool.id, topic: "CLINICAL_ADVICE", urgency: "URGENT",
  subject: "Palpitations at night", question: "Holter, or wait and see? Potassium 3.9, TSH normal.",
  consent: { given: { method: "VERBAL", at: new Date().toISOString() } }, mayConvert: false,
};
const ask = `mutation ($input: RequestConsultationInput!) {
  requestConsultation(input: $input) { replayed position problems { code message path } consultation { id version state dueAt } }
}`;
const { requestConsultation: asked } = await people.pcp.request(ask, { input: asking });
const { consultation } = done(asked);
const { requestConsultation: again } = await people.pcp.request(ask, { input: asking });
assert.ok(again.replayed && again.consultation.id === consultation.id);
const { requestConsultation: reused } = await people.pcp.request(ask, { input: { ...asking, mayConvert: true } });
assert.equal(reused.problems[0].code, "IDEMPOTENCY_MISMATCH");
const { requestConsultation: wrong } = await people.pcp.request(ask, {
  input: { ...asking, clientMutationId: key(), subject: " ", question: "", patientId: "nobody" },
});
assert.ok(wrong.problems.length >= 2, "all input problems at once");

// Reading one's own write on any connection.
const reading = new GraphQLClient(url, {
  headers: { authorization: `Bearer ${token("specialist")}`, "x-read-after": asked.position },
});
const read = async (by, id = consultation.id) => (await by.request(documents.consultation, { id })).consultation;
assert.equal((await read(reading)).state, "SUBMITTED");
assert.equal(await read(people.admin), null);

const command = async (by, name, selecting, type, input) => {
  const { version } = await read(by);
  const result = await by.request(
    `mutation ($id: ID!, $input: ${type}!) { ${name}(${selecting}: $id, input: $input) { replayed problems { code message path } } }`,
    { id: consultation.id, input: { clientMutationId: key(), expectedVersion: version, ...input } },
  );
  return result[name];
};
const onConsultation = (by, name, input) =>
  command(by, name, "consultationId", `${name[0].toUpperCase()}${name.slice(1)}Input`, input);

const early = await command(people.specialist, "claimThread", "threadId", "ClaimThreadInput", {});
assert.equal(early.problems.length, 1, "a claim before the assignment is refused");
done(await onConsultation(people.centre_coordinator, "assignConsultation", {}));
done(await command(people.specialist, "claimThread", "threadId", "ClaimThreadInput", {}));
const notHis = await onConsultation(people.pcp, "adviseConsultation", {
  recommendations: [{ kind: "TREAT", certainty: "LOW", text: "my own" }], minutesSpent: 1,
});
assert.equal(notHis.problems[0].code, "NOT_PERMITTED");

const post = async (by, audience, body) => {
  const document = `mutation ($id: ID!, $input: PostMessageInput!) {
    postMessage(threadId: $id, input: $input) { problems { code } message { id body { text } } }
  }`;
  const input = { clientMutationId: key(), body, ...(audience && { audience }) };
  return (await by.request(document, { id: consultation.id, input })).postMessage;
};
done(await post(people.nurse, "CLINICAL_TEAM", "ECG from Tuesday is in the chart."));
done(await post(people.patient, null, "It is worse after coffee."));
assert.equal((await post(people.patient, "CLINICAL_TEAM", "?")).problems[0].code, "NOT_PERMITTED");

done(await onConsultation(people.specialist, "adviseConsultation", {
  recommendations: [{ kind: "TEST", certainty: "HIGH", text: "Holter for 48 hours" }], comeBackWhen: "Syncope", minutesSpent: 12,
}));
const asPatient = await read(people.patient);
assert.deepEqual([asPatient.question.withheld, asPatient.advice], ["WITHHELD", null]);
assert.deepEqual(asPatient.messages.nodes.map((each) => each.body.text), ["It is worse after coffee."]);
const { advice } = await read(people.pcp);
done(await onConsultation(people.pcp, "recordPlan", {
  dispositions: advice.recommendations.map((each) => ({ recommendationId: each.id, disposition: "ACCEPTED" })),
}));
done(await onConsultation(people.pcp, "informPatient", { method: "TELEPHONE", toldAt: new Date().toISOString() }));
assert.equal((await read(people.patient)).advice.recommendations[0].text.text, "Holter for 48 hours");
done(await onConsultation(people.pcp, "closeConsultation", { outcome: "NEW_PLAN", helpful: 5, educational: 4 }));
assert.equal((await read(people.pcp)).state, "CLOSED");
assert.ok((await post(people.pcp, "EVERYONE", "too late")).problems.length === 1);

// A team thread about the same patient: the nurse and the specialist, who is invited from the other
// organization. The patient finds it nowhere.
const organization = async (by) => (await by.request(`{ viewer { roles { organization { id } } } }`)).viewer.roles[0].organization.id;
const ids = async (by) => (await by.request(`{ viewer { person { id } } }`)).viewer.person.id;
const [practice, centre] = [await organization(people.pcp), await organization(people.specialist)];
const opening = {
  clientMutationId: key(), patientId: patient.id, topic: "SCHEDULING", subject: "Who fetches the recorder?",
  owner: { person: { personId: await ids(people.pcp) } },
  participants: [
    { personId: await ids(people.nurse), place: { role: "NURSE", organizationId: practice } },
    { personId: await ids(people.specialist), place: { role: "PHYSICIAN", organizationId: centre }, history: { window: "FROM_JOIN" } },
  ],
  waitingOn: { party: { personId: await ids(people.nurse) } }, note: "Can you fetch it on Friday?",
};
const open = `mutation ($input: OpenTeamThreadInput!) { openTeamThread(input: $input) { problems { code message path } teamThread { id } } }`;
const team = done((await people.pcp.request(open, { input: opening })).openTeamThread).teamThread.id;
const readTeam = async (by) => (await by.request(documents.team_thread, { id: team })).teamThread;
const onTeam = async (by, name, input, target = "threadId") => {
  const document = `mutation ($id: ID!, $input: ${name[0].toUpperCase()}${name.slice(1)}Input!) { ${name}(${target}: $id, input: $input) { problems { code message path } } }`;
  return (await by.request(document, { id: team, input: { clientMutationId: key(), ...input } }))[name];
};
assert.equal(await readTeam(people.patient), null);
assert.equal(await readTeam(people.social_worker), null);
const waiting = await readTeam(people.specialist);
assert.deepEqual([waiting.subject.withheld, waiting.patient, waiting.messages.nodes], ["WITHHELD", null, []]);
done(await onTeam(people.nurse, "postMessage", { body: "Yes, after two." }));
done(await onTeam(people.specialist, "acceptInvitation", {}));
assert.deepEqual((await readTeam(people.specialist)).messages.nodes, []);
const versionOf = async (by) => (await readTeam(by)).version;
done(await onTeam(people.nurse, "setWaitingOn", {
  expectedVersion: await versionOf(people.nurse), to: { party: { personId: await ids(people.specialist) } }, note: "Is it ready then?",
}));
assert.equal((await readTeam(people.pcp)).waitingOn.action, "thread.post");
done(await onTeam(people.pcp, "parkTeamThread", {
  expectedVersion: await versionOf(people.pcp), reviewAt: new Date(Date.now() + 3 * 86400e3).toISOString(), reason: "Until Friday.",
}, "teamThreadId"));
assert.equal((await readTeam(people.nurse)).state, "PARKED");
done(await onTeam(people.pcp, "closeThread", { expectedVersion: await versionOf(people.pcp), outcome: "Fetched." }));
assert.equal((await readTeam(people.nurse)).closingNote.text, "Fetched.");
done(await onTeam(people.specialist, "reopenThread", {
  expectedVersion: await versionOf(people.specialist), reason: "The battery is empty.", to: { party: { personId: await ids(people.nurse) } },
}));
assert.equal(await readTeam(people.patient), null);
console.log(`the road was walked: ${keys} commands by ${Object.keys(people).length} people`);
