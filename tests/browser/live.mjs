// Pages that are told that something changed: nothing moves while somebody types, numbers change in place, a stream that
// breaks off or ends says so, and nobody is told what they may not know.
import assert from "node:assert/strict";
import { connect, createServer } from "node:net";
import { open } from "./browser.mjs";
import { axe, text } from "./checks.mjs";
import { narrow, phone, shots, wide } from "./pages.mjs";
import { check } from "./report.mjs";
import { story, until } from "./stories.mjs";

const line = (page) => page.locator(".live[role=status]");
const words = async (page) => (await line(page).innerText()).replaceAll(/\s+/g, " ").trim();
const says = (page, expected) => until(`the page says “${expected}”`, async () => (await words(page)) === expected);
const shot = (page, name) => page.screenshot({ path: new URL(`live-${name}.png`, shots).pathname });
const refresh = text("en", "refresh");
const showing = `${text("en", "live-show")}`;
const lengthOf = (page) => page.locator("article.message").count();

/** What must stay as it is while something changes elsewhere. */
const still = (page) => page.evaluate(() => {
  const field = document.activeElement;
  const at = field.getBoundingClientRect().top;
  return { id: field.id, value: field.value, from: field.selectionStart, to: field.selectionEnd, scroll: scrollY, at };
});

/** The stream of the page is open: what happens from now on is told at once. */
async function isLive(page, path) {
  const opened = page.waitForResponse((answer) => new URL(answer.url()).pathname === "/live");
  await page.goto(path);
  assert.equal((await opened).status(), 200);
}

/** Stands between the browser and the server, and can be cut. */
class Wire {
  #server = createServer((socket) => this.#carry(socket));
  #sockets = new Set();

  constructor(url) {
    this.to = new URL(url);
  }

  #carry(socket) {
    const other = connect(Number(this.to.port), this.to.hostname);
    for (const [one, two] of [[socket, other], [other, socket]]) {
      this.#sockets.add(one);
      one.pipe(two).on("error", () => {});
      one.on("error", () => two.destroy()).on("close", () => { this.#sockets.delete(one); two.destroy(); });
    }
  }

  async join() {
    await new Promise((done) => this.#server.listen(this.port ?? 0, "127.0.0.1", done));
    this.port = this.#server.address().port;
    return `http://127.0.0.1:${this.port}`;
  }

  async cut() {
    const closed = new Promise((done) => this.#server.close(done));
    this.#sockets.forEach((socket) => socket.destroy());
    await closed;
  }
}

export async function live(browser, world) {
  for (const [name, window] of [["on a wide screen", wide], ["on a phone", phone]]) {
    await story(browser, world, `ten messages arrive while somebody types, ${name}`, ["pcp"], async ({ pcp }) => {
      const id = await world.newConsultation();
      await world.post("nurse", id, "The first.", "CLINICAL_TEAM");
      await isLive(pcp, `/t/${id}`);
      await pcp.locator("#body").fill("I am in the middle of a sentence.");
      await pcp.locator("#body").evaluate((field) => { field.setSelectionRange(5, 12); field.scrollIntoView({ block: "center" }); });
      const [before, length] = [await still(pcp), await lengthOf(pcp)];
      for (let number = 1; number <= 10; number += 1) {
        await world.post("nurse", id, `Number ${number}.`, "CLINICAL_TEAM");
      }
      await says(pcp, `10 new messages ${showing}`);
      assert.deepEqual(await still(pcp), before, "value, selection, focus and scroll stay");
      assert.equal(await lengthOf(pcp), length, "nothing but the notice changes");
      assert.ok(await pcp.locator(".live[data-copy]").isVisible(), "the notice is also where people write");
      assert.deepEqual(await axe(pcp), []);
      await shot(pcp, `ten-${window.width}`);
      await pcp.locator(".live[data-copy] a").click();
      await pcp.getByText("Number 10.").waitFor();
      const focused = await pcp.evaluate(() => document.activeElement?.closest("article")?.textContent);
      assert.match(focused ?? "", /Number 1\./, "the first new message has the focus");
      assert.equal(await lengthOf(pcp), length + 10);
      const after = await pcp.locator("#body").evaluate((field) => [field.value, field.selectionStart, field.selectionEnd]);
      assert.deepEqual(after, ["I am in the middle of a sentence.", 5, 12]);
      assert.equal(await words(pcp), refresh);
      assert.deepEqual(await axe(pcp), []);
    }, window);
  }

  await story(browser, world, "numbers change in place, and lists when they are asked for", ["pcp", "centre_coordinator"], async ({ pcp, centre_coordinator: coordinator }) => {
    const id = await world.newConsultation();
    const number = (page, name) => page.locator(`[data-counter=${name}]`).innerText();
    await isLive(pcp, "/inbox");
    await isLive(coordinator, "/worklist");
    const [unread, all] = [await number(pcp, "unread"), Number(await number(coordinator, "all"))];
    const rows = await pcp.locator(".row").count();
    await world.post("nurse", id, "He weighs 81 kg.", "CLINICAL_TEAM");
    await says(pcp, `1 new message ${showing}`);
    await until("the number of unread threads changes", async () => (await number(pcp, "unread")) !== unread);
    assert.equal(await pcp.locator(".row").count(), rows, "the list stays");
    await line(pcp).locator("a").press("Enter");
    await pcp.locator(`.row[data-unread] a[href="/t/${id}"]`).waitFor();
    assert.ok(await pcp.evaluate(() => document.activeElement?.matches("[data-fragment] h2")), "the focus is on the list");
    await world.newConsultation();
    await says(coordinator, `${text("en", "live-list")} ${showing}`);
    await until("the counter changes", async () => Number(await number(coordinator, "all")) === all + 1);
    assert.deepEqual(await axe(coordinator), []);
    await shot(coordinator, "worklist");
  });

  await story(browser, world, "the patient is not told what only the clinical team reads", ["patient"], async ({ patient }) => {
    const id = await world.newConsultation("Josef Grünwald");
    await isLive(patient, `/t/${id}`);
    await world.post("nurse", id, "For the team.", "CLINICAL_TEAM");
    await world.post("nurse", id, "For everyone.", "EVERYONE");
    await says(patient, `1 new message ${showing}`);
    await line(patient).locator("a").click();
    await patient.getByText("For everyone.").waitFor();
    assert.equal(await patient.getByText("For the team.").count(), 0);
  });

  await story(browser, world, "the notice in Spanish on a narrow screen", ["nurse"], async ({ nurse }) => {
    const id = await world.newConsultation();
    await nurse.context().addCookies([{ name: "carefold-language", value: "es", url: world.url }]);
    await isLive(nurse, `/t/${id}`);
    await world.post("pcp", id, "Uno.", "CLINICAL_TEAM");
    await world.post("pcp", id, "Dos.", "CLINICAL_TEAM");
    await says(nurse, `2 mensajes nuevos ${text("es", "live-show")}`);
    const width = await nurse.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= narrow.width, `the page is ${width} px wide`);
    assert.deepEqual(await axe(nurse), []);
    await shot(nurse, "es");
  }, narrow);

  await story(browser, world, "a sign-out in another tab ends the page", ["pcp"], async ({ pcp }) => {
    await isLive(pcp, `/t/${await world.newConsultation()}`);
    const other = await pcp.context().newPage();
    await other.goto(`${world.url}/home`);
    await other.locator("form[action='/sign-out'] button").click();
    await other.waitForURL(`${world.url}/`);
    await says(pcp, `${text("en", "live-signed-out")} ${text("en", "sign-in-again")}`);
    assert.ok(await pcp.locator("main").isHidden(), "nobody who passes by reads it");
    assert.deepEqual(await axe(pcp), []);
    await shot(pcp, "signed-out");
  });

  await story(browser, world, "who is removed from a thread is not told any more", ["nurse"], async ({ nurse }) => {
    const { id } = await world.team({ subject: "Shopping on Friday", note: "Who drives?" });
    await isLive(nurse, `/t/${id}`);
    await world.onThread("pcp", id, "removeParticipant", { personId: (await world.me("nurse")).id, note: "On leave." });
    await says(nurse, `${text("en", "live-over")} ${refresh}`);
    await line(nurse).locator("a").click();
    await nurse.getByRole("heading", { level: 1 }).waitFor();
    assert.equal(await nurse.getByText("Who drives?").count(), 0, "the page is read again under the policy of now");
  });

  await story(browser, world, "without a script there is a link that reads the page again", ["nurse"], async ({ nurse }) => {
    const id = await world.newConsultation();
    await nurse.goto(`/t/${id}`);
    await world.post("pcp", id, "Read without a script.", "CLINICAL_TEAM");
    await nurse.getByRole("link", { name: refresh, exact: true }).first().click();
    await nurse.getByText("Read without a script.").waitFor();
  }, { ...wide, javaScriptEnabled: false });

  await story(browser, world, "a page that is not visible gives its stream back, and takes it again", ["pcp"], async ({ pcp }) => {
    const id = await world.newConsultation();
    await pcp.clock.install();
    await isLive(pcp, `/t/${id}`);
    const become = (state) => pcp.evaluate((now) => {
      Object.defineProperty(document, "visibilityState", { value: now, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);
    const given = pcp.waitForEvent("requestfailed", (request) => new URL(request.url()).pathname === "/live");
    await become("hidden");
    // The server says every ten seconds that it is there; the page waits for it three times as long.
    for (let passed = 0; passed < 4; passed += 1) {
      await pcp.clock.runFor(20_000);
    }
    await given;
    await world.post("nurse", id, "While nobody looked.", "CLINICAL_TEAM");
    const taken = pcp.waitForRequest((request) => new URL(request.url()).pathname === "/live");
    await become("visible");
    await taken;
    await until("the page tells what happened meanwhile", async () => {
      await pcp.clock.runFor(100);
      return (await words(pcp)) === `1 new message ${showing}`;
    });
  });

  await check("a connection that is lost says since when, and nothing is lost or told twice", async () => {
    const wire = new Wire(world.url);
    const view = await open(browser, { url: await wire.join() }, { handle: "pcp", ...wide });
    const { page } = view;
    const id = await world.newConsultation();
    await isLive(page, `/t/${id}`);
    await world.post("nurse", id, "Before.", "CLINICAL_TEAM");
    await says(page, `1 new message ${showing}`);
    await page.locator("#body").fill("Kept.");
    await wire.cut();
    await world.post("nurse", id, "Meanwhile.", "CLINICAL_TEAM");
    const [from, to] = text("en", "live-stale").split("{ $time }");
    await until("the page says since when", async () => {
      const said = await words(page);
      return said.startsWith(from) && /^\d\d:\d\d$/.test(said.slice(from.length, from.length + 5)) && said.endsWith(`${to} ${refresh}`);
    });
    assert.deepEqual(await axe(page), []);
    await shot(page, "stale");
    await wire.join();
    await says(page, `2 new messages ${showing}`);
    await world.post("nurse", id, "After.", "CLINICAL_TEAM");
    await says(page, `3 new messages ${showing}`);
    await line(page).locator("a").click();
    await page.getByText("After.").waitFor();
    assert.equal(await page.locator("#body").inputValue(), "Kept.");
    await view.close();
    await wire.cut();
    return view.faults.filter((fault) => !/net::ERR_/.test(fault));
  });
}
