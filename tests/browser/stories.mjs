// People at work: the road of a consultation with and without a script, two people at once, a button that is pressed
// twice, the keyboard alone, what is said after sending, errors, what counts as read, drafts, and a daughter who comes to help.
import assert from "node:assert/strict";
import { open } from "./browser.mjs";
import { axe, stopsToSend, text } from "./checks.mjs";
import { phone, shots, wide } from "./pages.mjs";
import { check, figure } from "./report.mjs";

/** The most stops of the tabulator key between the skip link and the button that sends. */
const STOPS_MAX = 12;

/** Runs a story with windows of these people; nothing that must never happen may have happened in any of them. */
export async function story(browser, world, name, handles, run, options = wide) {
  const views = {};
  if (process.env.CAREFOLD_BROWSER_STORY && !name.includes(process.env.CAREFOLD_BROWSER_STORY)) {
    return;
  }
  await check(name, async () => {
    for (const handle of handles) {
      views[handle] = await open(browser, world, { handle, ...options });
    }
    try {
      await run(Object.fromEntries(Object.entries(views).map(([handle, view]) => [handle, view.page])));
    } catch (error) {
      for (const [handle, view] of Object.entries(views)) {
        await view.page.screenshot({ path: new URL(`failed-${name.replaceAll(/\W+/g, "-")}-${handle}.png`, shots).pathname, fullPage: true });
      }
      throw error;
    }
    return Object.values(views).flatMap((view) => view.faults);
  });
  await Promise.all(Object.values(views).map((view) => view.close()));
}

const send = (page, audience) => page.locator(`#reply button[value=${audience}]`).click();
const press = (page, name) => page.locator("main").getByRole("button", { name }).first().click();

/** Tries until it is so, for fifteen seconds at most. */
export async function until(what, isSo) {
  for (const end = Date.now() + 15_000; Date.now() < end;) {
    if (await isSo()) {
      return;
    }
  }
  throw new Error(`not within fifteen seconds: ${what}`);
}

/** Presses the tabulator key until the element that is meant has the focus. */
async function tabTo(page, selector) {
  for (let count = 0; count < 100; count += 1) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) {
      return;
    }
    await page.keyboard.press("Tab");
  }
  throw new Error(`the tabulator key does not reach ${selector}`);
}

/** The thread says that something was done: in its title, and in the message that has the focus. */
async function saysDone(page, words) {
  await page.locator("[data-focus]").waitFor();
  assert.match(await page.title(), new RegExp(`^${words}`));
  assert.ok(await page.evaluate(() => document.activeElement?.matches("[data-focus]")), `the focus is on “${words}”`);
}

async function step(page, id, word, fill, done) {
  await page.goto(`/t/${id}/${word}`);
  await fill?.(page);
  await page.locator("form.form button[data-kind=primary]").click();
  await page.waitForURL(new RegExp(`/t/${id}\\?done=${word}`));
  assert.match(await page.title(), new RegExp(`^${done}`));
}

/** The whole road. The page that asks does not exist yet, so the question comes by the API. */
async function road(world, pages, subject) {
  const { pcp, nurse, specialist, centre_coordinator: coordinator, patient } = pages;
  const { id, problems } = await world.ask({ subject, question: "Holter, or wait and see? Potassium 3.9.", urgency: "URGENT" });
  assert.deepEqual(problems, []);

  await coordinator.goto("/worklist");
  await coordinator.getByRole("link", { name: new RegExp(subject) }).click();
  await coordinator.locator(".turn .button[data-kind=primary]").click();
  await coordinator.locator("form.form button[data-kind=primary]").click();
  await coordinator.waitForURL(/done=assign/);

  await specialist.goto("/worklist?show=unowned");
  await specialist.getByRole("row", { name: new RegExp(subject) }).getByRole("button", { name: /^Claim/ }).click();
  await specialist.waitForURL(/done=claim/);

  await nurse.goto(`/t/${id}`);
  await nurse.locator("#body").fill("The ECG of Tuesday is in the chart.");
  await send(nurse, "CLINICAL_TEAM");
  await nurse.waitForURL(/sent=/);
  await patient.goto(`/t/${id}`);
  assert.equal(await patient.getByText("The ECG of Tuesday").count(), 0, "the patient does not read the clinical team");
  await patient.locator("#body").fill("It is worse after coffee.");
  await send(patient, "EVERYONE");
  await patient.waitForURL(/sent=/);

  await specialist.goto(`/t/${id}`);
  assert.ok(await specialist.getByText("It is worse after coffee.").isVisible());
  await specialist.locator(".turn .button[data-kind=primary]").click();
  await specialist.locator("textarea[name='recommendations.0.text']").fill("Holter for 48 hours");
  await specialist.locator("#recommendations-0-kind-TEST").check();
  await specialist.locator("#recommendations-0-certainty-HIGH").check();
  await specialist.locator("button[name=more]").click();
  assert.equal(await specialist.locator("textarea[name='recommendations.0.text']").inputValue(), "Holter for 48 hours");
  await specialist.locator("textarea[name='recommendations.1.text']").fill("Less coffee");
  await specialist.locator("#recommendations-1-kind-TREAT").check();
  await specialist.locator("#recommendations-1-certainty-LOW").check();
  await specialist.locator("[name=comeBackWhen]").fill("Syncope");
  await specialist.locator("[name=minutesSpent]").fill("12");
  await specialist.locator("form.form button[data-kind=primary]").click();
  await specialist.waitForURL(/done=advise/);

  await patient.goto(`/t/${id}`);
  assert.equal(await patient.getByText("Holter for 48 hours").count(), 0, "the patient reads the answer once informed");

  await step(pcp, id, "plan", async (page) => {
    await page.locator("#dispositions-0-disposition-ACCEPTED").check();
    await page.locator("#dispositions-1-disposition-REJECTED").check();
    await page.locator("[name='dispositions.1.reason']").fill("Josef drinks none.");
    await page.locator("[name=note]").fill("Holter next week.");
  }, text("en", "done-plan"));
  await step(pcp, id, "inform", (page) => page.locator("#method-TELEPHONE").check(), text("en", "done-inform"));
  await patient.goto(`/t/${id}`);
  assert.ok(await patient.getByText("Holter for 48 hours").isVisible());
  await step(pcp, id, "close", async (page) => {
    await page.locator("#outcome-NEW_PLAN").check();
    await page.locator("[name=helpful]").fill("5");
    await page.locator("[name=educational]").fill("4");
  }, text("en", "done-close"));
  assert.equal(await pcp.locator("#reply").count(), 0, "a closed thread takes no message");
  const { consultation } = await world.query("pcp", `query ($id: ID!) { consultation(id: $id) {
    state outcome advice { recommendations { text { text } disposition reason { text } } plan { note { text } } informed { method } } } }`, { id });
  assert.deepEqual(consultation, {
    state: "CLOSED", outcome: "NEW_PLAN", advice: {
      recommendations: [
        { text: { text: "Holter for 48 hours" }, disposition: "ACCEPTED", reason: null },
        { text: { text: "Less coffee" }, disposition: "REJECTED", reason: { text: "Josef drinks none." } },
      ],
      plan: { note: { text: "Holter next week." } }, informed: { method: "TELEPHONE" },
    },
  });
}

/** Follows the link of a page, wherever it stands in its main part. */
const follow = (page, selector) => page.locator(`main a${selector}`).first().click();

/** Sends the form of an act about a helper, and waits until the list says that it was done. */
async function actOnHelper(page, word, about, fill) {
  await follow(page, `[href$="/helpers/${word}?about=${about}"]`);
  await page.waitForURL(new RegExp(`/helpers/${word}\\?about=`));
  assert.deepEqual(await axe(page), [], word);
  await fill?.(page);
  await page.locator("form.form button[data-kind=primary]").click();
  await page.waitForURL(new RegExp(`/helpers\\?done=${word}`));
}

/** From the invitation by a code to the first message of who helps. */
async function daughter(world, { second_patient: patient, neighbour: daughter, nurse }) {
  const name = (await world.me("second_patient")).name;
  await patient.goto("/home");
  await follow(patient, '[href$="/helpers"]');
  await follow(patient, '[href$="/invite-helper"]');
  await patient.locator("#contact").waitFor();
  assert.deepEqual(await axe(patient), []);
  // Who helped once stands in a list, from which she is not chosen.
  if (await patient.locator("#whom-another").count() > 0) {
    await patient.locator("#whom-another").check();
  }
  await patient.locator("#contact").fill("My daughter, with her own telephone");
  await patient.locator("#kind-PATIENT_AUTHORISED").check();
  await patient.locator("#relationship-CHILD").check();
  await patient.locator("#scope-topics-CLINICAL_ADVICE-READ").check();
  await patient.locator("#scope-topics-CLINICAL_ADVICE-WRITE").check();
  await patient.locator("form.form button[data-kind=primary]").click();
  await patient.getByRole("heading", { level: 1, name: text("en", "helper-check-title") }).waitFor();
  assert.deepEqual(await axe(patient), []);
  await patient.locator("button[name=checked]").click();
  const code = (await patient.locator("#code").innerText()).trim();

  await daughter.goto("/helping");
  await daughter.getByRole("link", { name: text("en", "helping-code") }).click();
  await daughter.locator("main input[name=code]:not([type=hidden])").fill(code);
  await daughter.getByRole("button", { name: text("en", "invitation-show") }).click();
  await daughter.locator("#ownAccount-yes").check();
  assert.equal(await daughter.getByText(name).count(), 0, "the invitation does not say whose helper it asks for");
  assert.deepEqual(await axe(daughter), []);
  await daughter.locator("button[name=answer][value=accept]").click();
  await daughter.waitForURL(/\/helping\?done=accepted/);
  assert.equal(await daughter.getByText(name).count(), 0, "and nothing opens by accepting it");

  const record = await world.ownRecord("second_patient");
  await nurse.goto("/home");
  await follow(nurse, '[href="/helpers-to-do"]');
  await nurse.waitForURL("**/helpers-to-do");
  await follow(nurse, `[href="/patients/${record}/helpers"]`);
  const verify = nurse.locator('main a[href*="/helpers/verify-identity?about="]').first();
  const about = new URL(await verify.getAttribute("href"), world.url).searchParams.get("about");
  await actOnHelper(nurse, "verify-identity", about, async (page) => {
    await page.locator("#method-IN_PERSON").check();
    await page.locator("#level-HIGH").check();
    await page.locator("[name=evidence]").fill("Her passport, seen at the desk.");
  });
  await actOnHelper(nurse, "pass-check", about, async (page) => {
    for (const question of ["necessary", "relevant", "safe"]) {
      await page.locator(`#checks-${question}-true`).check();
    }
    await page.locator("#checks-askedAlone-ASKED").check();
  });

  await patient.goto("/home");
  await follow(patient, '[href$="/helpers"]');
  await actOnHelper(patient, "consent", about);

  // Asked after the consent, so that it is not of the past.
  const consultation = {
    patientId: record, poolId: await world.pool("second_pcp", "dermatology"), topic: "CLINICAL_ADVICE", urgency: "ROUTINE",
    subject: "Itching at night", question: "Patch test first?", mayConvert: false,
    consent: { given: { method: "VERBAL", at: new Date().toISOString() } },
  };
  const asked = await world.done("second_pcp", "requestConsultation", { input: consultation, select: "consultation { id }" });
  const id = asked.consultation.id;
  await daughter.goto("/helping");
  await follow(daughter, `[href="/helping/${about}"]`);
  await follow(daughter, `[href^="/t/${id}"]`);
  await daughter.locator("#body").fill("The itching keeps her awake. I put the ointment on for her.");
  assert.deepEqual(await axe(daughter), []);
  const sideways = await daughter.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(sideways <= 0, "nothing is wider than the telephone");
  await send(daughter, "EVERYONE");
  await daughter.waitForURL(/sent=/);
  await saysDone(daughter, text("en", "sent-prefix"));

  // Who reads it sees what she is to the patient, and why she helps.
  for (const page of [nurse, patient]) {
    await page.goto(`/t/${id}`);
    const message = page.locator("article", { hasText: "The itching keeps her awake." }).first();
    const words = await message.innerText();
    for (const part of [(await world.me("neighbour")).name, text("en", "relationship-child"), text("en", "helps-patient-authorised")]) {
      assert.ok(words.includes(part), `the message says “${part}”, and not only: ${words}`);
    }
  }
  await world.done("second_patient", "revokeDelegation", { target: "delegationId", id: about, input: {} });
}

export async function stories(browser, world) {
  const people = ["pcp", "nurse", "specialist", "centre_coordinator", "patient"];
  await story(browser, world, "the road of a consultation", people, (pages) => road(world, pages, "Palpitations on the stairs"));
  await story(browser, world, "the road of a consultation without a script", people,
    (pages) => road(world, pages, "Palpitations in bed"), { ...phone, javaScriptEnabled: false });

  await story(browser, world, "a daughter on a phone", ["second_patient", "neighbour", "nurse"], (pages) => daughter(world, pages), phone);

  await story(browser, world, "two people at once", ["pcp", "specialist"], async ({ pcp, specialist }) => {
    const id = await world.newConsultation();
    await world.onThread("centre_coordinator", id, "assignConsultation", {}, "consultationId");
    await pcp.goto(`/t/${id}`);
    await pcp.locator("#body").fill("My text,\nwhich must not be lost.");
    await world.post("nurse", id, "Weight is 85 kg today.", "CLINICAL_TEAM");
    await specialist.goto(`/t/${id}`);
    await specialist.locator(".turn .button[data-kind=primary]").click();
    await specialist.waitForURL(/done=claim/);
    await send(pcp, "CLINICAL_TEAM");
    await pcp.getByRole("heading", { level: 1, name: text("en", "conflict-title") }).waitFor();
    const page = await pcp.locator("main").innerText();
    assert.ok(page.includes("Weight is 85 kg today.") && page.includes(text("en", "state-in-review")), "what is new is shown");
    assert.equal(await pcp.locator("#body").inputValue(), "My text,\nwhich must not be lost.");
    assert.ok(await pcp.evaluate(() => document.activeElement?.matches("[role=alert]")), "the focus is on what happened");
    assert.deepEqual(await axe(pcp), []);
    assert.equal((await world.messages("pcp", id)).nodes.length, 1, "nothing was sent yet");
    await pcp.locator("main form button[data-kind=primary]").click();
    await saysDone(pcp, text("en", "sent-prefix"));
    assert.equal((await world.messages("pcp", id)).nodes.at(-1).body.text, "My text,\nwhich must not be lost.");
  });

  for (const javaScriptEnabled of [true, false]) {
    await story(browser, world, `send is pressed twice, ${javaScriptEnabled ? "with" : "without"} a script`, ["nurse"], async ({ nurse }) => {
      const id = await world.newConsultation();
      await nurse.goto(`/t/${id}`);
      await nurse.locator("#body").fill("Once.");
      await nurse.locator("#reply button[value=CLINICAL_TEAM]").dblclick();
      await nurse.waitForURL(/sent=/);
      assert.equal((await world.messages("nurse", id)).nodes.length, 1);
      // No page is kept, so "back" shows the thread with the message, and a form that is empty.
      await nurse.goBack();
      assert.equal(await nurse.locator("#body").inputValue(), "", "the text that was sent is not in the form again");
      assert.equal(await nurse.getByText("Once.").count(), 1);
      assert.equal((await world.messages("nurse", id)).nodes.length, 1);
    }, { ...wide, javaScriptEnabled });
  }

  await story(browser, world, "the keyboard alone gives the same event as the mouse", ["nurse", "patient"], async ({ nurse, patient }) => {
    const id = await world.newConsultation("Josef Grünwald");
    await nurse.goto(`/t/${id}`);
    await nurse.locator("#body").fill("The same words.");
    await send(nurse, "CLINICAL_TEAM");
    await saysDone(nurse, text("en", "sent-prefix"));
    // From the list on, without a mouse.
    await nurse.goto("/inbox");
    await nurse.locator(`a[href="/t/${id}"]`).first().focus();
    await nurse.keyboard.press("Enter");
    await nurse.waitForURL(`**/t/${id}`);
    const ofNurse = await stopsToSend(nurse);
    assert.ok(ofNurse <= STOPS_MAX, `${ofNurse} stops to send a message`);
    await nurse.goto(`/t/${id}`);
    await nurse.keyboard.press("Tab");
    await nurse.keyboard.press("Enter");
    await tabTo(nurse, "#body");
    await nurse.keyboard.type("The same words.");
    await tabTo(nurse, "#reply button[value=CLINICAL_TEAM]");
    await nurse.keyboard.press("Enter");
    await saysDone(nurse, text("en", "sent-prefix"));
    const [byMouse, byKeyboard, ...more] = (await world.messages("nurse", id)).nodes.map(({ id: _, ...rest }) => rest);
    assert.deepEqual(byKeyboard, byMouse);
    assert.deepEqual(more, []);
    await patient.goto(`/t/${id}`);
    const ofPatient = await stopsToSend(patient);
    assert.ok(ofPatient <= STOPS_MAX, `${ofPatient} stops for a patient to send a message`);
    figure("stops of the tabulator key after the skip link to send a message", `nurse ${ofNurse}, patient ${ofPatient}`);
  });

  await story(browser, world, "an error keeps what was typed and leads to its field", ["specialist"], async ({ specialist }) => {
    const id = await world.newConsultation();
    await world.onThread("centre_coordinator", id, "assignConsultation", {}, "consultationId");
    await world.onThread("specialist", id, "claimThread", {});
    await specialist.goto(`/t/${id}/advise`);
    await specialist.locator("[name='recommendations.0.text']").fill("Echo");
    await specialist.locator("[name=comeBackWhen]").fill("Syncope");
    await specialist.locator("form.form button[data-kind=primary]").click();
    await specialist.locator(".error-summary").waitFor();
    assert.ok(await specialist.evaluate(() => document.activeElement?.matches(".error-summary")), "the summary has the focus");
    assert.match(await specialist.title(), new RegExp(`^${text("en", "error-prefix")}`));
    assert.equal(await specialist.locator("[name='recommendations.0.text']").inputValue(), "Echo");
    assert.equal(await specialist.locator("[name=comeBackWhen]").inputValue(), "Syncope");
    const links = await specialist.locator(".error-summary a").all();
    assert.equal(links.length, 3, "everything that is wrong at once: kind, certainty, minutes");
    for (const link of links) {
      await link.click();
      const target = new URL(specialist.url()).hash.slice(1);
      assert.equal(await specialist.evaluate(() => document.activeElement?.id), target, "a link of the summary leads to its field");
    }
    assert.deepEqual(await axe(specialist), []);
  });

  await story(browser, world, "after filtering, the number of results has the focus, zero too", ["auditor", "pcp"], async (pages) => {
    for (const page of Object.values(pages)) {
      await page.goto("/worklist");
      for (const filter of ["overdue", "waiting"]) {
        await page.locator(`.counters a[href*="show=${filter}"]`).click();
        await page.waitForURL(new RegExp(`show=${filter}`));
        const focused = await page.evaluate(() => ({ id: document.activeElement?.id, words: document.activeElement?.textContent }));
        assert.equal(focused.id, "list");
        assert.match(focused.words, /\b\d+ results? for/);
      }
    }
  });

  /** Lets a second and a half pass on the page, and what it sends then arrive. Returns how many marks were sent. */
  const pass = async (page) => {
    const marks = [];
    const note = (request) => request.url().endsWith("/read") && marks.push(request);
    page.on("request", note);
    // Observers are told in the order in which they were made, so those of the page have been told before this one.
    const told = () => new Promise((done) => {
      new IntersectionObserver((_, observer) => { observer.disconnect(); done(); }).observe(document.body);
    });
    await page.evaluate(told);
    await page.clock.runFor(1500);
    await page.evaluate(told);
    await Promise.all(marks.map((request) => request.response()));
    page.off("request", note);
    return marks.length;
  };
  await story(browser, world, "what counts as read", ["pcp"], async ({ pcp }) => {
    const id = await world.newConsultation();
    for (let number = 1; number <= 12; number += 1) {
      await world.post("nurse", id, `Reading ${number}: ${"142/88, pulse 71. ".repeat(12)}`, "CLINICAL_TEAM");
    }
    const unread = async () => (await world.messages("pcp", id)).unread;
    await pcp.clock.install();
    for (const list of ["/home", "/inbox", "/worklist"]) {
      await pcp.goto(list);
      await pass(pcp);
      assert.equal(await unread(), 12, `${list} moves no read mark`);
    }
    await pcp.goto(`/t/${id}`);
    await pass(pcp);
    const first = await unread();
    const seen = await pcp.evaluate(() => [...document.querySelectorAll(".message-end")]
      .filter((end) => end.getBoundingClientRect().bottom <= innerHeight).length);
    assert.equal(first, 12 - seen, "what was in view is read, and nothing else");
    assert.ok(first > 0 && seen > 0, `${seen} were in view`);
    await pcp.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await pass(pcp);
    assert.equal(await unread(), first, "what was jumped over is not read, nor what follows it");
    for (let down = 0; down < 12; down += 1) {
      await pcp.evaluate((part) => scrollTo(0, part * innerHeight * 0.7), down);
      await pass(pcp);
    }
    assert.equal(await unread(), 0, "everything was in view");
    assert.ok(await pcp.locator(".mark-read").isHidden());
  });

  await story(browser, world, "marking as read without a script", ["pcp"], async ({ pcp }) => {
    const id = await world.newConsultation();
    await world.post("nurse", id, "One.", "CLINICAL_TEAM");
    await pcp.goto(`/t/${id}`);
    assert.equal((await world.messages("pcp", id)).unread, 1, "opening alone marks nothing");
    await press(pcp, text("en", "step-read"));
    await pcp.waitForURL(`**/t/${id}`);
    assert.equal(await pcp.locator(".mark-read").count(), 0);
    assert.equal((await world.messages("pcp", id)).unread, 0);
  }, { ...wide, javaScriptEnabled: false });

  await story(browser, world, "a draft is kept while typing, on leaving and after sign-out, and ends when it is sent", ["nurse", "pcp"], async ({ nurse, pcp }) => {
    const id = await world.newConsultation();
    const saved = (page) => page.waitForResponse((answer) => answer.url().endsWith("/draft") && answer.headers()["x-draft-state"] === "saved");
    await nurse.clock.install();
    await nurse.goto(`/t/${id}`);
    await nurse.locator("#body").fill("Potassium again on");
    const first = saved(nurse);
    await nurse.clock.runFor(11_000);
    await first;
    assert.match(await nurse.locator("[data-draft-words]").innerText(), /saved/i);

    // A second device finds it, and what is typed there just before leaving is kept too.
    const device = await open(browser, world, { handle: "nurse", ...phone });
    await device.page.goto(`/t/${id}`);
    assert.equal(await device.page.locator("#body").inputValue(), "Potassium again on");
    await device.page.locator("#body").fill("Potassium again on Thursday");
    // A browser sends what a page sends on leaving, but tells nobody of the answer.
    await until("the list holds what was typed before leaving", async () => {
      await device.page.goto("/drafts");
      return device.page.getByText("Potassium again on Thursday").isVisible();
    });
    await device.page.getByRole("button", { name: text("en", "sign-out") }).click();
    await device.close();
    assert.deepEqual(device.faults, []);

    // The first window has the older text: it is told so, and both texts stay until a person decides.
    await nurse.locator("#body").fill("Potassium again on Friday");
    await until("the window says that the draft was saved elsewhere", async () => {
      await nurse.clock.runFor(11_000);
      return nurse.locator(".draft[data-state=failed]").isVisible();
    });
    await press(nurse, text("en", "draft-save"));
    await nurse.getByText("Potassium again on Thursday").waitFor();
    assert.equal(await nurse.locator("#body").inputValue(), "Potassium again on Friday");
    await press(nurse, text("en", "draft-save"));
    await nurse.waitForURL(/draft=saved/);

    await pcp.goto(`/t/${id}`);
    assert.equal(await pcp.getByText("Potassium again").count(), 0, "nobody else finds a draft");
    await send(nurse, "CLINICAL_TEAM");
    await saysDone(nurse, text("en", "sent-prefix"));
    assert.equal(await nurse.locator("#body").inputValue(), "");
    await nurse.goto("/drafts");
    assert.equal(await nurse.getByText("Potassium again").count(), 0, "a draft that was sent has ended");
    assert.deepEqual((await world.messages("pcp", id)).nodes.map((message) => message.body.text), ["Potassium again on Friday"]);
  });

  await story(browser, world, "what was typed just before signing out is kept", ["nurse"], async ({ nurse }) => {
    const id = await world.newConsultation();
    await nurse.goto(`/t/${id}`);
    await nurse.locator("#body").fill("Typed in a hurry.");
    await nurse.getByRole("button", { name: text("en", "sign-out") }).click();
    await nurse.waitForURL((url) => url.pathname === "/");
    const later = await open(browser, world, { handle: "nurse", ...wide });
    await later.page.goto(`/t/${id}`);
    assert.equal(await later.page.locator("#body").inputValue(), "Typed in a hurry.");
    await later.close();
    assert.deepEqual(later.faults, []);
  });

  await story(browser, world, "a role waits for a second administrator", ["admin", "auditor"], async ({ admin, auditor }) => {
    const { organization } = await world.me("admin");
    const [second, nurse] = [await world.me("auditor"), await world.me("nurse")];
    const of = (person, role) => ({ target: "personId", id: person.id, input: { organizationId: organization, role } });
    await world.done("admin", "grantRole", of(second, "ADMINISTRATOR"));
    try {
      await admin.goto(`/organizations/${organization}/grant`);
      await admin.locator(`#personId-${nurse.id}`).check();
      await admin.locator("#role-SOCIAL_WORKER").check();
      await admin.locator("form.form button[data-kind=primary]").click();
      await admin.getByRole("heading", { level: 1, name: text("en", "check-title") }).waitFor();
      assert.deepEqual(await axe(admin), []);
      await admin.locator("form.form button[data-kind=primary]").click();
      await admin.waitForURL(/done=grant/);
      await saysDone(admin, text("en", "changed-propose"));
      assert.ok(await admin.getByText(text("en", "waits-for-second")).isVisible(), "who proposed it sees that it waits");
      const confirm = (page) => page.getByRole("link", { name: text("en", "change-confirm-role") });
      assert.equal(await confirm(admin).count(), 0, "and does not confirm it");
      assert.deepEqual(await axe(admin), []);

      await auditor.goto(`/organizations/${organization}`);
      await confirm(auditor).click();
      await auditor.getByText(nurse.name).first().waitFor();
      assert.deepEqual(await axe(auditor), []);
      await auditor.locator("form.form button[data-kind=primary]").click();
      await auditor.waitForURL(/done=confirm-role/);
      await saysDone(auditor, text("en", "changed-confirm-role"));
      await admin.goto(`/organizations/${organization}`);
      assert.equal(await admin.getByText(text("en", "settings-proposed")).count(), 0, "nothing waits any more");
    } finally {
      await world.done("admin", "endRole", of(nurse, "SOCIAL_WORKER"));
      await world.done("admin", "endRole", of(second, "ADMINISTRATOR"));
    }
  });

  await story(browser, world, "a message to one colleague is read by nobody else", ["nurse", "pcp", "patient", "coordinator"], async ({ nurse, pcp, patient, coordinator }) => {
    const id = await world.newConsultation("Josef Grünwald");
    const words = "Is he eating enough?";
    await nurse.goto(`/t/${id}`);
    await nurse.locator("#body").fill(words);
    await nurse.getByRole("button", { name: text("en", "choose-readers") }).click();
    assert.equal(await nurse.locator("#body").inputValue(), words, "the text goes along");
    assert.deepEqual(await axe(nurse), []);
    await nurse.locator("form.form button[data-kind=primary]").click();
    await nurse.locator(".error-summary").waitFor();
    assert.equal(await nurse.locator("#body").inputValue(), words);
    await nurse.getByLabel((await world.me("pcp")).name).check();
    await nurse.locator("form.form button[data-kind=primary]").click();
    await nurse.waitForURL(/sent=/);
    assert.ok(await nurse.getByText(`Only ${(await world.me("pcp")).name}`).isVisible(), "the message says who reads it");
    for (const [page, count] of [[pcp, 1], [patient, 0], [coordinator, 0]]) {
      await page.goto(`/t/${id}`);
      assert.equal(await page.getByText(words).count(), count);
    }
  });
}
