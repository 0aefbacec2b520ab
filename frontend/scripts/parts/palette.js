// Ctrl/⌘+K: everything this screen can do (elements with data-command), every desk, and a search of the server.
import { onEach } from "./each.js";
import { matches } from "./match.js";

const SEARCH_AFTER_MS = 180;

onEach("dialog.palette", (dialog) => {
  const input = dialog.querySelector(".palette__input");
  const list = dialog.querySelector(".palette__list");
  let entries = [];
  let found = [];
  let active = 0;
  let timer;
  let asked = 0;

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else show();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-palette]")) show();
  });

  function show() {
    entries = [...document.querySelectorAll("[data-command]")]
      .filter((element) => !element.closest("dialog") && !element.disabled)
      .map((element) => ({
        text: element.dataset.command,
        keys: `${element.dataset.command} ${element.dataset.search ?? ""}`,
        key: element.dataset.key,
        run: () => (element.matches("input, textarea") ? element.focus() : element.click()),
      }));
    input.value = "";
    found = [];
    active = 0;
    draw();
    dialog.showModal();
    input.focus();
  }

  async function search(query) {
    const mine = ++asked;
    if (!dialog.dataset.src || query.length < 1) return;
    const answer = await fetch(`${dialog.dataset.src}?q=${encodeURIComponent(query)}`, {
      headers: { Accept: "application/json" },
    });
    if (mine !== asked || !answer.ok) return;
    found = (await answer.json()).map((hit) => ({ ...hit, run: () => location.assign(hit.url) }));
    draw();
  }

  function shown() {
    return [...entries.filter((entry) => matches(entry.keys, input.value)), ...found];
  }

  function draw() {
    const rows = shown().map((entry, index) => {
      const item = document.createElement("li");
      item.className = "palette__item";
      item.id = `palette-${index}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", index === active);
      item.toggleAttribute("data-active", index === active);
      const text = document.createElement("span");
      text.textContent = entry.text;
      item.append(text);
      if (entry.more) {
        const more = document.createElement("span");
        more.className = "faint small";
        more.textContent = entry.more;
        item.append(more);
      }
      if (entry.key) {
        const key = document.createElement("kbd");
        key.textContent = entry.key.toUpperCase();
        item.append(key);
      }
      item.addEventListener("click", () => run(entry));
      return item;
    });
    list.replaceChildren(...rows);
    input.setAttribute("aria-activedescendant", rows.length ? `palette-${active}` : "");
    dialog.querySelector(".palette__none").hidden = rows.length > 0;
    list.children[active]?.scrollIntoView({ block: "nearest" });
  }

  function run(entry) {
    dialog.close();
    entry.run();
  }

  input.addEventListener("input", () => {
    active = 0;
    found = [];
    draw();
    clearTimeout(timer);
    timer = setTimeout(() => search(input.value.trim()), SEARCH_AFTER_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const number = shown().length;
    if (event.key === "ArrowDown") active = (active + 1) % Math.max(number, 1);
    else if (event.key === "ArrowUp") active = (active + number - 1) % Math.max(number, 1);
    else if (event.key === "Enter" && shown()[active]) run(shown()[active]);
    else return;
    event.preventDefault();
    if (dialog.open) draw();
  });
});
