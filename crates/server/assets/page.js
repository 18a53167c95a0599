// The script of the pages; live.js is its other part. Every page works without them; they only make some things easier.
// No dependencies, no markup from text, nothing stored in the browser.
"use strict";

// After a form, the result or the error summary has the focus, so that it is read first.
const result = document.querySelector("[data-focus]");
if (result instanceof HTMLElement) {
  result.focus();
}

// A button that was pressed twice sends its form once. The key in the form makes a second sending harmless anyway.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== "post") {
    return;
  }
  if (form.dataset.sent === "yes") {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
});
// A page that is shown again by "back" can be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.forms) {
    delete form.dataset.sent;
  }
});

// What saves the drafts of the page now.
/** @type {(() => Promise<void>)[]} */
const savings = [];

// A form keeps its draft: every ten seconds when it has changed, and when the page is left.
for (const box of document.querySelectorAll("[data-draft]")) {
  const form = box.closest("form");
  const version = form?.querySelector("[name=draftVersion]");
  const line = box.querySelector(".draft-state");
  const words = box.querySelector("[data-draft-words]");
  const discard = box.querySelector("[name=discard]");
  if (!(box instanceof HTMLElement && form instanceof HTMLFormElement && version instanceof HTMLInputElement)
    || !(line instanceof HTMLElement && discard instanceof HTMLElement && words)) {
    continue;
  }
  const fields = () => {
    const found = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      found.append(name, String(value));
    }
    return found;
  };
  const typed = () => {
    const found = fields();
    found.delete("draftVersion");
    return found.toString();
  };
  let saved = "unsaved" in box.dataset ? "" : typed();
  let sending = "";
  let saving = Promise.resolve();
  // A draft that was saved elsewhere is replaced by a press of the button only, when both texts were seen.
  let stopped = "elsewhere" in box.dataset;
  const say = (text, state) => {
    box.dataset.state = state;
    words.textContent = text;
    line.hidden = text === "";
    if (state === "failed") {
      line.setAttribute("role", "status");
    }
  };
  if (stopped) {
    box.dataset.state = "failed";
  }
  const save = async (leaving) => {
    const now = typed();
    if (stopped || form.dataset.sent === "yes" || now === saved || now === sending || (sending && !leaving)) {
      return;
    }
    sending = now;
    const body = fields();
    if (leaving) {
      body.append("leaving", "yes");
    }
    try {
      // A browser refuses more than 64 KiB after the page is gone.
      const keepalive = leaving && body.toString().length < 60_000;
      const headers = { "x-fragment": "draft" };
      const answer = await fetch(box.dataset.draft ?? "", { method: "POST", body, headers, keepalive, redirect: "manual" });
      const text = new URLSearchParams(`words=${answer.headers.get("x-draft-words") ?? ""}`).get("words") ?? "";
      switch (answer.headers.get("x-draft-state")) {
        case "saved":
          saved = now;
          version.value = answer.headers.get("x-draft-version") ?? "";
          discard.hidden = false;
          say(text, "saved");
          break;
        case "elsewhere":
        case "refused":
          stopped = true;
          say(text, "failed");
          break;
        case "later":
        case "empty":
          break;
        default:
          say(box.dataset.failed ?? "", "failed");
      }
    } catch {
      say(box.dataset.failed ?? "", "failed");
    } finally {
      sending = "";
    }
  };
  savings.push(async () => {
    await saving;
    await save(true);
  });
  // The server refuses a second save within ten seconds, so the page waits a little longer.
  setInterval(() => { saving = save(false); }, 10_500);
  window.addEventListener("pagehide", () => save(true));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
      save(true);
    }
  });
}

// Nobody can save after signing out, so the drafts are saved first; a server that does not answer delays it three seconds.
const out = document.querySelector("form[action='/sign-out']");
if (out instanceof HTMLFormElement && savings.length > 0) {
  out.addEventListener("submit", async (event) => {
    event.preventDefault();
    await Promise.race([
      Promise.all(savings.map((save) => save())),
      new Promise((done) => { setTimeout(done, 3000); }),
    ]);
    out.submit();
  }, { once: true });
}

// Typed text is not lost by leaving the page unawares.
for (const form of document.querySelectorAll("form[data-keep]")) {
  if (form instanceof HTMLFormElement) {
    const typed = () =>
      Array.from(form.querySelectorAll("textarea")).some((text) => text.value !== text.defaultValue);
    // A form with a draft is saved when it is left.
    const draft = form.querySelector("[data-draft]");
    const isKept = () => draft instanceof HTMLElement && draft.dataset.state !== "failed";
    window.addEventListener("beforeunload", (event) => {
      if (form.dataset.sent !== "yes" && typed() && !isKept()) {
        event.preventDefault();
      }
    });
  }
}

// A message counts as read once its end has been in view for a second, and everything before it has been so too. A mark is
// one place in the thread, so a message that was jumped over keeps what follows it unread.
let stopWatching = () => {};
const watchUnread = () => {
  stopWatching();
  const mark = document.querySelector("form[data-mark-read]");
  if (!(mark instanceof HTMLFormElement) || !("IntersectionObserver" in window)) {
    return;
  }
  const unread = Array.from(document.querySelectorAll("[data-unread]"));
  const seen = new Set();
  let marked = 0;
  const read = async () => {
    let count = marked;
    while (count < unread.length && seen.has(unread[count])) {
      count += 1;
    }
    if (count === marked) {
      return;
    }
    marked = count;
    const message = unread[count - 1].getAttribute("data-unread") ?? "";
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(mark)) {
      body.append(name, String(value));
    }
    body.set("messageId", message);
    body.set("key", `${body.get("key")}-${count}`);
    const answer = await fetch(mark.action, { method: "POST", body, redirect: "manual" });
    if ((answer.type === "opaqueredirect" || answer.ok) && count === unread.length) {
      mark.hidden = true;
    }
  };
  const waiting = new Map();
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      clearTimeout(waiting.get(target));
      if (isIntersecting) {
        waiting.set(target, setTimeout(() => {
          if (document.visibilityState === "visible") {
            observer.unobserve(target);
            seen.add(target.closest("[data-unread]"));
            read();
          }
        }, 1000));
      }
    }
  }, { threshold: 1 });
  for (const message of unread) {
    observer.observe(message.querySelector(".message-end") ?? message);
  }
  stopWatching = () => {
    observer.disconnect();
    waiting.forEach(clearTimeout);
  };
};
watchUnread();
// The messages were read again and stand in the place of the old ones.
document.addEventListener("carefold-replaced", watchUnread);

// Two minutes before the session ends without a request, the page says so, and one press goes on with it. At its end the
// page hides what it shows, so that nobody who passes by reads it; what was typed stays.
const ending = document.querySelector("[data-idle-minutes]");
const shown = document.querySelector("main");
if (ending instanceof HTMLElement && shown instanceof HTMLElement) {
  const minutes = Number(ending.dataset.idleMinutes);
  const [ends, ended] = Array.from(ending.querySelectorAll("p"));
  // Somebody else can have signed in meanwhile, who must not see this page.
  const reader = document.querySelector("[data-person]")?.getAttribute("data-person") ?? "";
  const isSignedIn = async () => (await fetch(`/session?${new URLSearchParams({ person: reader })}`, { method: "POST" })).status === 204;
  const say = (/** @type {boolean} */ isOver) => {
    ends.hidden = isOver;
    ended.hidden = !isOver;
    shown.hidden = isOver;
    ending.hidden = false;
  };
  /** @type {ReturnType<typeof setTimeout>[]} */
  let timers = [];
  const begin = () => {
    timers.forEach(clearTimeout);
    ending.hidden = true;
    shown.hidden = false;
    timers = [setTimeout(() => say(false), (minutes - 2) * 60_000), setTimeout(() => say(true), minutes * 60_000)];
  };
  begin();
  const goOn = async () => {
    if (await isSignedIn()) {
      begin();
      document.dispatchEvent(new Event("carefold-goes-on"));
    } else {
      say(true);
    }
  };
  ending.querySelector("button")?.addEventListener("click", goOn);
  // What the stream of the page says of the session (see live.js).
  document.addEventListener("carefold-used", begin);
  document.addEventListener("carefold-expired", () => say(true));
  document.addEventListener("carefold-signed-out", () => {
    timers.forEach(clearTimeout);
    ending.hidden = true;
    shown.hidden = true;
  });
  // A page that the browser kept to go back to is shown only while somebody is signed in.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      shown.hidden = true;
      goOn();
    }
  });
}

// The printable worklist has a button that prints.
const print = document.querySelector("[data-print]");
if (print instanceof HTMLButtonElement) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}

// The editor of queries: Ctrl+Enter runs, and a new line begins where the line before it does. Tab still leaves the field.
for (const editor of document.querySelectorAll("textarea[data-editor]")) {
  if (editor instanceof HTMLTextAreaElement) {
    editor.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) {
        return;
      }
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        editor.form?.requestSubmit();
        return;
      }
      const before = editor.value.slice(0, editor.selectionStart);
      const line = before.slice(before.lastIndexOf("\n") + 1);
      const indent = (/^ */.exec(line)?.[0] ?? "") + (/[{([]\s*$/.test(line) ? "  " : "");
      if (indent !== "") {
        event.preventDefault();
        editor.setRangeText(`\n${indent}`, editor.selectionStart, editor.selectionEnd, "end");
      }
    });
  }
}
