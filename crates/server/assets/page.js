// The one script of the pages. Every page works without it; it only makes some things easier.
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
  // The server refuses a second save within ten seconds, so the page waits a little longer.
  setInterval(() => save(false), 10_500);
  window.addEventListener("pagehide", () => save(true));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
      save(true);
    }
  });
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

// A message counts as read once it has been in view for a second, not when the page was opened.
const mark = document.querySelector("form[data-mark-read]");
if (mark instanceof HTMLFormElement && "IntersectionObserver" in window) {
  const message = document.getElementById(`m-${mark.dataset.markRead}`);
  const end = message?.querySelector(".message-body") ?? message;
  if (end) {
    let waiting;
    const observer = new IntersectionObserver((entries) => {
      clearTimeout(waiting);
      if (entries.some((entry) => entry.isIntersecting && document.visibilityState === "visible")) {
        waiting = setTimeout(async () => {
          observer.disconnect();
          const body = new URLSearchParams();
          for (const [name, value] of new FormData(mark)) {
            body.append(name, String(value));
          }
          const answer = await fetch(mark.action, { method: "POST", body, redirect: "manual" });
          if (answer.type === "opaqueredirect" || answer.ok) {
            mark.hidden = true;
          }
        }, 1000);
      }
    }, { threshold: 0.6 });
    observer.observe(end);
  }
}

// Two minutes before the session ends without a request, the page says so, and one press goes on with it.
const ending = document.querySelector("[data-idle-minutes]");
if (ending instanceof HTMLElement) {
  const wait = (Number(ending.dataset.idleMinutes) - 2) * 60_000;
  const begin = () => setTimeout(() => { ending.hidden = false; }, wait);
  if (wait > 0) {
    begin();
  }
  ending.querySelector("button")?.addEventListener("click", async () => {
    const answer = await fetch("/", { method: "HEAD" });
    if (answer.ok) {
      ending.hidden = true;
      begin();
    }
  });
}
