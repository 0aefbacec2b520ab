// Group and topic pages: quoting, the "new replies" button, reading marks.
import { onEach } from "./parts/each.js";

onEach("[data-quote]", (button) =>
  button.addEventListener("click", () => {
    const area = document.querySelector(button.dataset.quoteInto ?? "[data-composer-text]");
    if (!area) return;
    const chosen = String(getSelection()).trim() || button.dataset.quote;
    const quoted = chosen.split("\n").map((line) => `> ${line}`).join("\n");
    area.value = `${area.value ? `${area.value.trimEnd()}\n\n` : ""}${quoted}\n\n`;
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
    area.setSelectionRange(area.value.length, area.value.length);
  }),
);

// A reply that arrives below the fold is announced by a button instead of moving the page.
onEach("[data-arrivals]", (button) => {
  let waiting = 0;
  let first = null;
  document.addEventListener("live:arrived", ({ detail }) => {
    if (detail.near) return;
    waiting += detail.items.length;
    first ??= detail.items[0];
    button.textContent = button.dataset.arrivals.replace("{n}", waiting);
    button.hidden = false;
  });
  button.addEventListener("click", () => {
    first?.scrollIntoView({ block: "center" });
    waiting = 0;
    first = null;
    button.hidden = true;
  });
});

// Marks what has been read, in its own short request, once the last reply has been seen.
onEach("[data-read-url]", (mark) => {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const watcher = new IntersectionObserver((seen) => {
    if (!seen.some((entry) => entry.isIntersecting) || document.hidden) return;
    watcher.disconnect();
    fetch(mark.dataset.readUrl, { method: "POST", headers: { "X-CSRFToken": token }, keepalive: true });
  });
  watcher.observe(mark);
});
