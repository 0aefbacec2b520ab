// Every page: htmx settings, CSRF, toasts, theme, drawers, menus, drafts, composer, combobox, times.
import htmx from "htmx.org";
import { onEach } from "./parts/each.js";
import { startCombobox } from "./parts/combobox.js";
import { copyText } from "./parts/copying.js";
import { startComposer } from "./parts/composer.js";
import { toast } from "./parts/toast.js";
import { startPanels } from "./parts/panels.js";
import { startPreferences } from "./parts/preferences.js";
import { keepTimesFresh } from "./parts/times.js";

const text = document.documentElement.dataset;

Object.assign(htmx.config, {
  attributesToSettle: ["class", "width", "height"], // a style attribute that is carried over is an inline style to the policy
  allowEval: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  scrollIntoViewOnBoost: false,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "422", swap: true },
    { code: "...", swap: false, error: true },
  ],
});
window.htmx = htmx;

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = document.querySelector('meta[name="csrf-token"]').content;
});

// The server may answer any request with `HX-Trigger: {"toast": {"text": …, "undo": url}}`.
document.addEventListener("toast", (event) => toast(event.detail));

document.addEventListener("htmx:responseError", async (event) => {
  const { xhr } = event.detail;
  if (xhr.status === 401) return location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
  const said = xhr.getResponseHeader("X-Message");
  toast({ text: said ? decodeURIComponent(said) : text.wordsFailed, kind: "bad" });
});
document.addEventListener("htmx:sendError", () => toast({ text: text.wordsOffline, kind: "bad" }));

startPreferences();
startPanels();
startComposer();
startCombobox();
keepTimesFresh();

onEach("[data-toast]", (element) => toast({ text: element.textContent.trim(), ...element.dataset }));

onEach("[data-copy]", (button) => {
  button.addEventListener("click", () => {
    const copied = button.dataset.copy;
    copyText(copied.startsWith("#") ? document.querySelector(copied).value : copied);
  });
});

onEach(".file", (label) => {
  label.addEventListener("change", ({ target }) => {
    if (target.files.length) label.querySelector("[data-file-name]").textContent = target.files[0].name;
  });
});

// On a phone a table's rows stand as cards: each cell says its column's name itself.
onEach(".table tbody tr", (row) => {
  const names = [...row.closest("table").querySelectorAll("thead th")].map((head) => head.textContent.trim());
  [...row.cells].forEach((cell, at) => (cell.dataset.column = names[at] ?? ""));
});

// A strip of tabs wider than a phone shows the one it stands on.
onEach(".tabs__tab[aria-current]", (tab) => {
  const strip = tab.parentElement;
  strip.scrollLeft += tab.getBoundingClientRect().right - strip.getBoundingClientRect().right;
});

onEach("[data-submit-on-change]", (form) => form.addEventListener("change", () => form.requestSubmit()));

// A form sent twice by an impatient thumb is sent once; one that answers with a file leaves its page and may ask again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[hx-post],[hx-get],[hx-put],[hx-delete],[method=get],[data-downloads]")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  window.addEventListener("pageshow", () => delete form.dataset.sent, { once: true });
});
