// Theme, density and sound: kept in cookies that the server reads, so the first paint is already right.
import { onEach } from "./each.js";

const YEAR_S = 365 * 24 * 3600;

export function keep(name, value) {
  const age = value ? YEAR_S : 0;
  document.cookie = `${name}=${value}; path=/; max-age=${age}; samesite=lax`;
}

/** "light", "dark" or "" (as the device). */
export function useTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  keep("theme", theme);
  document.dispatchEvent(new CustomEvent("theme"));
}

export function startPreferences() {
  onEach("[data-use-theme]", (button) => {
    const show = () =>
      button.setAttribute("aria-pressed", (document.documentElement.dataset.theme ?? "") === button.dataset.useTheme);
    show();
    document.addEventListener("theme", show);
    button.addEventListener("click", () => useTheme(button.dataset.useTheme));
  });
}
