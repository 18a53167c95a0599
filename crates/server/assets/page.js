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

// Typed text is not lost by leaving the page unawares.
for (const form of document.querySelectorAll("form[data-keep]")) {
  if (form instanceof HTMLFormElement) {
    const typed = () =>
      Array.from(form.querySelectorAll("textarea")).some((text) => text.value !== text.defaultValue);
    window.addEventListener("beforeunload", (event) => {
      if (form.dataset.sent !== "yes" && typed()) {
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
