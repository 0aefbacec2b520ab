// Group and topic pages: answering and quoting, the "new replies" button, posts that change, drafts, reading marks.
import { copyText } from "./parts/copying.js";
import { lookAgain, onEach } from "./parts/each.js";
import { toast } from "./parts/toast.js";

const words = document.documentElement.dataset;
const token = () => document.querySelector('meta[name="csrf-token"]').content;
const QUOTED_AT_MOST = 300;
const DRAFT_AFTER_MS = 1200;

const post = (url, fields, more = {}) =>
  fetch(url, { method: "POST", headers: { "X-CSRFToken": token() }, body: new URLSearchParams(fields), ...more });

// Answering: the reply names its post; a selection inside that post is quoted.
onEach("[data-answer]", (button) =>
  button.addEventListener("click", () => {
    const area = document.querySelector("[data-composer-text]");
    if (!area) return;
    document.querySelector("[data-answer-to]").value = button.dataset.answer;
    showAnswerChip(`${button.dataset.author} #${button.dataset.number}`);
    const quoted = chosenIn(button.closest(".post"));
    if (quoted) insertQuote(area, quoted);
    area.focus();
    area.scrollIntoView({ block: "center" });
  }),
);

function chosenIn(article) {
  const selection = getSelection();
  if (selection.isCollapsed || !article.contains(selection.anchorNode)) return "";
  return String(selection).trim().slice(0, QUOTED_AT_MOST);
}

function insertQuote(area, text) {
  const quoted = text.split("\n").map((line) => `> ${line}`).join("\n");
  area.value = `${area.value ? `${area.value.trimEnd()}\n\n` : ""}${quoted}\n\n`;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.setSelectionRange(area.value.length, area.value.length);
}

function showAnswerChip(name) {
  const chip = document.querySelector("[data-answer-chip]");
  chip.hidden = !name;
  chip.textContent = name ? `${chip.dataset.words.replace("{name}", name)} ×` : "";
}

onEach("[data-answer-chip]", (chip) =>
  chip.addEventListener("click", () => {
    document.querySelector("[data-answer-to]").value = "";
    showAnswerChip("");
  }),
);

// Reactions and bookmarks: the server's answer is the post as it is now.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-act]");
  if (!button) return;
  event.preventDefault();
  const article = button.closest(".post");
  const place = [...article.querySelectorAll("[data-act]")].indexOf(button);
  button.disabled = true;
  const answer = await post(button.getAttribute("formaction"), {}, { headers: { "X-CSRFToken": token(), "HX-Request": "true" } }).catch(() => null);
  button.disabled = false;
  if (answer?.ok) showPost(article, await answer.text(), place);
  else toast({ text: answer ? words.wordsFailed : words.wordsOffline, kind: "bad" });
});

/** Puts a post's fresh HTML in its place; `focus` is the number of the button that was pressed. */
function showPost(article, html, focus = -1) {
  const box = document.createElement("template");
  box.innerHTML = html;
  const fresh = box.content.querySelector(".post");
  article.replaceWith(fresh);
  lookAgain(fresh);
  fresh.querySelectorAll("[data-act]")[focus]?.focus();
}

onEach("[data-copy-link]", (button) =>
  button.addEventListener("click", () => copyText(new URL(button.dataset.copyLink, location.href).href)),
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

// A post that was edited, hidden, or got a reaction is fetched again through its ordinary door, unless it is being used.
document.addEventListener("live:hint", async ({ detail }) => {
  if (detail.kind !== "changed" || !detail.room.startsWith("topic:")) return;
  const article = document.getElementById(`post-${detail.id}`);
  if (!article || article.contains(document.activeElement) || article.querySelector("details[open]")) return;
  const answer = await fetch(`/posts/${detail.id}/fragment`, { headers: { "HX-Request": "true" } });
  if (answer.ok) showPost(article, await answer.text());
});

// A reply that waited for a reviewer takes its place; its writer's own page shows it as waiting until then.
document.addEventListener("live:hint", async ({ detail }) => {
  const list = document.querySelector(".posts");
  if (detail.kind !== "released" || !list || !detail.room.startsWith("topic:")) return;
  const answer = await fetch(`/posts/${detail.id}/fragment`, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  const html = await answer.text();
  const waiting = document.getElementById(`post-${detail.id}`);
  if (waiting) return showPost(waiting, html);
  const box = document.createElement("template");
  box.innerHTML = html;
  const fresh = box.content.querySelector(".post");
  const shown = [...list.querySelectorAll(":scope > .post")];
  const next = shown.findIndex((post) => Number(post.dataset.id) > detail.id);
  // On another page of the topic it is not missed.
  if (next === 0 || (next < 0 && !list.dataset.liveRoom)) return;
  fresh.classList.add("arrives");
  list.insertBefore(fresh, shown[next] ?? null);
  lookAgain(fresh);
});

// Drafts on the server: what is begun on the phone is there on the desk.
onEach("[data-server-draft]", (box) => {
  const form = box.matches("form") ? box : box.querySelector("form");
  const state = form.querySelector("[data-draft-state]");
  let timer;
  const keep = async (more) => {
    clearTimeout(timer);
    const fields = { place: box.dataset.serverDraft, text: form.elements.text.value, title: form.elements.title?.value ?? "" };
    const answer = await post(box.dataset.draftUrl, fields, more).catch(() => null);
    if (answer?.ok && state) state.textContent = fields.text ? words.wordsDraftKept : "";
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, DRAFT_AFTER_MS);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
  // A page that is left in the middle of a sentence keeps it.
  addEventListener("pagehide", () => timer && !form.dataset.sent && keep({ keepalive: true }));
});

// Marks what has been read once it has been on the screen, and again for what arrives.
onEach("[data-read-url]", (mark) => {
  let last = Number(mark.dataset.last);
  const tell = () => document.hidden || post(mark.dataset.readUrl, { last }, { keepalive: true });
  const watcher = new IntersectionObserver((seen) => {
    if (!seen.some((entry) => entry.isIntersecting) || document.hidden) return;
    watcher.disconnect();
    tell();
  });
  watcher.observe(mark);
  document.addEventListener("live:arrived", ({ detail }) => {
    last = Math.max(last, ...detail.items.map((item) => Number(item.dataset.id)));
    if (detail.near) tell();
    else watcher.observe(mark);
  });
});
