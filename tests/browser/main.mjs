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
// The pages are opened before the stories, which make threads whose subjects a reader may not know, so that they have equal
// names; `live` reads numbers of threads, which a list of more than fifty does not tell, so it comes before what opens many.
const usual = `table,proofs,weight,live,${isSoak ? "" : "pages,"}once,stories,crawl,injection,examples${isSoak ? ",soak" : ""}`;
const chosen = (process.env.CAREFOLD_BROWSER_ONLY ?? usual).split(",");
for (const part of chosen) {
  const began = Date.now();
  await parts[part]();
  console.log(`${part}: ${Math.round((Date.now() - began) / 1000)} s`);
}
await browser.close();
process.exitCode = finish();
