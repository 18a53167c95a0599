// The API page shows each file of page/ whole: what a reader copies is what the checks here run.
import { readdirSync, readFileSync } from "node:fs";

const here = new URL("./", import.meta.url);
const page = readFileSync(new URL("../../docs/api.md", here), "utf8");
const shown = new Map(
  [...page.matchAll(/<!-- tests\/clients\/(\S+) -->\n+```\w*\n(.*?)```\n/gs)].map(([, path, code]) => [path, code]),
);
const files = ["relay.config.json", ...readdirSync(new URL("page/", here)).map((name) => `page/${name}`)];
const wrong = files.filter((path) => shown.get(path) !== readFileSync(new URL(path, here), "utf8"));
const unknown = [...shown.keys()].filter((path) => !files.includes(path));
for (const path of wrong) console.log(`docs/api.md does not show tests/clients/${path} as it is`);
for (const path of unknown) console.log(`docs/api.md shows tests/clients/${path}, which is no file of page/`);
console.log(`${files.length - wrong.length} of ${files.length} files are on the page as they are`);
process.exit(wrong.length + unknown.length === 0 ? 0 : 1);
