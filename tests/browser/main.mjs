// Holds the pages of a running demo in a real browser: node main.mjs URL BINARY DATA
import { launch } from "./browser.mjs";
import { crawl } from "./crawl.mjs";
import { examples } from "./examples.mjs";
import { injection } from "./injection.mjs";
import { live } from "./live.mjs";
import { everyCombination, everyPage, everyPageIsInTheTable, isSoak, oncePerPage } from "./pages.mjs";
import { finish } from "./report.mjs";
import { proofs } from "./proofs.mjs";
import { stories } from "./stories.mjs";
import { weight } from "./weight.mjs";
import { World } from "./world.mjs";

const [url, binary, data] = process.argv.slice(2);
const world = new World({ url, binary, data });
const browser = await launch();
const parts = {
  proofs: () => proofs(browser, world),
  table: everyPageIsInTheTable,
  weight: () => weight(browser, world),
  pages: () => everyPage(browser, world),
  once: () => oncePerPage(browser, world),
  soak: () => everyCombination(browser, world),
  stories: () => stories(browser, world),
  live: () => live(browser, world),
  crawl: () => crawl(world),
  injection: () => injection(browser, world),
  examples: () => examples(browser, world),
};
// What opens many threads comes after what reads lists: a list of more than fifty threads tells no number of them, and the
// crawl would follow each.
const usual = `table,proofs,weight,live,stories,crawl,${isSoak ? "" : "pages,"}once,injection,examples${isSoak ? ",soak" : ""}`;
const chosen = (process.env.CAREFOLD_BROWSER_ONLY ?? usual).split(",");
for (const part of chosen) {
  const began = Date.now();
  await parts[part]();
  console.log(`${part}: ${Math.round((Date.now() - began) / 1000)} s`);
}
await browser.close();
process.exitCode = finish();
