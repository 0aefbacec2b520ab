// The staff desk: keys, palette, panes, unread count in the title, density, a sound that is off by default.
import { onEach } from "./parts/each.js";
import { keep } from "./parts/preferences.js";
import "./parts/palette.js";
import "./parts/panes.js";
import "./parts/understanding.js";

const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");

// Any element may carry a key: data-key="r". Buttons and links are pressed, fields are entered.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && typing(event.target)) return event.target.blur();
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  if (key === "j" || key === "k") walk(key === "j" ? 1 : -1, event);
  else if (key === "?") open("keys-help", event);
  else if (key === "u") leaveStack(event);
  else press(key, event);
});

function press(key, event) {
  const target = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((one) => one.offsetParent);
  if (!target) return;
  event.preventDefault();
  if (typing(target)) target.focus();
  else target.click();
}

function open(id, event) {
  event.preventDefault();
  const dialog = document.getElementById(id);
  fillKeys(dialog);
  dialog.showModal();
}

/** The help lists what this very screen answers to. */
function fillKeys(dialog) {
  const list = dialog.querySelector("[data-keys-here]");
  list.replaceChildren();
  for (const element of document.querySelectorAll("[data-key][data-command]")) {
    const key = document.createElement("dt");
    key.innerHTML = "<kbd></kbd>";
    key.firstChild.textContent = element.dataset.key.toUpperCase();
    const what = document.createElement("dd");
    what.textContent = element.dataset.command;
    list.append(key, what);
  }
}

function walk(step, event) {
  const rows = [...document.querySelectorAll("[data-rows] [data-row]")].filter((row) => row.offsetParent);
  if (!rows.length) return;
  event.preventDefault();
  const focused = rows.indexOf(document.activeElement);
  const current = focused >= 0 ? focused : rows.findIndex((row) => row.getAttribute("aria-current"));
  const next = rows[Math.min(Math.max(current + step, 0), rows.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  if (next.closest("[data-rows]").dataset.rows === "open") next.click();
}

function leaveStack(event) {
  const panes = document.querySelector(".panes.is-open, .panes.shows-story");
  if (!panes) return;
  event.preventDefault();
  if (panes.classList.contains("shows-story")) panes.classList.remove("shows-story");
  else panes.classList.remove("is-open");
}

document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-row]");
  if (row) {
    row.closest("[data-rows]").querySelectorAll("[aria-current]").forEach((one) => one.removeAttribute("aria-current"));
    row.setAttribute("aria-current", "true");
    row.classList.remove("work-row--unread");
    row.closest(".panes")?.classList.add("is-open");
  }
  const panes = event.target.closest(".panes");
  if (event.target.closest("[data-show-story]")) panes.classList.toggle("shows-story");
  if (event.target.closest("[data-back-to-list]")) panes.classList.remove("is-open", "shows-story");
});

// "(3) 收件箱": the counter is any element with data-unread-count, kept fresh by live.js.
const title = document.title;
onEach("[data-unread-count]", (counter) => {
  const show = () => {
    const number = Number(counter.textContent.trim()) || 0;
    document.title = number ? `(${number}) ${title}` : title;
  };
  show();
  // A swapped page brings its own title.
  document.addEventListener("htmx:afterSettle", show);
  new MutationObserver(show).observe(counter, { childList: true, subtree: true, characterData: true });
});

onEach("[data-use-density]", (button) =>
  button.addEventListener("click", () => {
    const desk = document.querySelector(".desk");
    desk.dataset.density = desk.dataset.density === "compact" ? "comfortable" : "compact";
    keep("density", desk.dataset.density);
    button.setAttribute("aria-pressed", desk.dataset.density === "compact");
  }),
);

// Two soft notes, only when this person has switched the sound on.
onEach("[data-use-sound]", (button) => {
  const on = () => localStorage.getItem("sound") === "on";
  const show = () => button.setAttribute("aria-pressed", on());
  show();
  button.addEventListener("click", () => {
    localStorage.setItem("sound", on() ? "off" : "on");
    show();
    if (on()) ring();
  });
  document.addEventListener("live:hint", ({ detail }) => {
    if (on() && detail.kind === "alert") ring();
  });
});

function ring() {
  const context = new AudioContext();
  for (const [pitch, at] of [[660, 0], [880, 0.16]]) {
    const note = context.createOscillator();
    const volume = context.createGain();
    note.frequency.value = pitch;
    volume.gain.setValueAtTime(0.08, context.currentTime + at);
    volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + at + 0.35);
    note.connect(volume).connect(context.destination);
    note.start(context.currentTime + at);
    note.stop(context.currentTime + at + 0.4);
  }
}

// Table rows: one box ticks them all, the bulk bar appears with the number.
onEach("[data-bulk]", (form) => {
  const bar = form.querySelector(".bulk-bar");
  const all = form.querySelector("[data-bulk-all]");
  const boxes = () => [...form.querySelectorAll("[data-bulk-one]")];
  const show = () => {
    const number = boxes().filter((box) => box.checked).length;
    bar.hidden = !number;
    bar.querySelector("[data-bulk-number]").textContent = number;
    all.checked = number > 0 && number === boxes().length;
    all.indeterminate = number > 0 && !all.checked;
  };
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    show();
  });
  form.addEventListener("change", show);
  show();
});

// A ready answer goes into the screen's composer.
document.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-insert]");
  const area = chosen && document.querySelector("[data-composer-text]");
  if (!area) return;
  area.value = area.value ? `${area.value.trimEnd()}\n${chosen.dataset.insert}` : chosen.dataset.insert;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  setTimeout(() => area.focus());
});
