// A browser that notes everything that must never happen on a page: violations of the content security policy, errors of
// the console, requests to another origin, and dialogues.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const executablePath = process.env.CAREFOLD_CHROMIUM || "/usr/bin/chromium";

export async function launch() {
  if (!existsSync(executablePath)) {
    throw new Error(`there is no browser at ${executablePath}; install chromium, or set CAREFOLD_CHROMIUM`);
  }
  // The pages are of this machine; the sandbox needs rights that a container does not give.
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-background-networking"] });
}

/**
 * A context of one person. `faults` collects what must never happen on any of its pages; a status that a test expects,
 * such as the conflict, is not an error of the console.
 */
export async function open(browser, world, { handle = null, width = 1280, height = 800, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, locale: "en-GB", reducedMotion: "reduce", ...options });
  const faults = [];
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`CSP violation: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  const origin = new URL(world.url).origin;
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && !["data:", "blob:"].includes(url.protocol)) {
      faults.push(`a request to ${url.origin}`);
    }
  });
  context.on("console", (message) => {
    const isStatus = /Failed to load resource: the server responded with a status of (401|403|404|409|422)/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !isStatus) {
      faults.push(`the console: ${message.text()}`);
    }
  });
  context.on("weberror", (error) => faults.push(`an error of a script: ${error.error()}`));
  context.on("dialog", (dialog) => {
    // Leaving a page with typed text asks, and is answered with yes.
    if (dialog.type() !== "beforeunload") {
      faults.push(`a dialogue: ${dialog.message()}`);
    }
    dialog.accept();
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  if (handle) {
    await page.goto(`${world.url}/`);
    await page.locator(`button[name=person][value=${handle}]`).click();
    // Who only helps others begins with the choice of one of them.
    await page.waitForURL((url) => ["/home", "/helping"].includes(url.pathname));
  }
  const go = page.goto.bind(page);
  page.goto = (path, how) => go(path.startsWith("/") ? world.url + path : path, how);
  return { context, page, faults, close: () => context.close() };
}
