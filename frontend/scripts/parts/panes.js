// Panes of the staff desk are resized with the pointer or the arrow keys; each desk remembers its widths.
import { onEach } from "./each.js";

const STEP_PX = 16;

onEach("[data-panes]", (panes) => {
  const name = `panes:${panes.dataset.panes}`;
  const widths = JSON.parse(localStorage.getItem(name) ?? "{}");
  for (const [pane, width] of Object.entries(widths)) panes.style.setProperty(`--pane-${pane}`, `${width}px`);

  panes.querySelectorAll(".pane__grip").forEach((grip) => {
    const which = grip.dataset.pane;
    const direction = grip.classList.contains("pane__grip--left") ? -1 : 1;
    const [least, most] = [Number(grip.getAttribute("aria-valuemin")), Number(grip.getAttribute("aria-valuemax"))];
    const now = () => grip.parentElement.getBoundingClientRect().width;

    function use(width) {
      const held = Math.round(Math.min(Math.max(width, least), most));
      panes.style.setProperty(`--pane-${which}`, `${held}px`);
      grip.setAttribute("aria-valuenow", held);
      widths[which] = held;
      localStorage.setItem(name, JSON.stringify(widths));
    }

    grip.addEventListener("pointerdown", (event) => {
      const [from, start] = [event.clientX, now()];
      grip.setPointerCapture(event.pointerId);
      grip.classList.add("is-dragged");
      const move = (moved) => use(start + direction * (moved.clientX - from));
      grip.addEventListener("pointermove", move);
      grip.addEventListener(
        "pointerup",
        () => {
          grip.removeEventListener("pointermove", move);
          grip.classList.remove("is-dragged");
        },
        { once: true },
      );
    });
    grip.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
      event.preventDefault();
      use(now() + direction * (event.key === "ArrowRight" ? STEP_PX : -STEP_PX));
    });
  });
});
