// The "why" view: its drawer, corrections with what is selected in the text, the playground's examples.
import { onEach } from "./each.js";

// The drawer shows nothing of another text while the next one comes.
document.addEventListener("click", (event) => {
  if (!event.target.closest('[data-open="why-view"]')) return;
  document.getElementById("why-drawer").replaceChildren(document.getElementById("why-waiting").content.cloneNode(true));
});

// The playground's examples go into the field without a new page.
document.addEventListener("click", (event) => {
  const example = event.target.closest("[data-try]");
  const area = example && document.querySelector(".try textarea");
  if (!area) return;
  event.preventDefault();
  area.value = example.dataset.try;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
});

// C corrects inside the drawer too, where the desk's own keys are silent.
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "c" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.("input, textarea, select")) return;
  const summary = document.querySelector("dialog#why-view[open] [data-correct] > summary");
  if (!summary) return;
  event.preventDefault();
  summary.click();
});

onEach("[data-correct]", (details) => {
  const enter = () => {
    if (!details.open) return;
    details.scrollIntoView({ block: "nearest" });
    details.querySelector("input[type=radio]:checked, input:not([type=hidden])")?.focus();
  };
  details.addEventListener("toggle", enter);
  enter();
  details.closest("[data-why]").querySelectorAll("[data-take-quote]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      const [quote, start] = button.parentElement.querySelectorAll("input");
      if (chosen.quote) [quote.value, start.value] = [chosen.quote, chosen.start];
      quote.focus();
    });
  });
});

// What is selected in a marked text, in characters of the text: the weights beside the words are not part of it.
let chosen = { quote: "", start: 0 };
document.addEventListener("selectionchange", () => {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return;
  const range = selection.getRangeAt(0);
  const around = range.commonAncestorContainer;
  const block = (around.closest ? around : around.parentElement).closest("[data-quotable]");
  if (block) chosen = quoted(block, range);
});

function quoted(block, range) {
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT, (node) =>
    node.parentElement.closest(".weighed__weight, .visually-hidden") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  );
  let [start, quote] = [0, ""];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const from = node === range.startContainer ? range.startOffset : range.comparePoint(node, 0) < 0 ? node.length : 0;
    const to = node === range.endContainer ? range.endOffset : range.comparePoint(node, 0) > 0 ? 0 : node.length;
    if (!quote) start += [...node.data.slice(0, from)].length;
    if (from < to) quote += node.data.slice(from, to);
  }
  return { quote, start };
}
