// Turns <select data-combobox> into a text box with a list that is searched by characters or pinyin.
// Without scripts the select stays what it is.
import { onEach } from "./each.js";
import { matches } from "./match.js";

const words = document.documentElement.dataset;

export function startCombobox() {
  onEach("select[data-combobox]", replace);
}

function replace(select) {
  const box = document.createElement("div");
  box.className = "combobox";
  const input = document.createElement("input");
  input.className = "input";
  input.id = `${select.id}-text`;
  input.autocomplete = "off";
  input.value = select.selectedOptions[0]?.value ? select.selectedOptions[0].text : "";
  input.placeholder = select.dataset.placeholder ?? "";
  input.disabled = select.disabled;
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", `${select.id}-list`);
  input.setAttribute("aria-autocomplete", "list");
  for (const name of ["aria-describedby", "aria-invalid", "aria-label"]) {
    if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  }
  const list = document.createElement("ul");
  list.className = "combobox__list";
  list.id = `${select.id}-list`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.getAttribute("aria-label") ?? labelOf(select));
  list.hidden = true;
  const label = document.querySelector(`label[for="${select.id}"]`);
  if (label) label.htmlFor = input.id;
  select.hidden = true;
  select.after(box);
  box.append(input, list);

  let shown = [];
  let active = -1;

  function open(query) {
    const options = [...select.options].filter((option) => option.value);
    shown = options.filter((option) => !query || matches(option.dataset.search ?? option.text, query));
    active = shown.length ? Math.max(0, shown.indexOf(select.selectedOptions[0])) : -1;
    draw();
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  }

  function draw() {
    list.replaceChildren(...shown.map(row));
    if (!shown.length) {
      const none = document.createElement("li");
      none.className = "combobox__none";
      none.textContent = words.wordsNothingFound;
      list.append(none);
    }
    const current = list.children[active];
    if (current?.id) input.setAttribute("aria-activedescendant", current.id);
    else input.removeAttribute("aria-activedescendant");
    current?.scrollIntoView({ block: "nearest" });
  }

  function row(option, index) {
    const item = document.createElement("li");
    item.className = "combobox__option";
    item.id = `${list.id}-${index}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", option.selected);
    item.toggleAttribute("data-active", index === active);
    item.textContent = option.text;
    item.addEventListener("mousedown", (event) => {
      event.preventDefault();
      choose(option);
    });
    return item;
  }

  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function choose(option) {
    select.value = option.value;
    input.value = option.text;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    close();
  }

  input.addEventListener("focus", () => input.select());
  input.addEventListener("click", () => open(""));
  input.addEventListener("input", () => open(input.value));
  input.addEventListener("blur", () => {
    close();
    input.value = select.value ? select.selectedOptions[0].text : "";
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" && list.hidden) open("");
    else if (event.key === "ArrowDown") active = Math.min(active + 1, shown.length - 1);
    else if (event.key === "ArrowUp") active = Math.max(active - 1, 0);
    else if (event.key === "Enter" && !list.hidden && shown[active]) choose(shown[active]);
    else if (event.key === "Escape" && !list.hidden) close();
    else return;
    event.preventDefault();
    if (!list.hidden) draw();
  });
}

function labelOf(select) {
  return document.querySelector(`label[for="${select.id}"]`)?.textContent.trim() ?? "";
}
