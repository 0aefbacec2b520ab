// Runs `start(element)` once for every element that matches, now and when htmx or live.js brings new ones.
const started = new WeakMap();
const wanted = [];

export function onEach(selector, start) {
  wanted.push([selector, start]);
  look(document, selector, start);
}

export function lookAgain(root) {
  for (const [selector, start] of wanted) look(root, selector, start);
}

function look(root, selector, start) {
  const found = [...root.querySelectorAll(selector)];
  if (root.matches?.(selector)) found.unshift(root);
  for (const element of found) {
    const done = started.get(element) ?? new Set();
    if (done.has(start)) continue;
    done.add(start);
    started.set(element, done);
    start(element);
  }
}

document.addEventListener("htmx:load", (event) => lookAgain(event.detail.elt));
