// The example page that follows a worklist live from another origin, which `run.sh` allows by `--origin`.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { check } from "./report.mjs";

const PAGE = "http://localhost:5173/live_worklist.html";
const file = fileURLToPath(new URL("../../examples/live_worklist.html", import.meta.url));

export async function examples(browser, world) {
  await check("the example page shows a worklist and its changes", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const faults = [];
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
    // No server is needed at the other origin: the browser is given the file.
    await page.route(PAGE, (route) => route.fulfill({ path: file, contentType: "text/html" }));
    let sockets = 0;
    const subscribed = new Promise((done) => {
      page.on("websocket", (socket) => {
        sockets += 1;
        socket.on("framesent", ({ payload }) => payload.includes('"subscribe"') && done());
      });
    });
    await page.goto(PAGE);
    const follow = async (token) => {
      await page.locator("[name=url]").fill(`${world.url}/graphql`);
      await page.locator("[name=token]").fill(token);
      await page.getByRole("button", { name: "Follow" }).click();
    };
    await follow(world.token("nurse"));
    await subscribed;
    const before = await page.locator("li").count();
    assert.ok(before > 0, "the nurse has something to do");
    const { problems } = await world.team({ subject: "Recorder", note: "Can you fetch it?" });
    assert.deepEqual(problems, []);
    await page.locator("li").nth(before).waitFor();
    assert.equal(sockets, 1);
    assert.deepEqual(faults, []);
    await context.close();
  });
}
