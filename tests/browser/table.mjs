// Every page and who has it. To add a page: one line in `pages`. A test compares this table with the paths that
// crates/server/src/pages.rs mounts and with the steps that have a page of their own in crates/server/src/pages/steps.rs.
//
// A line has: `name`; `route`, as it is mounted; `step`, the word of a step; `roles`, the handles of the demo by which it
// is opened; `to(world, handle)`, its address; `turn`, whether the page always has a primary action; `place`, false if it
// belongs to no entry of the navigation. A page that is reached by a form has `by(page, world)` instead, which sends it, and the `status` of
// the answer.
import { Thread } from "./world.mjs";

/** Staff, one of each role, and both physicians: who asks and who answers. */
export const staff = [
  "pcp", "specialist", "nurse", "pharmacist", "coordinator", "centre_coordinator", "social_worker",
  "privacy_officer", "admin", "auditor",
];
export const everybody = [...staff, "patient"];

const at = (path) => () => path;
const thread = (which) => async (world, handle) => `/t/${await world.thread(handle, which)}`;
const step = (word, which) => async (world, handle) => `/t/${await world.thread(handle, which)}/${word}`;
/** Opens a thread, and sends its form for a reply. */
const reply = (prepare, id = async (world, handle) => world.thread(handle, Thread.writable)) => async (page, world, handle) => {
  const thread = await id(world, handle);
  await page.goto(`/t/${thread}`);
  await prepare(page, world, thread);
  await page.locator("#reply button[name=audience]:visible").first().click();
};
const newConsultation = async (world) => world.newConsultation();

export const pages = [
  { name: "sign-in", route: "/*path", roles: [null], to: at("/"), place: false },
  { name: "not-available", route: "/*path", roles: ["pcp", "patient"], to: at("/nothing-here"), place: false },
  { name: "home", route: "/home", roles: everybody, to: at("/home") },
  { name: "inbox", route: "/inbox", roles: everybody, to: at("/inbox") },
  { name: "inbox-done", route: "/inbox", roles: ["pcp", "patient"], to: at("/inbox?show=done") },
  { name: "worklist", route: "/worklist", roles: staff, to: at("/worklist") },
  { name: "worklist-overdue", route: "/worklist", roles: ["pcp", "auditor"], to: at("/worklist?show=overdue") },
  { name: "consultation", route: "/t/:id", to: thread(Thread.consultation), roles: [
    "pcp", "specialist", "nurse", "pharmacist", "coordinator", "social_worker", "patient",
  ] },
  { name: "consultation-to-assign", route: "/t/:id", roles: ["centre_coordinator"], to: async (world) => `/t/${await newConsultation(world)}`, turn: true },
  { name: "consultation-turn", route: "/t/:id", roles: ["pcp", "specialist"], to: thread(Thread.waitsForMe), turn: true },
  { name: "consultation-closed", route: "/t/:id", roles: ["pcp", "patient"], to: thread(Thread.closed) },
  { name: "team-thread", route: "/t/:id", roles: ["pcp", "nurse", "pharmacist", "coordinator", "social_worker"], to: thread(Thread.team) },
  { name: "invitation", route: "/t/:id", roles: ["specialist"], to: thread(Thread.invitation), turn: true },
  { name: "step-assign", route: "/t/:id/:step", step: "assign", roles: ["centre_coordinator"], to: async (world) => `/t/${await newConsultation(world)}/assign` },
  { name: "step-ask-for-assignment", route: "/t/:id/:step", step: "ask-for-assignment", roles: ["pcp"], to: async (world) => `/t/${await newConsultation(world)}/ask-for-assignment` },
  { name: "step-hand-over-request", route: "/t/:id/:step", step: "hand-over-request", roles: ["pcp"], to: async (world) => `/t/${await newConsultation(world)}/hand-over-request` },
  { name: "step-advise", route: "/t/:id/:step", step: "advise", roles: ["specialist"], to: step("advise", Thread.toAdvise) },
  { name: "step-plan", route: "/t/:id/:step", step: "plan", roles: ["pcp"], to: step("plan", Thread.toPlan) },
  { name: "step-inform", route: "/t/:id/:step", step: "inform", roles: ["pcp"], to: step("inform", Thread.toInform) },
  { name: "step-close", route: "/t/:id/:step", step: "close", roles: ["pcp"], to: step("close", Thread.toClose) },
  { name: "step-named", route: "/t/:id/:step", step: "named", roles: ["nurse"], to: step("named", Thread.named) },
  { name: "step-hide", route: "/t/:id/:step", step: "hide", roles: ["patient"], to: step("hide", Thread.consultation) },
  { name: "step-show", route: "/t/:id/:step", step: "show", roles: ["teen"], to: step("show", Thread.hidden) },
  { name: "step-history", route: "/t/:id/:step", step: "history", roles: ["pcp"], to: step("history", Thread.toChangeHistory) },
  { name: "reply-refused", route: "/t/:id/:step", roles: ["pcp", "patient"], status: 422, by: reply(() => {}) },
  { name: "step-refused", route: "/t/:id/:step", roles: ["specialist"], status: 422, by: async (page, world, handle) => {
    await page.goto(`/t/${await world.thread(handle, Thread.toAdvise)}/advise`);
    await page.locator("form.form button[data-kind=primary]").click();
  } },
  { name: "conflict", route: "/t/:id/:step", roles: ["pcp"], status: 409, by: reply(async (page, world, id) => {
    await page.locator("#body").fill("I have not seen that it was accepted.");
    await world.post("nurse", id, "Written meanwhile.");
    await world.onThread("centre_coordinator", id, "assignConsultation", {}, "consultationId");
  }, newConsultation) },
  { name: "form-refused", route: "/t/:id/:step", roles: ["pcp"], status: 409, place: false, by: reply(async (page) => {
    await page.locator("#body").fill("Kept.");
    await page.locator("#reply input[name=patient]").evaluate((field) => { field.value = "another"; });
  }) },
  { name: "thread-readers", route: "/t/:id/audience", roles: ["pcp", "nurse", "patient"], to: async (world, handle) => `/t/${await world.thread(handle, Thread.consultation)}/audience` },
  { name: "thread-access", route: "/t/:id/access", roles: ["patient"], to: async (world, handle) => `/t/${await world.thread(handle, Thread.consultation)}/access` },
  { name: "step-turn", route: "/t/:id/:step", step: "turn", roles: ["pcp", "nurse"], to: step("turn", Thread.toTurn) },
  { name: "step-park", route: "/t/:id/:step", step: "park", roles: ["nurse"], to: step("park", Thread.toPark) },
  { name: "step-reopen", route: "/t/:id/:step", step: "reopen", roles: ["pcp"], to: step("reopen", Thread.toReopen) },
  { name: "step-add", route: "/t/:id/:step", step: "add", roles: ["pcp"], to: step("add", Thread.toAdd) },
  { name: "step-invite", route: "/t/:id/:step", step: "invite", roles: ["nurse"], to: step("invite", Thread.toInvite) },
  { name: "step-remove", route: "/t/:id/:step", step: "remove", roles: ["pcp"], to: step("remove", Thread.toRemove) },
  { name: "step-release", route: "/t/:id/:step", step: "release", roles: ["specialist"], to: step("release", Thread.toRelease) },
  { name: "step-transfer", route: "/t/:id/:step", step: "transfer", roles: ["pcp"], to: step("transfer", Thread.toTransfer) },
  { name: "step-take-over", route: "/t/:id/:step", step: "take-over", roles: ["coordinator"], to: async (world) => `/t/${await world.lateThread()}/take-over` },
  { name: "step-leave", route: "/t/:id/:step", step: "leave", roles: ["social_worker"], to: step("leave", Thread.toLeave) },
  { name: "worklist-print", route: "/worklist/print", roles: ["coordinator", "pcp"], to: at("/worklist/print"), place: false },
  { name: "patients", route: "/patients", roles: ["pcp", "nurse", "coordinator"], to: at("/patients") },
  { name: "patient", route: "/patients/:id", roles: ["pcp", "nurse"], to: async (world) => `/patients/${await world.patient("pcp", "Josef Grünwald")}` },
  { name: "patient-own", route: "/patients/:id", roles: ["patient"], to: async (world) => `/patients/${await world.ownRecord("patient")}` },
  { name: "patient-access", route: "/patients/:id/access", roles: ["patient"], to: async (world) => `/patients/${await world.ownRecord("patient")}/access` },
  { name: "patient-access-everybody", route: "/patients/:id/access", roles: ["patient"], to: async (world) => `/patients/${await world.ownRecord("patient")}/access?show=everybody` },
  { name: "patient-join", route: "/patients/:id/:step", roles: ["second_pcp"], to: async (world) => `/patients/${await world.patient("pcp", "Josef Grünwald")}/join` },
  { name: "patient-block", route: "/patients/:id/:step", roles: ["patient", "pcp"], to: async (world) => `/patients/${await world.ownRecord("patient")}/block` },
  { name: "patient-end-block", route: "/patients/:id/:step", roles: ["patient"], to: async (world) => `/patients/${await world.ownRecord("patient")}/end-block?blockId=${await world.block()}` },
  ...["protect", "lift-protection", "record-death"].map((act) => ({
    name: `patient-${act}`, route: "/patients/:id/:step", roles: ["nurse"],
    to: async (world) => `/patients/${await world.patient("pcp", "Josef Grünwald")}/${act}`,
  })),
  { name: "patient-record-death-check", route: "/patients/:id/:step", roles: ["nurse"], status: 200, by: async (page, world) => {
    await page.goto(`/patients/${await world.patient("pcp", "Josef Grünwald")}/record-death`);
    await page.locator("#diedAt-day").fill("1");
    await page.locator("#diedAt-time").fill("00:05");
    await page.locator("#source").fill("A letter of the hospital.");
    await page.locator("form.form button[data-kind=primary]").click();
  } },
  { name: "patient-void-death", route: "/patients/:id/:step", roles: ["coordinator"], to: async (world) => `/patients/${await world.dead()}/void-death` },
  { name: "directives-own", route: "/patients/:id/directives", roles: ["patient", "second_patient"], to: async (world, handle) => `/patients/${await world.ownRecord(handle)}/directives` },
  { name: "directives", route: "/patients/:id/directives", roles: ["nurse", "coordinator"], to: async (world) => `/patients/${await world.patient("pcp", "Josef Grünwald")}/directives` },
  { name: "directives-overseen", route: "/patients/:id/directives", roles: ["privacy_officer"], to: async (world) => `/patients/${await world.ownRecord("patient")}/directives` },
  ...["deny", "permit"].map((act) => ({
    name: `directive-${act}`, route: "/patients/:id/directives/:step", roles: ["patient"],
    to: async (world, handle) => `/patients/${await world.ownRecord(handle)}/directives/${act}`,
  })),
  ...["record-deny", "record-permit"].map((act) => ({
    name: `directive-${act}`, route: "/patients/:id/directives/:step", roles: ["nurse"],
    to: async (world) => `/patients/${await world.patient("pcp", "Josef Grünwald")}/directives/${act}`,
  })),
  { name: "directive-tighten", route: "/patients/:id/directives/:step", roles: ["patient"], to: async (world, handle) => `/patients/${await world.ownRecord(handle)}/directives/tighten?about=${await world.narrowBlock(handle)}` },
  { name: "directive-deny-for-patient", route: "/patients/:id/directives/:step", roles: ["coordinator"], to: async (world, handle) => `/patients/${await world.patient("pcp", "Josef Grünwald")}/directives/${await world.denyOf(handle, "Josef Grünwald")}` },
  { name: "care-team-questions", route: "/care-team-questions", roles: ["dermatologist"], to: async (world) => {
    await world.askToCareTeam("dermatologist");
    return "/care-team-questions";
  } },
  { name: "new-consultation-patient", route: "/new-consultation", roles: ["pcp"], to: at("/new-consultation") },
  { name: "new-consultation-pool", route: "/new-consultation", roles: ["pcp"], to: async (world) => `/new-consultation?patient=${await world.patient("pcp", "Josef Grünwald")}` },
  { name: "new-consultation", route: "/new-consultation", roles: ["pcp"], to: async (world) => `/new-consultation?patient=${await world.patient("pcp", "Josef Grünwald")}&pool=${await world.pool("pcp", "cardiology")}` },
  { name: "new-thread", route: "/new-thread", roles: ["nurse", "pcp"], to: at("/new-thread") },
  { name: "helpers", route: "/patients/:id/helpers", roles: ["pcp", "nurse", "coordinator"], to: async (world) => `/patients/${await world.patient("pcp", "Josef Grünwald")}/helpers` },
  { name: "helpers-own", route: "/patients/:id/helpers", roles: ["patient", "teen"], to: async (world, handle) => `/patients/${await world.ownRecord(handle)}/helpers` },
  { name: "who-could-see", route: "/patients/:id/who-could-see", roles: ["patient", "teen"], to: async (world, handle) => `/patients/${await world.ownRecord(handle)}/who-could-see` },
  { name: "as-helper", route: "/patients/:id/as-helper", roles: ["patient"], to: async (world, handle) => `/patients/${await world.ownRecord(handle)}/as-helper?about=${await world.helper(handle)}` },
  { name: "helper-narrow", route: "/patients/:id/helpers/:step", roles: ["patient"], to: async (world, handle) => `/patients/${await world.ownRecord(handle)}/helpers/narrow?about=${await world.helper(handle)}` },
  { name: "helper-narrow-check", route: "/patients/:id/helpers/:step", roles: ["patient"], status: 200, by: async (page, world, handle) => {
    await page.goto(`/patients/${await world.ownRecord(handle)}/helpers/narrow?about=${await world.helper(handle)}`);
    await page.locator("form.form button[data-kind=primary]").click();
  } },
  { name: "helper-end", route: "/patients/:id/helpers/:step", roles: ["patient"], to: async (world, handle) => `/patients/${await world.ownRecord(handle)}/helpers/end?about=${await world.helper(handle)}` },
  { name: "record-authority", route: "/patients/:id/helpers/:step", roles: ["pcp"], to: async (world) => `/patients/${await world.patient("pcp", "Josef Grünwald")}/helpers/record-authority` },
  { name: "invite-helper", route: "/patients/:id/invite-helper", roles: ["patient", "nurse"], to: async (world) => `/patients/${await world.ownRecord("patient")}/invite-helper` },
  { name: "invite-helper-refused", route: "/patients/:id/invite-helper", roles: ["patient"], status: 422, by: async (page, world, handle) => {
    await page.goto(`/patients/${await world.ownRecord(handle)}/invite-helper`);
    await page.locator("form.form button[data-kind=primary]").click();
  } },
  { name: "helpers-to-do", route: "/helpers-to-do", roles: ["coordinator", "nurse", "privacy_officer"], to: at("/helpers-to-do") },
  { name: "outside-messages", route: "/outside-messages", roles: ["coordinator", "nurse"], to: at("/outside-messages") },
  { name: "outside-message", route: "/outside-messages/:id", roles: ["nurse"], to: async (world) => `/outside-messages/${await world.outsideMessage("friend", "nurse")}` },
  { name: "outside-message-refused", route: "/outside-messages/:id/:step", roles: ["nurse"], status: 422, by: async (page, world) => {
    // Taken without the page, which sends one form. It can be taken again in each window.
    const id = await world.outsideMessage("friend", "nurse");
    await world.done("nurse", "claimOutsideMessage", { target: "outsideMessageId", id });
    await page.goto(`/outside-messages/${id}`);
    await page.locator("form[action$='/close'] button").click();
  } },
  { name: "tell", route: "/tell", roles: ["patient", "daughter", "nurse"], to: at("/tell") },
  { name: "tell-refused", route: "/tell", roles: ["patient"], status: 422, by: async (page) => {
    await page.goto("/tell");
    await page.locator("form.form button[data-kind=primary]").click();
  } },
  { name: "helping", route: "/helping", roles: ["daughter", "carer", "patient"], to: at("/helping") },
  { name: "helped", route: "/helping/:id", roles: ["daughter"], to: async (world, handle) => `/helping/${await world.ownHelp(handle)}` },
  { name: "helped-give-back", route: "/helping/:id/:step", roles: ["daughter"], to: async (world, handle) => `/helping/${await world.ownHelp(handle)}/give-back` },
  { name: "helped-narrow-check", route: "/helping/:id/:step", roles: ["daughter"], status: 200, by: async (page, world, handle) => {
    await page.goto(`/helping/${await world.ownHelp(handle)}/narrow`);
    await page.locator("form.form button[data-kind=primary]").click();
  } },
  { name: "helped-by-law", route: "/helping/:id", roles: ["guardian"], to: async (world, handle) => `/helping/${await world.ownHelp(handle)}` },
  { name: "helpers-by-law", route: "/patients/:id/helpers", roles: ["guardian"], to: async (world, handle) => `/patients/${await world.helped(handle)}/helpers` },
  { name: "invite-helper-by-law", route: "/patients/:id/invite-helper", roles: ["guardian"], to: async (world, handle) => `/patients/${await world.helped(handle)}/invite-helper` },
  { name: "help-invitation", route: "/invitation", roles: ["patient", "daughter"], to: at("/invitation") },
  { name: "own-record", route: "/own-record", roles: ["patient"], to: at("/own-record") },
  { name: "organizations", route: "/organizations", roles: ["admin", "coordinator"], to: at("/organizations") },
  { name: "organization", route: "/organizations/:id", roles: ["admin", "coordinator"], to: async (world) => `/organizations/${(await world.me("admin")).organization}` },
  ...[["threads", ["coordinator", "centre_coordinator", "specialist", "nurse"]], ["patients", ["coordinator", "nurse"]]].map(([list, roles]) => ({
    name: `organization-${list}`, route: `/organizations/:id/${list}`, roles,
    to: async (world, handle) => `/organizations/${(await world.me(handle)).organization}/${list}`,
  })),
  { name: "organization-access", route: "/organizations/:id/access", roles: ["privacy_officer", "auditor"], to: async (world, handle) => `/organizations/${(await world.me(handle)).organization}/access` },
  { name: "organization-access-patient", route: "/organizations/:id/access", roles: ["privacy_officer"], to: async (world, handle) => `/organizations/${(await world.me(handle)).organization}/access?patient=${await world.ownRecord("patient")}` },
  ...["phone", "calendar", "ages", "open-pool", "register", "grant"].map((change) => ({
    name: `settings-${change}`, route: "/organizations/:id/:step", roles: ["admin"],
    to: async (world) => `/organizations/${(await world.me("admin")).organization}/${change}`,
  })),
  { name: "drafts", route: "/drafts", roles: ["specialist", "nurse", "patient"], to: at("/drafts") },
  { name: "query-page", route: "/graphql", roles: ["pcp"], to: at("/graphql") },
  { name: "query-page-patient", route: "/graphql", roles: ["patient"], to: at("/graphql"), place: false },
  { name: "documentation", route: "/graphql/documentation", roles: ["pcp"], to: at("/graphql/documentation?type=Consultation") },
];

/** Steps without a page here: the demo has no thread in which somebody may do them. */
export const withoutThread = {
  "pass-turn": "after an escalation, when whom a thread waited for can no longer act",
};

/** Paths without a page. */
export const withoutPage = {
  "/sign-out": "a form that leads to the sign-in page",
  "/session": "a question of the script",
  "/live": "the stream of a page",
  "/t/:id/:step/draft": "a form that leads back to its form",
  "/new-consultation/draft": "a form that leads back to its form",
  "/new-thread/draft": "a form that leads back to its form",
  "/language": "a form that leads back",
  "/own-record/:id/:step": "a form that leads back",
  "/care-team-questions/:id/:step": "a form that leads back",
  "/assets/*file": "the stylesheet, the icons and the scripts",
};
