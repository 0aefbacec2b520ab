// Dialogs and drawers (<dialog>) opened by [data-open="id"], closed by [data-close]; <details class="menu">.
import { onEach } from "./each.js";

export function startPanels() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) {
      event.preventDefault();
      document.getElementById(opener.dataset.open)?.showModal();
    }
    event.target.closest("[data-close]")?.closest("dialog")?.close();
    closeMenus(event.target);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  onEach("dialog", (dialog) => {
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
  });
  onEach("dialog[data-open-now]", (dialog) => dialog.showModal());
}

function closeMenus(clicked) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    const chosen = clicked.closest(".menu__item");
    if (!menu.contains(clicked) || (chosen && menu.contains(chosen))) menu.open = false;
  }
}
