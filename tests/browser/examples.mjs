// The example page that follows a worklist live from another origin, which `run.sh` allows by `--origin`.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { check } from "./report.mjs";

const PAGE = "http://localhost:5173/live_worklist.html";
const html = readFileSync(new URL("../../examples/live_worklist.html", import.meta.url));

export async function examples(browser, world) {
  await check("the example page shows a worklist and its changes", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const faults = [];
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
    const server = createServer((_, response) => response.setHeader("content-type", "text/html").end(html));
    await once(server.listen(5173, "localhost"), "listening");
    let sockets = 0;
    page.on("websocket", () => { sockets += 1; });
    await page.goto(PAGE);
    const follow = async (token) => {
      await page.locator("[name=url]").fill(`${world.url}/graphql`);
      await page.locator("[name=token]").fill(token);
      await page.getByRole("button", { name: "Follow" }).click();
    };
    await follow(world.token("nurse"));
    await page.getByText("Connected").waitFor();
    const before = await page.locator("li").count();
    assert.ok(before > 0, "the nurse has something to do");
    const { problems } = await world.team({ subject: "Recorder", note: "Can you fetch it?" });
    assert.deepEqual(problems, []);
    await page.locator("li").nth(before).waitFor();
    assert.equal(sockets, 1);
    assert.deepEqual(faults, []);
    await context.close();
    server.close();
  });
}
