// Says on the page that something changed, and shows it when the reader asks for it. The server tells by one stream that
// something changed and never what; the page is then read again.
// Without being asked, only numbers change. No value, caret, focus or place of scrolling does.
"use strict";

const bar = document.querySelector("[data-live]");
if (bar instanceof HTMLElement && "EventSource" in window) {
  const texts = bar.dataset;
  const lines = Array.from(document.querySelectorAll(".live"));
  const followed = Array.from(document.querySelectorAll("[data-follows]"));
  const follows = new Set(followed.flatMap((part) => (part.getAttribute("data-follows") ?? "").split(" ")));
  const messages = document.querySelector("[data-thread]");
  const thread = messages?.getAttribute("data-thread") ?? "";
  const here = bar.querySelector("a")?.getAttribute("href") ?? "";
  const refresh = bar.querySelector("a")?.textContent ?? "";
  // A page of older messages does not have the new ones.
  const newest = messages?.getAttribute("data-newest") ?? null;
  const lang = document.documentElement.lang;
  const plural = new Intl.PluralRules(lang);
  const clock = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: texts.zone });

  let last = texts.live ?? "";
  /** @type {EventSource | null} */
  let source = null;
  let goodAt = Date.now();
  let since = "";
  let ended = "";
  let news = { messages: 0, people: false, other: false };
  /** @typedef {ReturnType<typeof setTimeout> | undefined} Timer */
  /** @type {{ say: Timer, lost: Timer, watch: Timer, retry: Timer, hidden: Timer, count: Timer }} */
  const timers = { say: undefined, lost: undefined, watch: undefined, retry: undefined, hidden: undefined, count: undefined };

  // What the line says now: one thing, the most important one.
  const said = () => {
    if (ended === "signed-out" || ended === "expired") {
      const text = (ended === "expired" ? texts.expired : texts.signedOut) ?? "";
      return { state: "ended", text, link: texts.signIn ?? "", href: "/" };
    }
    if (ended !== "") {
      return { state: "ended", text: (ended === "full" ? texts.full : texts.threadEnded) ?? "", link: refresh, href: here };
    }
    if (since !== "") {
      return { state: "stale", text: (texts.stale ?? "").replace("#", since), link: refresh, href: here };
    }
    const link = texts.show ?? "";
    if (news.messages > 0) {
      // The languages of the pages have these two forms for numbers up to a hundred.
      const words = plural.select(news.messages) === "one" ? texts.message : texts.messages;
      const number = news.messages > 99 ? "99+" : String(news.messages);
      return { state: "news", text: (words ?? "").replace("#", number), link, href: newest ?? here };
    }
    if (news.people || news.other) {
      const changed = thread === "" ? texts.listChanged : texts.threadChanged;
      return { state: "news", text: (news.people && !news.other ? texts.peopleChanged : changed) ?? "", link, href: here };
    }
    return { state: "", text: "", link: refresh, href: here };
  };
  const write = () => {
    const { state, text, link, href } = said();
    for (const line of lines) {
      const [words, anchor] = [line.querySelector("span"), line.querySelector("a")];
      if (!(line instanceof HTMLElement && words && anchor)) {
        continue;
      }
      if (state === "") {
        delete line.dataset.state;
      } else {
        line.dataset.state = state;
      }
      if (words.textContent !== text) {
        words.textContent = text;
      }
      if (anchor.textContent !== link) {
        anchor.textContent = link;
      }
      anchor.setAttribute("href", href);
    }
  };
  // A screen reader reads each change of the line, so it changes at most every three seconds.
  let saidAt = 0;
  const say = () => {
    timers.say ??= setTimeout(() => {
      timers.say = undefined;
      saidAt = Date.now();
      write();
    }, Math.max(0, saidAt + 3000 - Date.now()));
  };

  /** Reads the page again, as its reader may see it now. None if somebody else is signed in, or nobody. */
  const read = async (/** @type {string} */ fragment) => {
    const answer = await fetch(here, { headers: { "x-fragment": fragment } });
    const page = answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
    const isOwn = page?.querySelector("[data-live]")?.getAttribute("data-person") === texts.person;
    return isOwn ? page : null;
  };
  const count = (/** @type {Document} */ page) => {
    for (const counter of document.querySelectorAll("[data-counter]")) {
      const now = page.querySelector(`[data-counter="${counter.getAttribute("data-counter")}"]`);
      if (now && counter.textContent !== now.textContent) {
        counter.textContent = now.textContent;
      }
    }
  };
  // Many notices in a short time are one reading. Nobody reads the numbers of a page that is not visible.
  let isCountOwed = false;
  const countSoon = () => {
    if (document.querySelector("[data-counter]") === null) {
      return;
    }
    timers.count ??= setTimeout(async () => {
      timers.count = undefined;
      isCountOwed = document.visibilityState === "hidden";
      if (isCountOwed || ended !== "") {
        return;
      }
      try {
        const page = await read("counters");
        if (page) {
          count(page);
        }
      } catch {
        // The stream says that the server cannot be reached.
      }
    }, 2000);
  };

  const hear = (/** @type {string} */ which, /** @type {string} */ data) => {
    const { topic, own } = JSON.parse(data);
    if (which !== "thread") {
      countSoon();
    }
    // What the reader did with their own read marks needs no notice, and their own message neither.
    if (!follows.has(which) || topic === "MARKED" || (topic === "MESSAGE" && own)) {
      return;
    }
    if (topic === "MESSAGE" && which !== "worklist") {
      news.messages += 1;
    } else if (topic === "PARTICIPANTS") {
      news.people = true;
    } else {
      news.other = true;
    }
    say();
  };

  const close = () => {
    source?.close();
    source = null;
    clearTimeout(timers.watch);
    clearTimeout(timers.retry);
    clearTimeout(timers.lost);
    timers.lost = undefined;
  };
  // The page says that it is not up to date once the stream was closed for five seconds.
  const lost = () => {
    timers.lost ??= setTimeout(() => {
      since = clock.format(goodAt);
      say();
    }, 5000);
  };
  const alive = () => {
    goodAt = Date.now();
    clearTimeout(timers.lost);
    timers.lost = undefined;
    if (since !== "") {
      since = "";
      say();
    }
    // The server says every ten seconds that the stream is open. A network that is gone says nothing.
    clearTimeout(timers.watch);
    timers.watch = setTimeout(() => {
      connect();
      lost();
    }, 30_000);
  };
  const end = (/** @type {string} */ reason) => {
    if (reason === "stopping") {
      // The server stops. The browser connects again by itself.
      return;
    }
    close();
    ended = reason;
    say();
    // As when nothing happens for long: what the page shows is hidden, so that nobody who passes by reads it.
    document.dispatchEvent(new Event(`carefold-${reason}`));
  };
  const connect = () => {
    close();
    if (ended !== "") {
      return;
    }
    const query = new URLSearchParams({ after: last, person: texts.person ?? "" });
    if (thread !== "") {
      query.set("thread", thread);
    }
    const opened = new EventSource(`/live?${query}`);
    source = opened;
    opened.addEventListener("open", alive);
    opened.addEventListener("beat", alive);
    for (const which of ["inbox", "worklist", "thread"]) {
      opened.addEventListener(which, (event) => {
        alive();
        last = event.lastEventId || last;
        hear(which, event.data);
      });
    }
    opened.addEventListener("ended", (event) => end(event.data));
    opened.addEventListener("error", () => {
      lost();
      // The browser connects again by itself, but not after an answer that is no stream.
      if (opened.readyState === EventSource.CLOSED) {
        timers.retry = setTimeout(connect, 3000);
      }
    });
  };

  const show = async () => {
    const known = new Set(Array.from(document.querySelectorAll("article.message"), (message) => message.id));
    news = { messages: 0, people: false, other: false };
    const page = await read("again");
    if (page === null) {
      location.assign(here);
      return;
    }
    for (const old of document.querySelectorAll("[data-fragment]")) {
      const now = page.querySelector(`[data-fragment="${old.getAttribute("data-fragment")}"]`);
      old.replaceChildren(...(now?.childNodes ?? []));
    }
    count(page);
    write();
    document.dispatchEvent(new Event("carefold-used"));
    document.dispatchEvent(new Event("carefold-replaced"));
    const message = Array.from(document.querySelectorAll("article.message")).find((each) => !known.has(each.id));
    const target = message?.querySelector(".message-head") ?? document.querySelector("[data-fragment] :is(h1, h2)");
    if (target instanceof HTMLElement) {
      target.tabIndex = -1;
      target.focus();
      target.addEventListener("blur", () => target.removeAttribute("tabindex"), { once: true });
    }
  };
  for (const line of lines) {
    line.querySelector("a")?.addEventListener("click", (event) => {
      const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
      const { state, href } = said();
      if (isPlain && state === "news" && href === here) {
        event.preventDefault();
        show().catch(() => location.assign(here));
      }
    });
  }

  // A browser opens six connections to a server at most, so a page that is not visible gives its stream back after a while.
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      connect();
    }
  });
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timers.hidden);
    if (document.visibilityState === "hidden") {
      timers.hidden = setTimeout(close, 60_000);
      return;
    }
    if (source === null) {
      connect();
    }
    if (isCountOwed) {
      countSoon();
    }
  });
  window.addEventListener("offline", lost);
  window.addEventListener("online", connect);
  // Somebody signed in again and went on with this page.
  document.addEventListener("carefold-goes-on", () => {
    if (ended === "expired") {
      ended = "";
      say();
      connect();
    }
  });
  connect();
}
