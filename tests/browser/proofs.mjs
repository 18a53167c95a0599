// Proves that the checks of a page can fail: each page here is changed on its way to the browser so that it is wrong in
// one way, and the check that is meant must say so.
import assert from "node:assert/strict";
import { open } from "./browser.mjs";
import { axe, structure, walk } from "./checks.mjs";
import { payloads, harmless } from "./injection.mjs";
import { check } from "./report.mjs";
import { Thread } from "./world.mjs";

const style = (rules) => (html) => html.replace("</head>", `<style>${rules}</style></head>`);
const inMain = (markup) => (html) => html.replace("</main>", `${markup}</main>`);

/** A page, what makes it wrong, and the words of the finding. `allows` lets a page break its policy, so that style works. */
const wrongs = [
  { on: "thread", change: (html) => html.replace('<label class="field-label" for="body">', '<label class="field-label">'), says: /axe label/ },
  { on: "thread", change: style(".message-body { color: #bbb }"), allows: true, says: /axe color-contrast/ },
  { on: "home", change: (html) => html.replace('lang="en"', ""), says: /no language|axe html-has-lang/ },
  { on: "home", change: inMain("<h1>Again</h1>"), says: /2 elements h1/ },
  { on: "home", change: inMain("<h2>Two</h2><h4>Four</h4>"), says: /after h2 comes h4/ },
  { on: "home", change: inMain("<h2>Press <button>here</button></h2>"), says: /a control in the heading/ },
  { on: "home", change: (html) => html.replace(' aria-current="page"', ""), says: /aria-current="page" 0 times/ },
  { on: "inbox", change: (html) => html.replaceAll(/ aria-describedby="[^"]*"/g, ""), says: /two different things are called “Dizzy in the morning”/ },
  { on: "inbox", change: (html) => html.replaceAll(/<span class="tag" data-tone="accent">Unread<\/span>/g, ""), says: /the row says so 0 times/ },
  { on: "inbox", change: (html) => html.replaceAll('>Unread</span>', '>Unread</span><span class="tag">Unread</span>'), says: /the row says so 2 times/ },
  { on: "thread", change: (html) => html.replace(/name="shown" value="CLINICAL_TEAM"/, 'name="other" value="CLINICAL_TEAM"'), says: /radios of two names/ },
  { on: "thread", change: (html) => html.replaceAll(/<\/?fieldset[^>]*>/g, ""), says: /a radio without a fieldset/ },
  { on: "home", change: inMain('<p tabindex="0">Here</p>'), says: /tabindex 0/ },
  { on: "home", change: inMain("<p>On 03/04/2026</p>"), says: /a date as 03\/04\/2026/ },
  { on: "home", change: inMain('<span class="ref">0123456789abcdef</span>'), says: /not in groups/ },
  { on: "home", change: style("main { min-width: 100rem }"), allows: true, says: /scrolls sideways/ },
  { on: "inbox", change: style(".row-title { white-space: nowrap; overflow: hidden; width: 10rem }"), allows: true, says: /text is cut/ },
  { on: "home", change: style("h2 { width: 2rem }"), allows: true, says: /is broken over two lines/ },
  { on: "home", change: style(".button { min-block-size: 0 !important; padding: 0 !important; font-size: 8px !important; line-height: 1 !important }"), allows: true, says: /a target of/ },
  { on: "turn", change: style(".turn .button { min-block-size: 30px !important; padding: 0 !important }"), allows: true, says: /a primary action of 30/ },
  { on: "turn", change: style(".turn { margin-top: 600px }"), allows: true, says: /below the first view/ },
  { on: "turn", change: (html) => html.replace(/<section class="turn"[\s\S]*?<\/section>/, ""), says: /no primary action/ },
  { on: "home", change: (html) => html.replace(/href="tel:/g, 'href="/tel:'), says: /no telephone number/ },
  { on: "home", change: (html) => html.replace("<main", "<div").replace("</main>", "</div>"), says: /0 landmarks main/ },
  { on: "home", change: (html) => html.replace("</body>", "<p>Lost words</p></body>"), says: /outside of every landmark/ },
  { on: "home", change: style(":focus-visible { outline: none !important }"), allows: true, says: /the focus cannot be seen/ },
  { on: "home", change: style("body::after { content: ''; position: fixed; inset: 0; background: #000 } header { position: fixed; inset: 0; z-index: 9; background: #fff }"), allows: true, says: /the focus is obscured/ },
  { on: "home", change: inMain("<script>window.inline = true</script>"), says: /CSP violation|Content Security Policy/ },
  { on: "home", change: inMain('<img alt="" src="https://evil.example/x.png">'), says: /evil\.example|Content Security Policy/ },
  { on: "home", change: inMain('<img alt="" src="https://evil.example/x.png">'), allows: true, says: /a request to https:\/\/evil\.example/ },
  { on: "home", change: inMain("<script>alert(1)</script>"), allows: true, says: /a dialogue: 1/ },
  { on: "home", change: inMain("<script>undefined.x</script>"), allows: true, says: /an error of a script/ },
];

/** Hostile texts that were not escaped would be found. */
const hostile = [0, 3, 9, 14, 25];

export async function proofs(browser, world) {
  await world.equalSubjects();
  const view = await open(browser, world, { handle: "pcp", width: 375, height: 667 });
  const unread = await world.unread("pcp");
  const paths = {
    home: "/home", inbox: "/inbox", thread: `/t/${await world.thread("pcp", Thread.writable)}`, turn: `/t/${await world.thread("pcp", Thread.waitsForMe)}`,
  };
  let now = null;
  await view.context.route((url) => url.origin === world.url && Object.values(paths).includes(url.pathname), async (route) => {
    const answer = await route.fetch();
    const headers = answer.headers();
    delete headers["content-encoding"];
    delete headers["content-length"];
    if (now.allows) {
      delete headers["content-security-policy"];
    }
    await route.fulfill({ response: answer, headers, body: now.change(await answer.text()) });
  });
  for (const wrong of wrongs) {
    now = wrong;
    await check(`a page that is wrong is found: ${wrong.says}`, async () => {
      view.faults.length = 0;
      await view.page.goto(paths[wrong.on]);
      const found = [
        ...await structure(view.page, { turn: wrong.on === "turn", unread }), ...await axe(view.page), ...(await walk(view.page, { most: 12 })).wrong, ...view.faults,
      ];
      return found.some((line) => wrong.says.test(line)) ? [] : [`it was not, but ${JSON.stringify(found).slice(0, 300)}`];
    });
  }
  for (const number of hostile) {
    await check(`a text that is not escaped is found: ${payloads[number]}`, async () => {
      view.faults.length = 0;
      now = { allows: true, change: inMain(payloads[number]) };
      await view.page.goto(paths.home);
      await assert.rejects(harmless(view, "a page"));
    });
  }
  await view.close();
}
