// Each page for each role that has it, at two widths; once a page in Spanish, at 320 px, at 400 %, without a script, in
// forced colours and by keyboard (at 1280 px and at 400 %). CAREFOLD_SOAK=1 runs every combination of page, role, language
// and width, each by keyboard. Two people are tested at once, each in a context of their own.
import { mkdirSync, readFileSync } from "node:fs";
import { atOnce } from "./at_once.mjs";
import { open } from "./browser.mjs";
import { axe, structure, walk } from "./checks.mjs";
import { check } from "./report.mjs";
import { pages, withoutPage, withoutThread } from "./table.mjs";

const root = new URL("../../", import.meta.url);
const shots = new URL("target/browser-shots/", root);
mkdirSync(shots, { recursive: true });
const isSoak = process.env.CAREFOLD_SOAK === "1";

const wide = { width: 1280, height: 800 };
const phone = { width: 375, height: 667 };
const narrow = { width: 320, height: 640 };
// A window of 1280 px at 400 %.
const zoomed = { width: 320, height: 256, deviceScaleFactor: 4 };

/** A page that is mounted and not in the table is tested by nobody. */
export async function everyPageIsInTheTable() {
  const source = (path) => readFileSync(new URL(path, root), "utf8");
  await check("the table of pages", () => {
    const mounted = [...source("crates/server/src/pages.rs").matchAll(/\.at\(\s*"([^"]+)"/g)].map((found) => found[1]);
    const steps = source("crates/server/src/pages/steps.rs");
    const withPage = steps.match(/fn has_page[^}]*?((?:\|?\s*Self::\w+\s*)+)=> true/)[1].match(/\w+(?=\s*(\||$))/g);
    const words = withPage.map((name) => steps.match(new RegExp(`\\b${name} = "([a-z-]+)"`))[1]);
    const missing = mounted.filter((route) => !(route in withoutPage) && !pages.some((page) => page.route === route));
    const unknown = pages.filter((page) => !mounted.includes(page.route));
    const forgotten = words.filter((word) => !(word in withoutThread) && !pages.some((page) => page.step === word));
    return [
      ...(mounted.length < 5 || words.length < 3 ? ["the sources could not be read"] : []),
      ...missing.map((route) => `pages.rs mounts ${route}, and tests/browser/table.mjs has no line for it`),
      ...unknown.map((page) => `pages.rs does not mount ${page.route} of ${page.name}`),
      ...forgotten.map((word) => `the step ${word} has a page, and tests/browser/table.mjs has no line for it`),
    ];
  });
}

async function arrive(view, page, world, handle) {
  if (page.by) {
    // The page after a form is there when its heading is another.
    const response = view.page.waitForResponse((answer) => answer.request().method() === "POST" && !answer.url().endsWith("/read"));
    await page.by(view.page, world, handle);
    const sent = await response;
    if (sent.status() !== page.status) {
      throw new Error(`the status ${sent.status()} instead of ${page.status}`);
    }
    await view.page.waitForLoadState("load");
  } else {
    const answer = await view.page.goto(await page.to(world, handle));
    const expected = page.name === "not-available" ? 404 : 200;
    if (answer.status() !== expected) {
      throw new Error(`the status ${answer.status()}`);
    }
  }
}

/** Everything that is checked of one page of one person in one window. */
async function checkPage(view, page, world, { handle, lang = "en", label, isWalked = false, shot = false }) {
  const title = `${page.name} of ${handle ?? "nobody"}, ${label}`;
  view.faults.length = 0;
  await check(title, async () => {
    // Before the page is opened: the script of a thread may mark messages as read.
    const unread = handle ? await world.unread(handle) : {};
    await arrive(view, page, world, handle);
    const wrong = await structure(view.page, { place: page.place ?? true, turn: page.turn ?? false, unread, lang });
    if (lang !== await view.page.evaluate(() => document.documentElement.lang)) {
      wrong.push(`the page is not in the language ${lang}`);
    }
    if (shot) {
      await view.page.screenshot({ path: new URL(`${page.name}-${handle ?? "nobody"}-${label.replaceAll(/\W+/g, "-")}.png`, shots).pathname, fullPage: true, scale: "css" });
    }
    wrong.push(...await axe(view.page));
    if (isWalked) {
      wrong.push(...(await walk(view.page)).wrong);
    }
    return [...new Set([...wrong, ...view.faults])];
  });
}

/** As many people as a small machine has cores. */
const PEOPLE_AT_ONCE = 2;

async function eachRole(browser, world, window, { lang = "en", only = pages, label, byKeyboard = false, ...options }) {
  const handles = [...new Set(only.flatMap((page) => page.roles))];
  await atOnce(PEOPLE_AT_ONCE, handles, async (handle) => {
    const view = await open(browser, world, { handle, ...window, ...options });
    if (lang !== "en") {
      await view.context.addCookies([{ name: "carefold-language", value: lang, url: world.url }]);
    }
    for (const page of only.filter((page) => page.roles.includes(handle))) {
      const isFirst = page.roles[0] === handle;
      const isWalked = isSoak || (byKeyboard && isFirst);
      await checkPage(view, page, world, { handle, lang, label, isWalked, shot: isFirst || page.name === "home" });
    }
    await view.close();
  });
}

/** Each page by the first of its people only. */
const once = () => pages.map((page) => ({ ...page, roles: [page.roles[0]] }));

export async function everyPage(browser, world) {
  await world.equalSubjects();
  const only = process.env.CAREFOLD_BROWSER_PAGE ? pages.filter((page) => page.name === process.env.CAREFOLD_BROWSER_PAGE) : pages;
  await eachRole(browser, world, wide, { label: "1280 px", only, byKeyboard: true });
  await eachRole(browser, world, phone, { label: "375 px", only });
}

export async function oncePerPage(browser, world) {
  const only = once().filter((page) => !process.env.CAREFOLD_BROWSER_PAGE || page.name === process.env.CAREFOLD_BROWSER_PAGE);
  await eachRole(browser, world, phone, { label: "Spanish", lang: "es", only });
  await eachRole(browser, world, narrow, { label: "320 px", only });
  await eachRole(browser, world, zoomed, { label: "400 %", only, byKeyboard: true });
  await eachRole(browser, world, wide, { label: "forced colours", only, forcedColors: "active" });
  await withoutScript(browser, world, only);
}

/** Without a script, every page opens, and its forms and links are all there is. */
async function withoutScript(browser, world, only) {
  await atOnce(PEOPLE_AT_ONCE, [...new Set(only.flatMap((page) => page.roles))], async (handle) => {
    const view = await open(browser, world, { handle, ...phone, javaScriptEnabled: false });
    for (const page of only.filter((page) => page.roles.includes(handle) && !page.by)) {
      view.faults.length = 0;
      await check(`${page.name} of ${handle ?? "nobody"}, no script`, async () => {
        await arrive(view, page, world, handle);
        const wrong = [];
        if (await view.page.locator("h1").count() !== 1) {
          wrong.push("not one h1");
        }
        for (const button of await view.page.locator("main button:visible").all()) {
          if (!await button.evaluate((element) => element.form !== null)) {
            wrong.push(`a button without a form: ${await button.textContent()}`);
          }
        }
        return [...wrong, ...view.faults];
      });
    }
    await view.close();
  });
}

/** The full product, for the long tests. */
export async function everyCombination(browser, world) {
  await world.equalSubjects();
  for (const lang of ["en", "es"]) {
    for (const [label, window] of [["1280 px", wide], ["375 px", phone], ["320 px", narrow], ["400 %", zoomed]]) {
      await eachRole(browser, world, window, { label: `${label}, ${lang}`, lang });
    }
  }
}

export { isSoak, narrow, phone, shots, wide };
