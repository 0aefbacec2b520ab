// The reply editor: drafts kept on this device, images picked, pasted or dropped, @mentions, Ctrl/⌘+Enter.
import { onEach } from "./each.js";
import { toast } from "./toast.js";

const words = document.documentElement.dataset;
const MAX_IMAGE_BYTES = 10 * 1024 * 1024;
const MAX_IMAGES = 9;

export function startComposer() {
  onEach("[data-draft]", keepDraft);
  onEach("[data-images]", takeImages);
  onEach("[data-mentions]", offerMentions);
  onEach("[data-send-key]", (area) =>
    area.addEventListener("keydown", (event) => {
      const asked = event.key === "Enter" && (event.ctrlKey || event.metaKey);
      const simple = area.dataset.sendKey === "enter" && event.key === "Enter" && !event.shiftKey;
      if (event.isComposing || !(asked || simple)) return;
      event.preventDefault();
      if (area.value.trim() || area.form.querySelector("[data-images]")?.files.length) area.form.requestSubmit();
    }),
  );
}

function keepDraft(area) {
  const key = `draft:${area.dataset.draft}`;
  const sent = `${key}:sent`;
  const state = area.form.querySelector("[data-draft-state]");
  const refused = area.getAttribute("aria-invalid") === "true";
  if (sessionStorage.getItem(sent) && !refused) localStorage.removeItem(key);
  sessionStorage.removeItem(sent);
  if (!area.value && localStorage.getItem(key)) {
    area.value = localStorage.getItem(key);
    if (state) state.textContent = words.wordsDraftBack;
  }
  let timer;
  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (area.value) localStorage.setItem(key, area.value);
      else localStorage.removeItem(key);
      if (state) state.textContent = area.value ? words.wordsDraftKept : "";
    }, 400);
  });
  area.form.addEventListener("submit", () => {
    clearTimeout(timer);
    if (!area.form.matches("[hx-post]")) sessionStorage.setItem(sent, "yes");
  });
  let posted = "";
  area.form.addEventListener("htmx:beforeRequest", () => (posted = area.value));
  area.form.addEventListener("htmx:afterRequest", (event) => {
    if (event.target !== area.form || !event.detail.successful || event.detail.xhr.status === 422) return;
    clearTimeout(timer);
    // Who types on while the message is under way keeps the next one.
    const next = area.value.startsWith(posted) ? area.value.slice(posted.length).trimStart() : area.value;
    if (area.isConnected) area.form.reset();
    area.value = next;
    if (next) localStorage.setItem(key, next);
    else localStorage.removeItem(key);
    if (state) state.textContent = next ? words.wordsDraftKept : "";
  });
}

function takeImages(input) {
  const form = input.form;
  const place = form.querySelector("[data-image-list]");
  const area = form.querySelector("textarea");
  let files = [];

  function take(more) {
    for (const file of more) {
      if (!file.type.startsWith("image/")) continue;
      if (file.size > MAX_IMAGE_BYTES) toast({ text: words.wordsImageTooBig, kind: "bad" });
      else if (files.length < MAX_IMAGES) files.push(file);
    }
    show();
  }

  function show() {
    const carrier = new DataTransfer();
    for (const file of files) carrier.items.add(file);
    input.files = carrier.files;
    place.replaceChildren(...files.map(preview));
  }

  function preview(file) {
    const box = document.createElement("div");
    box.className = "composer__image";
    const image = document.createElement("img");
    image.src = URL.createObjectURL(file);
    image.alt = file.name;
    image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = "×";
    remove.setAttribute("aria-label", `${words.wordsRemove} ${file.name}`);
    remove.addEventListener("click", () => {
      files = files.filter((other) => other !== file);
      show();
    });
    box.append(image, remove);
    return box;
  }

  input.addEventListener("change", () => take([...input.files]));
  form.addEventListener("reset", () => {
    files = [];
    place.replaceChildren();
  });
  area?.addEventListener("paste", (event) => {
    if (!event.clipboardData.files.length) return;
    event.preventDefault();
    take(event.clipboardData.files);
  });
  const box = input.closest(".composer") ?? form;
  box.addEventListener("dragover", (event) => {
    event.preventDefault();
    box.classList.add("composer--dropping");
  });
  box.addEventListener("dragleave", () => box.classList.remove("composer--dropping"));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    box.classList.remove("composer--dropping");
    take(event.dataTransfer.files);
  });
}

/** `data-mentions` is a URL that answers `?q=` with [{name, insert, more}]. */
function offerMentions(area) {
  const list = document.createElement("ul");
  list.className = "combobox__list";
  list.id = `${area.id}-people`;
  list.setAttribute("role", "listbox");
  list.hidden = true;
  area.parentElement.append(list);
  area.setAttribute("aria-controls", list.id);
  let people = [];
  let active = 0;
  let asked = 0;

  const begun = () => area.value.slice(0, area.selectionStart).match(/(?:^|\s|[^\w])@([^\s@]{0,20})$/u);

  async function look() {
    const match = begun();
    if (!match) return hide();
    const mine = ++asked;
    const answer = await fetch(`${area.dataset.mentions}?q=${encodeURIComponent(match[1])}`, {
      headers: { Accept: "application/json" },
    });
    if (mine !== asked || !answer.ok) return;
    people = await answer.json();
    active = 0;
    draw();
  }

  function draw() {
    list.hidden = !people.length;
    list.replaceChildren(
      ...people.map((person, index) => {
        const item = document.createElement("li");
        item.className = "combobox__option";
        item.setAttribute("role", "option");
        item.toggleAttribute("data-active", index === active);
        item.setAttribute("aria-selected", index === active);
        item.textContent = person.name;
        item.addEventListener("mousedown", (event) => {
          event.preventDefault();
          choose(person);
        });
        return item;
      }),
    );
  }

  function hide() {
    people = [];
    list.hidden = true;
  }

  function choose(person) {
    const match = begun();
    if (match) {
      const from = area.selectionStart - match[1].length - 1;
      area.setRangeText(`${person.insert ?? `@${person.name}`} `, from, area.selectionStart, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
    hide();
  }

  area.addEventListener("input", look);
  area.addEventListener("blur", hide);
  area.addEventListener("keydown", (event) => {
    if (!people.length || event.isComposing) return;
    if (event.key === "ArrowDown") active = (active + 1) % people.length;
    else if (event.key === "ArrowUp") active = (active + people.length - 1) % people.length;
    else if (event.key === "Enter" || event.key === "Tab") choose(people[active]);
    else if (event.key === "Escape") hide();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (people.length) draw();
  });
}
