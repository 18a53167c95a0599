// What a page weighs on the network, which is asserted, and how long the server takes for a thread of fifty messages,
// which is only reported.
import { open } from "./browser.mjs";
import { check, figure } from "./report.mjs";

const FIRST_MAX = 60 * 1024;
const LATER_MAX = 15 * 1024;
const MESSAGES = 50;
const REQUESTS = 200;

/** The bytes of a page with everything that it loads, as they come over the network. */
async function bytes(view, path) {
  const network = await view.context.newCDPSession(view.page);
  await network.send("Network.enable");
  let sum = 0;
  const running = new Set();
  network.on("Network.requestWillBeSent", ({ requestId, request }) => {
    // The stream of the page goes on.
    if (new URL(request.url).pathname !== "/live") {
      running.add(requestId);
    }
  });
  network.on("Network.loadingFailed", ({ requestId }) => running.delete(requestId));
  network.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    running.delete(requestId);
    sum += encodedDataLength;
  });
  await view.page.goto(path);
  // The end of a request that was broken off is not always told, so the wait has a bound.
  for (let waited = 0; waited === 0 || (running.size > 0 && waited < 20); waited += 1) {
    await view.page.waitForTimeout(500);
  }
  await network.detach();
  return sum;
}

/** A consultation with fifty messages, of a length as people write them. */
async function longThread(world) {
  const id = await world.newConsultation();
  for (let number = 0; number < MESSAGES; number += 1) {
    const words = `Message ${number}. ${"Blood pressure at home this morning 142/88, pulse 71, no dizziness on standing. ".repeat(1 + (number % 4))}`;
    await world.post(number % 3 === 0 ? "nurse" : "pcp", id, words, number % 2 === 0 ? "CLINICAL_TEAM" : "EVERYONE");
  }
  return id;
}

export async function weight(browser, world) {
  const id = await longThread(world);
  const view = await open(browser, world);
  const kib = (count) => `${(count / 1024).toFixed(1)} KiB`;
  await check("the weight of the first page", async () => {
    const first = await bytes(view, "/");
    figure("the first page weighs", kib(first));
    return first > FIRST_MAX ? [`${kib(first)}, and ${kib(FIRST_MAX)} is the most`] : [];
  });
  await view.page.locator("button[name=person][value=pcp]").click();
  await view.page.waitForURL(`${world.url}/home`);
  for (const [name, path] of [["home", "/home"], ["inbox", "/inbox"], ["worklist", "/worklist"], ["thread of fifty messages", `/t/${id}`]]) {
    await check(`the weight of a later page: ${name}`, async () => {
      // A visit before, so that what may be kept is kept.
      await view.page.goto(path);
      const later = await bytes(view, path);
      figure(`a later page weighs (${name})`, kib(later));
      return later > LATER_MAX ? [`${kib(later)}, and ${kib(LATER_MAX)} is the most`] : [];
    });
  }
  const cookie = (await view.context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const times = [];
  for (let count = 0; count < REQUESTS; count += 1) {
    const began = performance.now();
    const answer = await fetch(`${world.url}/t/${id}`, { headers: { cookie, "sec-fetch-site": "same-origin" } });
    await answer.arrayBuffer();
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  const at = (part) => `${times[Math.floor(part * (REQUESTS - 1))].toFixed(1)} ms`;
  figure("the thread of fifty messages, of 200 requests, one after another", `p50 ${at(0.5)}, p95 ${at(0.95)}`);
  await check("a page that a foreign page asks for is not compressed", async () => {
    const coding = async (site) => {
      const answer = await fetch(`${world.url}/t/${id}`, { headers: { cookie, ...(site && { "sec-fetch-site": site }) } });
      await answer.arrayBuffer();
      return answer.headers.get("content-encoding");
    };
    const found = [await coding("same-origin"), await coding("cross-site"), await coding(null)];
    return JSON.stringify(found) === JSON.stringify(["gzip", null, null]) ? [] : [JSON.stringify(found)];
  });
  await view.close();
}
