// A conversation: typing is said and shown, what arrives is scrolled to when its reader is near the end.
import { onEach } from "./parts/each.js";
import { sayTyping } from "./live.js";

const SHOWN_MS = 4000;

onEach("[data-typing-room]", (area) =>
  area.addEventListener("input", () => sayTyping(area.dataset.typingRoom, area.dataset.typingSide)),
);

onEach("[data-typing-in]", (line) => {
  let timer;
  document.addEventListener("live:typing", ({ detail }) => {
    if (detail.room !== line.dataset.typingIn) return;
    line.textContent = line.dataset.typingText;
    clearTimeout(timer);
    timer = setTimeout(() => (line.textContent = ""), SHOWN_MS);
  });
});

onEach("[data-scroll-end]", (box) => {
  const end = () => (box.scrollTop = box.scrollHeight);
  end();
  box.addEventListener("load", end, true);
  box.addEventListener("live:arrived", () => {
    document.querySelectorAll("[data-typing-in]").forEach((line) => (line.textContent = ""));
    if (box.scrollHeight - box.scrollTop - box.clientHeight < 400) end();
  });
});
