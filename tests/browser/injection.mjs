// Hostile texts in every text field: they are put in through the API, then every page with them is opened. No script
// runs, no dialogue opens, no policy is violated, no element is made of them, and each is read as it was written.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { open } from "./browser.mjs";
import { check } from "./report.mjs";

const MADE = "window.__x=(window.__x||0)+1";

/** Each is one line, so that it fits into a name, a subject and a message alike. */
export const payloads = [
  `<script>${MADE}</script>`,
  `"><script>${MADE}</script>`,
  `'><img src=x onerror="${MADE}">`,
  `<img src=x onerror=${MADE}>`,
  `<svg onload=${MADE}>`,
  `<svg><script href="data:text/javascript,${MADE}"/></svg>`,
  `<svg><animate onbegin=${MADE} attributeName=x dur=1s>`,
  `<body onload=${MADE}>`,
  `<iframe srcdoc="<script>parent.__x=1</script>"></iframe>`,
  `<a href="javascript:${MADE}">click</a>`,
  `javascript:${MADE}`,
  `data:text/html,<script>${MADE}</script>`,
  `</title><script>${MADE}</script>`,
  `</textarea><script>${MADE}</script>`,
  `</bdi></p></main><script>${MADE}</script>`,
  `</style><script>${MADE}</script>`,
  `--><script>${MADE}</script><!--`,
  `]]><script>${MADE}</script>`,
  `" autofocus onfocus="${MADE}" x="`,
  `' onmouseover='${MADE}' x='`,
  `\` onfocus=${MADE} autofocus`,
  `{{7*7}} {% include "layout.html" %} {{ frame.me }}`,
  `\${${MADE}} #{7*7} <%= 7*7 %>`,
  `{ $name } { DATETIME($day) } { -brand }`,
  `&lt;script&gt;${MADE}&lt;/script&gt; &#x3c; &amp;amp;`,
  `<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example/">`,
  `<form action="https://evil.example"><button>Sign in again</button></form>`,
  `<math><mtext><table><mglyph><style><img src=x onerror=${MADE}></style></mglyph></table></mtext></math>`,
  `null undefined NaN [object Object] true 0 -1`,
  `'; DROP TABLE threads; -- " OR 1=1 /*`,
  `\u202Egnirts desrever\u202C and \u2066isolated\u2069`,
  `Z\u0361\u0321a\u0338l\u0335g\u0334o\u0337 \u{1F469}\u200D\u2695\uFE0F \uFF1Cscript\uFF1E`,
  `%3Cscript%3E${MADE}%3C/script%3E %00 %0d%0aSet-Cookie:x=1`,
  `${"Donaudampfschifffahrtsgesellschaft".repeat(5)}`,
];

/** Texts that no field takes; a form that was sent with them shows them again. */
const refused = ["a\u0000b", "a\u001b[31mb", "a\u0008b"];

/** Where a text goes: the fields that the commands below fill. */
const FILLED = [
  "RequestConsultation.subject", "RequestConsultation.question", "PostMessage.body", "Message.body",
  "Recommendation.text", "AdviseConsultation.comeBackWhen", "Disposition.reason", "RecordPlan.note", "OpenTeamThread.subject",
  "OpenTeamThread.note", "SetWaitingOn.note", "ParkTeamThread.reason", "Transfer.reason", "AddParticipant.reason",
  "InviteParticipant.reason", "ChangeHistoryWindow.reason", "RemoveParticipant.note", "CloseThread.outcome", "ReopenThread.reason",
  "ReopenThread.note", "CorrectPatientDetails.name", "CorrectPatientDetails.reason", "CorrectPersonName.name",
  "CorrectPersonName.reason", "RenamePool.name", "RenamePool.publicName", "OpenPool.name", "OpenPool.publicName", "OpenPool.specialty",
  "CreateOrganization.name", "RegisterPatient.name", "RegisterPerson.name", "DraftField.text", "AskForAssignment.reason", "JoinCareTeam.reason",
  "BlockPerson.patientWord", "InviteDelegate.contact", "VerifyDelegateIdentity.evidence", "FailSafeguarding.reason",
  "SuspendDelegation.reason", "ResumeDelegation.reason", "ResumeDelegation.patientWord", "RevokeDelegation.reason",
  "RecordLegalAuthority.document", "VerifyLegalAuthority.evidence", "DisputeLegalAuthority.reason", "UpholdLegalAuthority.reason",
  "EndLegalAuthority.reason", "RejectLegalAuthority.reason", "RecordProtectionNote.reason", "LiftProtectionNote.reason",
  "RecordPatientDeath.source", "VoidPatientDeath.reason",
  "AskToHelp.patientName", "AskToHelp.text", "TellTeam.patientName", "TellTeam.text", "CloseOutsideMessage.reason",
  "DenyAccess.patientWord", "RecordDeniedAccess.patientWord", "RecordPermittedAccess.patientWord",
  "ConfirmConsentDirectiveOnPaper.document", "VoidConsentDirective.reason",
];
/** Fields of another form, which refuse these texts. */
const FORMS = ["SetPhone.phone", "SetCalendar.zone", "SetCalendar.holidays", "CorrectPatientDetails.birthDate", "RegisterPatient.birthDate", "WaitingOn.action",
  "SaveDraft.command", "DraftField.name", "AcceptDelegation.code", "DeclineDelegation.code", "AcceptDelegation.termsVersion",
  "PassSafeguarding.seenVersion", "RecordDelegationConsent.textVersion", "RenewDelegation.textVersion", "WidenDelegation.textVersion",
  "WidenDelegation.seenVersion", "WidenDelegationByLaw.seenVersion", "ShowThreadToDelegates.delegates",
  "AskToHelp.patientBirthDate", "TellTeam.patientBirthDate", "PermitAccess.textVersion", "ConfirmConsentDirective.textVersion"];
/**
 * Possible only where a pool owns a team thread, the owner can no longer act, a patient ends a link, or somebody else asks
 * from now on. They take the same type of text, and no page shows them.
 */
const RARE = [
  // Of roads of a helper that end where the one above ends, or that need a guardian or an employer.
  "FailDelegateIdentity.reason", "VerifyDelegateIdentity.employment", "RefuseHelpOffer.reason", "HideThreadFromDelegates.basis",
  "Opened.reason", "OwnWord.note", "WidenDelegationByLaw.basis",
  "HandOverRequest.reason", "Release.reason", "TakeOver.reason", "PassTurn.note", "EndPatientLink.reason"];

/** Every text field of an input of the schema, without the suffixes that all have. */
function fields() {
  const schema = readFileSync(new URL("../../schema/schema.graphql", import.meta.url), "utf8")
    .replaceAll(/"""[\s\S]*?"""/g, "").replaceAll(/"[^"\n]*"/g, "");
  return [...schema.matchAll(/^input (\w+?)(?:Thread)?Input[^{]*\{([\s\S]*?)^\}/gm)].flatMap(([, input, body]) =>
    [...body.matchAll(/^\t(\w+): \[?String/gm)].map(([, field]) => `${inputName(input)}.${field}`));
}
const inputName = (input) => ({ Close: "CloseThread", OpenTeam: "OpenTeamThread", ParkTeam: "ParkTeamThread", Reopen: "ReopenThread" })[input] ?? input;

/** What a name takes of a text: it has no invisible characters within, but where a script needs them. */
const asName = (text) => text.replaceAll(/[\u200D\u202A-\u202E\u2066-\u2069]/g, "");

/** One payload in every field. Returns the threads that have it. */
async function fill(world, people, text, number) {
  const { pcp, nurse, pharmacist, specialist } = people;
  const later = new Date(Date.now() + 3 * 86400e3).toISOString();
  const consultation = await world.ask({ subject: text, question: text });
  assert.deepEqual(consultation.problems, []);
  const id = consultation.id;
  await world.post("pcp", id, text, "EVERYONE");
  await world.post("nurse", id, text, "CLINICAL_TEAM");
  const draft = { draft: { key: `hostile-${number}` }, command: "thread.post", about: { threadId: id }, fields: [{ name: "body", text }] };
  await world.done("pcp", "saveDraft", { input: draft });
  await world.done("pcp", "askForAssignment", { target: "consultationId", id, input: { reason: text } });
  await world.onThread("centre_coordinator", id, "assignConsultation", {}, "consultationId");
  await world.onThread("specialist", id, "claimThread", {});

  const { id: team, problems } = await world.team({ subject: text, note: text });
  assert.deepEqual(problems, []);
  const to = { party: { personId: nurse.id } };
  const place = (person) => ({ personId: person.id, place: { role: person.role, organizationId: person.organization } });
  await world.onThread("pcp", team, "addParticipant", { ...place(pharmacist), reason: text });
  await world.onThread("pcp", team, "inviteParticipant", { ...place(specialist), reason: text });
  await world.onThread("pcp", team, "changeHistoryWindow", { personId: pharmacist.id, history: { window: "FROM_JOIN" }, reason: text });
  await world.onThread("pcp", team, "removeParticipant", { personId: pharmacist.id, note: text });
  await world.onThread("pcp", team, "setWaitingOn", { to, note: text, message: { audience: "EVERYONE", body: text } });
  await world.onThread("pcp", team, "transferThread", { to: { person: { personId: nurse.id } }, reason: text });
  await world.onThread("nurse", team, "transferThread", { to: { person: { personId: pcp.id } }, reason: text });
  await world.onThread("pcp", team, "closeThread", { outcome: text });
  await world.onThread("pcp", team, "reopenThread", { reason: text, to, note: text });
  await world.onThread("pcp", team, "parkTeamThread", { reviewAt: later, reason: text }, "teamThreadId");

  // Somebody joins the care team and leaves it, and somebody who has no part in it is blocked, and the block ends.
  const about = { target: "patientId", id: people.patient };
  await world.done("second_pcp", "joinCareTeam", { ...about, input: { role: "PHYSICIAN", reason: text } });
  await world.done("coordinator", "removeCareTeamMember", { ...about, input: { personId: people.second_pcp.id } });
  await world.done("coordinator", "blockPerson", { ...about, input: { personId: people.admin.id, patientWord: text } });
  const query = "query ($id: ID!) { patient(id: $id) { blocks { id endedAt byPatient } } }";
  const { patient } = await world.query("coordinator", query, { id: people.patient });
  const blockId = patient.blocks.find((block) => block.endedAt === null && !block.byPatient).id;
  await world.done("coordinator", "endBlock", { ...about, input: { blockId } });

  await fillHelpers(world, people, text);

  // Names are public or of persons: one of each has this name until the next text.
  const name = asName(text);
  await world.done("admin", "correctPersonName", { target: "personId", id: nurse.id, input: { organizationId: nurse.organization, name, reason: text } });
  await world.done("coordinator", "correctPatientDetails", { target: "patientId", id: people.patient, input: { name, reason: text } });
  const named = { name, publicName: name };
  await world.done("admin", "renamePool", { target: "organizationId", id: specialist.organization, input: { poolId: people.pool, ...named } });
  const unique = `${number} ${name}`;
  await world.done("admin", "openPool", { target: "organizationId", id: specialist.organization, input: { name: unique, publicName: unique, specialty: name.slice(0, 100) } });
  await world.done("admin", "createOrganization", { input: { name } });
  await world.done("admin", "registerPerson", { input: { organizationId: pcp.organization, name: unique, role: "NURSE" } });
  const registered = await world.done("coordinator", "registerPatient", {
    input: { organizationId: pcp.organization, name: unique, birthDate: "1960-01-01" }, select: "patient { id }",
  });
  const record = { target: "patientId", id: registered.patient.id };
  await world.done("coordinator", "recordPatientDeath", { ...record, input: { diedAt: new Date().toISOString(), source: text } });
  await world.done("coordinator", "voidPatientDeath", { ...record, input: { reason: text } });
  return { id, team };
}

/** Somebody is invited and does not pass the check, a helper is paused, and a right by law is on file until it ends. */
async function fillHelpers(world, people, text) {
  const about = { target: "patientId", id: people.patient };
  const later = new Date(Date.now() + 60 * 86400e3).toISOString();
  const scope = { topics: [{ topic: "SCHEDULING", read: true }], threadKinds: ["CONSULTATION"], history: "ALL" };
  const invite = async () => (await world.done("patient", "inviteDelegate", {
    input: { patientId: people.patient, contact: text, kind: "PATIENT_AUTHORISED", relationship: "FRIEND", scope, until: later },
    select: "invitationCode delegation { id }",
  }));
  const onHelp = (handle, name, id, input) => world.done(handle, name, { target: "delegationId", id, input });
  const { invitationCode: code, delegation: { id } } = await invite();
  await onHelp("pharmacist", "acceptDelegation", id, { code, termsVersion: "2026-11", ownAccount: true });
  await onHelp("nurse", "verifyDelegateIdentity", id, { method: "IN_PERSON", level: "HIGH", evidence: text });
  await onHelp("nurse", "failSafeguarding", id, { reason: text });
  await onHelp("patient", "revokeDelegation", (await invite()).delegation.id, { reason: text });
  await onHelp("patient", "suspendDelegation", people.help, { reason: text });
  const checks = { necessary: true, relevant: true, safe: true, askedAlone: "ASKED" };
  await onHelp("nurse", "resumeDelegation", people.help, { reason: text, checks, patientWord: text });

  const onRight = (handle, name, id, input) => world.done(handle, name, { target: "legalAuthorityId", id, input });
  const file = async () => {
    const input = { patientId: people.patient, personId: people.admin.id, kind: "HEALTH_POWER_OF_ATTORNEY", ground: "OWN_WILL", document: text };
    await world.done("pcp", "recordLegalAuthority", { input });
    const query = "query ($id: ID!) { legalAuthorities(patientId: $id) { id state } }";
    const { legalAuthorities } = await world.query("nurse", query, { id: people.patient });
    return legalAuthorities.find(({ state }) => state === "RECORDED").id;
  };
  const right = await file();
  const now = new Date().toISOString();
  await onRight("nurse", "verifyLegalAuthority", right, { limits: { topics: scope.topics }, from: now, until: later, evidence: text });
  await onRight("patient", "disputeLegalAuthority", right, { reason: text });
  await onRight("privacy_officer", "upholdLegalAuthority", right, { reason: text });
  await onRight("nurse", "endLegalAuthority", right, { reason: text, endedAt: new Date().toISOString() });
  await onRight("nurse", "rejectLegalAuthority", await file(), { reason: text });

  await world.done("nurse", "recordProtectionNote", { ...about, input: { personId: people.admin.id, reason: text } });
  await world.done("nurse", "liftProtectionNote", { ...about, input: { personId: people.admin.id, reason: text } });
}

/** Who writes from outside, in turn: each sends at most five messages of a kind in a month. */
const SENDERS = ["daughter", "son_abroad", "mother", "father", "guardian", "carer", "sister", "partner", "grandson"];

/** What the nurse does with a message from outside. */
const onMessage = (world, name, id, how) => world.done("nurse", name, { target: "outsideMessageId", id, ...how });

/** Somebody tells the team something, and offers to help. The nurse claims both. */
async function fillOutside(world, people, text, number) {
  const sender = people.senders[number % people.senders.length];
  const input = {
    organizationId: people.pcp.organization, patientName: asName(text), patientBirthDate: "1957-03", relationship: "NEIGHBOUR", text,
  };
  await world.done(sender.handle, "tellTeam", { input });
  await world.done(sender.handle, "askToHelp", { input: { ...input, kind: "PATIENT_AUTHORISED" } });
  const { viewer } = await world.query("nurse", "{ viewer { outsideMessages { id wish sender { id } } } }");
  // By due time, so the newest of a kind is the last.
  const newest = (wish) => viewer.outsideMessages.findLast((each) => each.wish === wish && each.sender.id === sender.id).id;
  const [told, offer] = [newest("TELL"), newest("HELP")];
  await onMessage(world, "claimOutsideMessage", told);
  await onMessage(world, "claimOutsideMessage", offer);
  return { told, offer };
}

/** A void directive, one that waits for the patient, and a void one that a patient without an account had signed on paper. */
async function fillDirectives(world, people, text) {
  // Without an end they would be blocks, and the same each time.
  const until = new Date(Date.now() + 60 * 86400e3).toISOString();
  const on = (handle, name, id, input, select) => world.done(handle, name, { target: "patientId", id, input, select });
  const begin = async (handle, name, id, input) => {
    const { patient } = await on(handle, name, id, { until, patientWord: text, ...input }, "patient { consentDirectives { id } }");
    // The newest comes first.
    return patient.consentDirectives[0].id;
  };
  const personId = people.admin.id;
  const denied = await begin("coordinator", "denyAccess", people.patient, { personId });
  await on("privacy_officer", "voidConsentDirective", people.patient, { directiveId: denied, reason: text });
  const permit = { personId: people.pharmacist.id, purpose: "TREATMENT" };
  const waiting = await begin("nurse", "recordPermittedAccess", people.patient, permit);
  const signed = await begin("pcp", "recordDeniedAccess", people.withoutAccount, { personId });
  await on("nurse", "confirmConsentDirectiveOnPaper", people.withoutAccount, { directiveId: signed, document: text });
  await on("privacy_officer", "voidConsentDirective", people.withoutAccount, { directiveId: signed, reason: text });
  return { denied, waiting, signed };
}

/** A fact of a directive on the page of a patient, counted from the last: what the patient said, and then why it is void. */
const fact = (directive, place) => `article[aria-labelledby="d-${directive}"] .facts > div:nth-last-child(${place}) dd`;

/** What the page made of the texts. */
const made = () => ({
  ran: window.__x,
  elements: document.querySelectorAll("main script, main img, main iframe, main base, main meta, main style, main math, main [onload], main [onerror], main [onfocus], main [onmouseover], a[href^='javascript:' i], a[href^='data:' i], form[action*='evil']").length,
  landmarks: document.querySelectorAll("main").length,
});

export async function harmless(view, where) {
  const found = await view.page.evaluate(made);
  assert.deepEqual(found, { ran: undefined, elements: 0, landmarks: 1 }, where);
  const sideways = await view.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(sideways <= 0, `${where} scrolls sideways`);
  assert.deepEqual(view.faults, [], where);
}

/** The places of a page that must show the text as it was written. */
async function shows(view, text, selectors) {
  for (const selector of selectors) {
    const found = await view.page.locator(selector).evaluateAll((all) => all.map((element) => element.value ?? element.textContent));
    assert.ok(found.some((words) => words.includes(text)), `${selector} does not show the text, but ${JSON.stringify(found).slice(0, 300)}`);
  }
}

export async function injection(browser, world) {
  await check("every text field of the API is among the hostile texts", () => {
    const known = [...FILLED, ...FORMS, ...RARE];
    const missing = fields().filter((field) => !known.includes(field));
    return missing.map((field) => `${field} is in the schema, and tests/browser/injection.mjs does not fill it`);
  });
  const people = {};
  for (const handle of ["pcp", "nurse", "pharmacist", "specialist", "second_pcp", "admin"]) {
    people[handle] = await world.me(handle);
  }
  people.patient = await world.patient("pcp", "Josef Grünwald");
  people.pool = await world.pool("pcp", "cardiology");
  people.help = await world.helper("patient");
  people.withoutAccount = await world.patient("pcp", "Herbert Aigner");
  people.senders = await Promise.all(SENDERS.map(async (handle) => ({ handle, id: (await world.me(handle)).id })));
  const before = people.nurse.name;
  const phone = { width: 375, height: 667 };
  const views = {};
  for (const handle of ["pcp", "specialist", "patient", "nurse", "centre_coordinator"]) {
    views[handle] = await open(browser, world, { handle, ...phone });
  }
  const { pcp, specialist, patient, nurse, centre_coordinator: coordinator } = views;
  // By its id, since its name is about to change.
  world.patient = async () => people.patient;

  for (const [number, written] of payloads.entries()) {
    await check(`hostile text ${number}: ${JSON.stringify(written).slice(0, 80)}`, async () => {
      // Texts are stored in NFC, and without the characters that reverse the direction of what follows.
      const text = written.normalize("NFC").replaceAll(/[\u202A-\u202E]/g, "");
      Object.values(views).forEach((view) => view.faults.splice(0));
      const { id, team } = await fill(world, people, written, number);
      const visit = async (view, path, selectors = [], names = []) => {
        await view.page.goto(path);
        await harmless(view, path);
        await shows(view, text, selectors);
        await shows(view, asName(text), names);
      };
      const { told, offer } = await fillOutside(world, people, written, number);
      await visit(nurse, "/outside-messages", [], [".row-text"]);
      await visit(nurse, `/outside-messages/${offer}`, [".typed"], [".facts dd", "#q"]);
      await visit(nurse, `/outside-messages/${told}?patient=${people.patient}`, [".typed", ".choice label"], [".facts dd", ".patient-name"]);
      await onMessage(world, "attachOutsideMessage", told, { input: { threadId: id } });
      const closed = await onMessage(world, "closeOutsideMessage", offer, {
        input: { ground: "UNMATCHED", reason: written }, select: "outsideMessage { reason { text } }",
      });
      // No page shows it.
      assert.equal(closed.outsideMessage.reason.text, text);

      const { denied, waiting, signed } = await fillDirectives(world, people, written);
      const directives = `/patients/${people.patient}/directives`;
      await visit(patient, directives, [fact(denied, 2), fact(denied, 1), fact(waiting, 1)]);
      await visit(patient, `${directives}/confirm?about=${waiting}`, [".page:has(form[action$='/confirm']) .facts dd"]);
      await world.done("patient", "refuseConsentDirective", { target: "patientId", id: people.patient, input: { directiveId: waiting } });
      await visit(pcp, `/patients/${people.withoutAccount}/directives`, [fact(signed, 2), fact(signed, 1)]);

      await visit(specialist, `/t/${id}/advise`, ["#question, .typed"]);
      await world.onThread("specialist", id, "adviseConsultation", {
        recommendations: [{ kind: "TEST", certainty: "LOW", text }], comeBackWhen: text, minutesSpent: 3,
      }, "consultationId");
      await visit(pcp, `/t/${id}/plan`, [".typed"], [".patient-name"]);
      const query = "query ($id: ID!) { consultation(id: $id) { advice { recommendations { id } } } }";
      const { consultation } = await world.query("pcp", query, { id });
      await world.onThread("pcp", id, "recordPlan", {
        dispositions: [{ recommendationId: consultation.advice.recommendations[0].id, disposition: "REJECTED", reason: text }], note: text,
      }, "consultationId");
      await world.onThread("pcp", id, "informPatient", {
        method: "LETTER", toldAt: new Date().toISOString(), message: { audience: "EVERYONE", body: text },
      }, "consultationId");
      for (const view of [pcp, specialist]) {
        await visit(view, `/t/${id}`, ["title", "h1", "[aria-labelledby=outside] .typed", ".message-body > p", ".rec p", ".rec-done"],
          [".message-who strong", ".patient-name", ".thread-kind"]);
        await visit(view, "/home");
        await visit(view, "/inbox", [".row-title a"]);
        await visit(view, "/inbox?show=done");
        await visit(view, "/worklist");
      }
      await visit(pcp, "/drafts", [".row-title"]);
      await visit(pcp, `/patients/${people.patient}`, [".aside .sub"], [".patient-name"]);
      await visit(pcp, `/t/${id}/named`, [".typed, textarea"]);
      await visit(pcp, `/t/${team}`, ["title", "h1", ".message-body > p"]);
      await visit(pcp, "/worklist");
      await visit(specialist, `/t/${team}`);
      await visit(patient, `/t/${id}`, [".message-body > p"]);
      await visit(patient, "/home");
      await visit(patient, "/inbox");
      await visit(patient, `/patients/${people.patient}/access`);
      await visit(patient, `/patients/${people.patient}/helpers`);
      await visit(pcp, `/patients/${people.patient}/helpers`);
      await visit(nurse, `/patients/${people.patient}/helpers`);
      await visit(coordinator, "/worklist");
      await visit(coordinator, "/home");

      // Words in an address.
      const word = encodeURIComponent(text);
      for (const path of [
        `/worklist?show=${word}`, `/inbox?after=${word}`, `/inbox?show=${word}&x="><script>${MADE}</script>`, `/t/${id}?sent=${word}`,
        `/t/${id}?done=${word}`, `/t/${id}?before=${word}`, `/t/${word}`, `/t/${id}/${word}`, `/?return_to=${word}`, `/${word}`, `/t/${id}?${word}#${word}`,
      ]) {
        await pcp.page.goto(path);
        await harmless(pcp, path);
      }
      await visit(patient, `/patients/${people.patient}/access?show=${word}&person=${word}&after=${word}`);
    });
  }

  await check("texts that no field takes", async () => {
    Object.values(views).forEach((view) => view.faults.splice(0));
    const { id } = await world.ask({ subject: "Plain", question: "Plain?" });
    for (const text of refused) {
      const { problems } = await world.ask({ subject: text, question: text });
      assert.deepEqual(problems.map((problem) => problem.code), ["CONTROL_CHARACTER", "CONTROL_CHARACTER"]);
      await pcp.page.goto(`/t/${id}`);
      const hostile = `${text}${payloads[13]}`;
      await pcp.page.locator("#body").fill(hostile);
      await pcp.page.locator("#reply button[value=CLINICAL_TEAM]").click();
      await pcp.page.locator(".error-summary").waitFor();
      await harmless(pcp, "a reply with a control character");
      const kept = await pcp.page.locator("#body").inputValue();
      assert.ok(kept.includes(payloads[13]), `the form keeps ${JSON.stringify(hostile)}, not ${JSON.stringify(kept)}`);
    }
    const about = { target: "patientId", id: people.patient };
    const outside = { organizationId: people.pcp.organization, patientName: "Plain", relationship: "FRIEND", text: "Plain." };
    const permit = { personId: people.pharmacist.id, purpose: "TREATMENT", until: new Date(Date.now() + 86400e3).toISOString() };
    for (const [handle, name, field, input, how] of [
      ["admin", "setPhone", "phone", {}, { target: "organizationId", id: people.pcp.organization }],
      ["coordinator", "correctPatientDetails", "birthDate", { reason: "x" }, about],
      ["friend", "tellTeam", "patientBirthDate", outside],
      ["friend", "askToHelp", "patientBirthDate", { ...outside, kind: "PATIENT_AUTHORISED" }],
      ["patient", "permitAccess", "textVersion", permit, about],
      // The id of no directive: the text is looked at first.
      ["patient", "confirmConsentDirective", "textVersion", { directiveId: people.patient }, about],
    ]) {
      const { problems } = await world.command(handle, name, { ...how, input: { ...input, [field]: payloads[0] } });
      const said = JSON.stringify(problems);
      assert.ok(problems.some(({ path }) => path?.at(-1) === field), `${name} does not refuse ${payloads[0]} as ${field}: ${said}`);
    }
  });

  await check("hostile texts in the fields of a form that is refused", async () => {
    Object.values(views).forEach((view) => view.faults.splice(0));
    const { id } = await world.ask({ subject: "Plain again", question: "Plain?" });
    await world.onThread("centre_coordinator", id, "assignConsultation", {}, "consultationId");
    await world.onThread("specialist", id, "claimThread", {});
    const view = specialist;
    for (const text of payloads) {
      await view.page.goto(`/t/${id}/advise`);
      for (const name of ["recommendations.0.text", "comeBackWhen"]) {
        await view.page.locator(`[name='${name}']`).fill(text);
      }
      await view.page.locator("form.form button[data-kind=primary]").click();
      await view.page.locator(".error-summary").waitFor();
      await harmless(view, "the refused form");
      await shows(view, text, ["[name='recommendations.0.text']", "[name=comeBackWhen]"]);
      const hidden = await view.page.evaluate(async ([path, body]) => {
        const form = new URLSearchParams(new FormData(document.querySelector("form.form")));
        for (const name of [...form.keys()]) {
          form.set(name, name === "person" ? form.get(name) : body);
        }
        form.set("minutesSpent", body);
        const answer = await fetch(path, { method: "POST", body: form });
        return { status: answer.status, body: await answer.text() };
      }, [`/t/${id}/advise`, text]);
      assert.equal(hidden.status, 409, "a form with other hidden fields is refused");
      assert.ok(!hidden.body.includes(`<script>${MADE}`) && !hidden.body.includes("<img src=x") && !hidden.body.includes("<svg onload"), "and shows them as text");
    }
  });

  const name = { organizationId: people.nurse.organization, name: before, reason: "Back." };
  await world.done("admin", "correctPersonName", { target: "personId", id: people.nurse.id, input: name });
  await Promise.all(Object.values(views).map((view) => view.close()));
}
