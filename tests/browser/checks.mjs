// What axe does not find: the checks of a page that are ours. Each returns lines that say what is wrong.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];

/** The violations of WCAG 2.0 to 2.2, levels A and AA, that axe finds. */
export async function axe(page) {
  // Evaluated by the protocol, so the content security policy does not refuse it, and the page stays as it is.
  await page.evaluate(axeSource);
  const found = await page.evaluate(
    (values) => globalThis.axe.run(document, { runOnly: { type: "tag", values }, resultTypes: ["violations"] }),
    STANDARDS,
  );
  return found.violations.flatMap((rule) => rule.nodes.map((node) =>
    `axe ${rule.id}: ${node.target.join(" ")}: ${node.failureSummary.replaceAll(/\s+/g, " ").slice(0, 300)}`));
}

/** A text of a language of the pages. */
export function text(lang, key) {
  const file = readFileSync(new URL(`../../crates/server/texts/${lang}.ftl`, import.meta.url), "utf8");
  return file.match(new RegExp(`^${key} = (.*)$`, "m"))[1];
}

/**
 * The structure of the page as a browser has laid it out. `place` says whether the page belongs to an entry of the
 * navigation, `turn` whether it has a primary action, `unread` how many messages of each thread are unread.
 */
export async function structure(page, { place = true, turn = false, unread = {}, lang = "en" }) {
  return page.evaluate(({ place, turn, unread, unreadWord }) => {
    const wrong = [];
    const all = (selector, root = document) => [...root.querySelectorAll(selector)];
    const name = (element) => `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ""}${element.className?.trim?.() ? `.${element.className.trim().split(/\s+/).join(".")}` : ""} “${(element.textContent ?? "").trim().replace(/\s+/g, " ").slice(0, 60)}”`;
    const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
    // Words for screen readers only are clipped, as the head of a table on a phone is.
    const hiddenForEyes = (element) => element.closest(".hide, .skip") !== null
      || (element.closest("thead") !== null && getComputedStyle(element.closest("thead")).clipPath !== "none");

    // Headings: exactly one h1, no level is left out, no control inside.
    const headings = all("h1, h2, h3, h4, h5, h6").filter((heading) => heading.checkVisibility());
    const levels = headings.map((heading) => Number(heading.tagName[1]));
    if (levels.filter((level) => level === 1).length !== 1) {
      wrong.push(`${levels.filter((level) => level === 1).length} elements h1`);
    }
    levels.forEach((level, index) => {
      if (level > (levels[index - 1] ?? level) + 1) {
        wrong.push(`after h${levels[index - 1]} comes ${name(headings[index])}`);
      }
    });
    for (const heading of headings) {
      if (heading.querySelector("button, input, select, textarea, summary")) {
        wrong.push(`a control in the heading ${name(heading)}`);
      }
    }

    // Landmarks.
    for (const [what, selector] of [["main", "main"], ["banner", "body > header"], ["contentinfo", "body > footer"]]) {
      if (all(selector).length !== 1) {
        wrong.push(`${all(selector).length} landmarks ${what}`);
      }
    }
    const labels = new Map();
    for (const landmark of all("nav, aside, section[aria-label], section[aria-labelledby], [role=region]").filter(shown)) {
      const by = landmark.getAttribute("aria-labelledby");
      const label = landmark.getAttribute("aria-label") ?? (by && document.getElementById(by)?.textContent.trim());
      const key = `${landmark.tagName} ${label}`;
      if (!label) {
        wrong.push(`a landmark without a name: ${name(landmark)}`);
      } else if (labels.has(key)) {
        wrong.push(`two landmarks are called “${label}”`);
      }
      labels.set(key, landmark);
    }
    const outside = [...document.body.children].filter((part) => shown(part)
      && !part.matches("a.skip, header, main, footer, [role=region], .app-body") && part.textContent.trim() !== "");
    wrong.push(...outside.map((part) => `outside of every landmark: ${name(part)}`));

    // The navigation says where one is.
    for (const navigation of all("nav")) {
      const current = all('[aria-current="page"]', navigation).length;
      const expected = navigation.classList.contains("app-nav") && !place ? 0 : 1;
      if (current !== expected) {
        wrong.push(`aria-current="page" ${current} times in the navigation “${navigation.getAttribute("aria-label")}”`);
      }
      if (all("[aria-current]:not([aria-current=page])", navigation).length > 0) {
        wrong.push(`another aria-current in the navigation “${navigation.getAttribute("aria-label")}”`);
      }
    }

    // Links and buttons to different things can be told apart by name and description.
    const known = new Map();
    for (const element of all("main a[href], main button").filter(shown)) {
      const described = (element.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
      for (const id of described) {
        if (!document.getElementById(id)) {
          wrong.push(`aria-describedby names ${id}, which does not exist`);
        }
      }
      const words = [element.getAttribute("aria-label") ?? element.textContent, ...described.map((id) => document.getElementById(id)?.textContent)];
      const spoken = words.join(" | ").trim().replace(/\s+/g, " ");
      const target = element.href ?? `${element.form?.action} ${element.name} ${element.value}`;
      if (!spoken) {
        wrong.push(`without a name: ${name(element)}`);
      } else if (known.has(spoken) && known.get(spoken) !== target) {
        wrong.push(`two different things are called “${spoken.slice(0, 160)}”`);
      }
      known.set(spoken, target);
    }

    // "Unread" is a word in the row, once, near its beginning.
    for (const link of all("main a[href^='/t/']")) {
      const row = link.closest("li.row, tr, .card");
      const count = unread[link.pathname.split("/")[2]];
      if (!row || count === undefined || link.pathname.split("/").length !== 3) {
        continue;
      }
      const tags = all(".tag", row).filter((tag) => tag.textContent.trim() === unreadWord && shown(tag));
      if (tags.length !== (count > 0 ? 1 : 0)) {
        wrong.push(`${count} messages are unread, and the row says so ${tags.length} times: ${name(link)}`);
      }
      const em = parseFloat(getComputedStyle(row).fontSize);
      for (const tag of tags) {
        if (tag.getBoundingClientRect().right - row.getBoundingClientRect().left > 20 * em) {
          wrong.push(`“${unreadWord}” is not within the first 20 em of ${name(row)}`);
        }
      }
    }

    // Radios.
    for (const radio of all("input[type=radio]")) {
      const fieldset = radio.closest("fieldset");
      if (!fieldset || !fieldset.querySelector("legend")?.textContent.trim()) {
        wrong.push(`a radio without a fieldset and legend: ${radio.name}`);
      } else if (all("input[type=radio]", fieldset).some((other) => other.closest("fieldset") === fieldset && other.name !== radio.name)) {
        wrong.push(`radios of two names in one fieldset: ${radio.name}`);
      }
    }

    // Nothing but main, an error summary and the message of a result takes the focus from a script.
    for (const element of all("[tabindex]")) {
      const isResult = element.matches("main, .error-summary, [role=status], [role=alert], .table-note, .empty h2");
      if (element.getAttribute("tabindex") !== "-1" || !isResult) {
        wrong.push(`tabindex ${element.getAttribute("tabindex")} on ${name(element)}`);
      }
    }

    // Dates have a month in words; references are in groups.
    const date = document.body.innerText.match(/\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b/);
    if (date) {
      wrong.push(`a date as ${date[0]}`);
    }
    for (const reference of all(".ref")) {
      if (!/^\w{1,5}( \w{1,5})+$/.test(reference.textContent.trim())) {
        wrong.push(`a reference that is not in groups: ${reference.textContent}`);
      }
    }

    // Nothing is wider than the window, and no text is cut.
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > width) {
      wrong.push(`the page scrolls sideways: ${document.documentElement.scrollWidth} px in ${width} px`);
    }
    for (const element of all("body *")) {
      if (!shown(element) || hiddenForEyes(element) || element.matches("svg, svg *, select, option, textarea")) {
        continue;
      }
      const style = getComputedStyle(element);
      const clipped = style.overflowX !== "visible" || style.overflowY !== "visible" || style.textOverflow === "ellipsis";
      const holdsText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
      const isBox = element.matches("button, .button, .tag, a, th, td, h1, h2, h3, h4, p, legend, label");
      if ((clipped || (holdsText && isBox && style.display !== "inline")) && element.scrollWidth > element.clientWidth + 1) {
        wrong.push(`text is cut or leaves its box: ${name(element)}`);
      }
      if (clipped && style.overflowY !== "visible" && element.scrollHeight > element.clientHeight + 1) {
        wrong.push(`text is cut below: ${name(element)}`);
      }
      const box = element.getBoundingClientRect();
      if (holdsText && (box.right > width + 1 || box.left < -1)) {
        wrong.push(`text beside the window: ${name(element)}`);
      }
    }

    // No word of ordinary length is broken over two lines, unless it is within a longer run without a space.
    const texts = document.createTreeWalker(document.querySelector("main") ?? document.body, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      if (!node.data.trim() || !shown(node.parentElement) || hiddenForEyes(node.parentElement) || node.parentElement.closest("textarea, select, svg, code")) {
        continue;
      }
      for (const word of node.data.matchAll(/(?<!\p{L})\p{L}{2,16}(?!\p{L})/gu)) {
        const [before] = node.data.slice(0, word.index).match(/\S*$/);
        const [after] = node.data.slice(word.index + word[0].length).match(/^\S*/);
        if (before.length + word[0].length + after.length > 20) {
          continue;
        }
        const range = document.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        if (new Set([...range.getClientRects()].map((line) => Math.round(line.top))).size > 1) {
          wrong.push(`the word “${word[0]}” is broken over two lines`);
        }
      }
    }

    // Targets of 24 px; a link within a sentence may be as high as its line.
    for (const target of all("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
      if (!shown(target) || hiddenForEyes(target)) {
        continue;
      }
      const sentence = getComputedStyle(target).display === "inline"
        && [...target.parentElement.childNodes].some((node) => node !== target && node.nodeType === 3 && node.textContent.trim());
      const box = target.getBoundingClientRect();
      if (!sentence && (box.height < 23.9 || box.width < 23.9)) {
        wrong.push(`a target of ${Math.round(box.width)} × ${Math.round(box.height)} px: ${name(target)}`);
      }
    }
    const primary = all("main .button[data-kind=primary]").filter(shown);
    for (const action of primary) {
      if (action.getBoundingClientRect().height < 43.9) {
        wrong.push(`a primary action of ${action.getBoundingClientRect().height} px: ${name(action)}`);
      }
    }
    const action = document.querySelector(".turn .button[data-kind=primary]");
    if (turn && !action) {
      wrong.push("no primary action, although it is this person's turn");
    }
    // After a form, its result comes first. No name of a person or pool has that many letters but those of the hostile texts.
    const isLong = all(".patient-name, .thread-kind, h1").some((part) => part.textContent.trim().length > 120);
    if (action && !isLong && innerWidth === 375 && !document.querySelector(".error-summary, main [role=status]")) {
      const below = action.getBoundingClientRect().bottom + scrollY;
      if (below > 667) {
        wrong.push(`the primary action ends at ${Math.round(below)} px, below the first view: ${name(action)}`);
      }
    }

    // Help is at the same place: first in the footer.
    if (!document.querySelector("body > footer > p:first-child a[href^='tel:']")) {
      wrong.push("no telephone number at the beginning of the footer");
    }
    if (!document.title.trim() || document.documentElement.lang === "") {
      wrong.push("no title or no language");
    }
    return wrong;
  }, { place, turn, unread, unreadWord: text(lang, "unread") });
}

/** What has the focus now: whether it can be seen, and its name. */
const focused = () => {
  const element = document.activeElement;
  if (!element || element === document.body) {
    return null;
  }
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  const points = [[box.left + box.width / 2, box.top + box.height / 2], [box.left + 3, box.top + 3], [box.right - 3, box.bottom - 3]];
  const seen = points.some(([x, y]) => {
    const top = document.elementFromPoint(x, y);
    return top && (element.contains(top) || top.contains(element));
  });
  return {
    name: `${element.tagName.toLowerCase()} “${(element.getAttribute("aria-label") ?? element.textContent ?? element.name).trim().replace(/\s+/g, " ").slice(0, 60)}”`,
    key: `${element.tagName} ${element.id} ${element.name ?? ""} ${element.value ?? ""} ${element.href ?? ""} ${Math.round(box.left)} ${Math.round(box.top + scrollY)}`,
    hasRing: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    inView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    seen,
    inMain: element.closest("main") !== null,
    sends: element.matches("#reply button"),
  };
};

/** How many frames it may take until what has the focus is in view. */
const FRAMES_MAX = 60;

/** Walks through the page with the tabulator key: every stop is visible, and nothing lies over it. */
export async function walk(page, { most = 150 } = {}) {
  const wrong = [];
  const stops = [];
  await page.evaluate(() => { document.activeElement?.blur(); scrollTo(0, 0); });
  for (let count = 0; count < most; count += 1) {
    await page.keyboard.press("Tab");
    let stop = await page.evaluate(focused);
    // A busy machine may still scroll to it.
    for (let frames = 0; stop && !(stop.inView && stop.seen) && frames < FRAMES_MAX; frames += 1) {
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
      stop = await page.evaluate(focused);
    }
    if (!stop || stops.some((known) => known.key === stop.key)) {
      break;
    }
    stops.push(stop);
    if (!stop.hasRing) {
      wrong.push(`the focus cannot be seen on ${stop.name}`);
    }
    if (!stop.inView || !stop.seen) {
      wrong.push(`the focus is obscured or out of view on ${stop.name}`);
    }
  }
  if (stops.length < 2) {
    wrong.push(`${stops.length} stops of the tabulator key`);
  }
  return { wrong, stops };
}

/** How many stops of the tabulator key lie between the skip link and the button that sends. */
export async function stopsToSend(page) {
  await page.evaluate(() => { document.activeElement?.blur(); scrollTo(0, 0); });
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  for (let count = 1; count <= 200; count += 1) {
    await page.keyboard.press("Tab");
    let stop = await page.evaluate(focused);
    // A busy machine may still scroll to it.
    for (let frames = 0; stop && !(stop.inView && stop.seen) && frames < FRAMES_MAX; frames += 1) {
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
      stop = await page.evaluate(focused);
    }
    if (stop?.sends) {
      return count;
    }
  }
  return Infinity;
}
