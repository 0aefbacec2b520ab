// A short message at the bottom, with an undo where the server offers one. Stays while it is read (hover, focus).
const words = document.documentElement.dataset;
const STAYS_MS = 6000;

/** `undo` is a URL that takes back what was done (POST). */
export function toast({ text, kind = "", undo = "" }) {
  const place = document.querySelector(".toasts");
  const box = document.createElement("div");
  box.className = `toast arrives${kind ? ` toast--${kind}` : ""}`;
  const said = document.createElement("p");
  said.className = "toast__text";
  said.textContent = text;
  box.append(said);
  if (undo) box.append(button(words.wordsUndo, "toast__undo", () => takeBack(undo, box)));
  box.append(button(words.wordsClose, "toast__close", () => box.remove()));
  place.append(box);
  leaveLater(box);
}

function button(label, className, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}

function leaveLater(box) {
  let timer = setTimeout(() => box.remove(), STAYS_MS);
  const stay = () => clearTimeout(timer);
  const leave = () => {
    clearTimeout(timer);
    timer = setTimeout(() => box.remove(), STAYS_MS);
  };
  box.addEventListener("pointerenter", stay);
  box.addEventListener("focusin", stay);
  box.addEventListener("pointerleave", leave);
  box.addEventListener("focusout", leave);
}

async function takeBack(url, box) {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": token } });
  box.remove();
  if (answer.ok) location.reload();
  else toast({ text: words.wordsFailed, kind: "bad" });
}
