// Live arrival. An element says which room it listens to and where its news can be read:
//   data-live-room="topic:12"  data-live-src="/topics/12/replies"  [data-live-place="append|prepend|replace"]
//   [data-live-kinds="reply moved"]
// A hint {room, kind, id} is never data: the page asks `src?after=<last data-id>` through the ordinary door.
// After a lost connection every element asks again for what came after its last id.
import { io } from "socket.io-client";
import { lookAgain, onEach } from "./parts/each.js";

const places = new Map();
let connection = null;

function socket() {
  if (connection) return connection;
  connection = io({ transports: ["websocket", "polling"], reconnectionDelayMax: 8000 });
  connection.on("connect", () => {
    document.querySelector("[data-offline]")?.setAttribute("hidden", "");
    for (const room of rooms()) connection.emit("join", { room });
    for (const place of places.keys()) catchUp(place);
  });
  connection.on("disconnect", () => document.querySelector("[data-offline]")?.removeAttribute("hidden"));
  connection.on("hint", (hint) => {
    document.dispatchEvent(new CustomEvent("live:hint", { detail: hint }));
    for (const place of places.keys()) {
      if (place.dataset.liveRoom.split(" ").includes(hint.room) && wants(place, hint.kind)) catchUp(place);
    }
  });
  connection.on("typing", (who) => document.dispatchEvent(new CustomEvent("live:typing", { detail: who })));
  return connection;
}

function rooms() {
  return new Set([...places.keys()].flatMap((place) => place.dataset.liveRoom.split(" ")));
}

function wants(place, kind) {
  return !place.dataset.liveKinds || place.dataset.liveKinds.split(" ").includes(kind);
}

/** Milliseconds between two fetches of one element: in a burst of hints the first is answered at once, the rest together. */
const REST = 300;

/** Fetches what came after the element's last id; one request at a time, one more if a hint came meanwhile. */
async function catchUp(place) {
  if (!place.isConnected) return forget(place);
  if (!place.dataset.liveSrc) return;
  const state = places.get(place);
  if (state.busy) return void (state.again = true);
  state.busy = true;
  const begun = performance.now();
  try {
    const answer = await fetch(address(place), { headers: { "HX-Request": "true", Accept: "text/html" } });
    if (answer.ok && answer.status !== 204) bring(place, await answer.text());
  } catch {
    // The connection is away; "connect" asks again.
  }
  setTimeout(() => rested(place, state), Math.max(0, begun + REST - performance.now()));
}

function rested(place, state) {
  state.busy = false;
  if (!state.again) return;
  state.again = false;
  catchUp(place);
}

function address(place) {
  const url = new URL(place.dataset.liveSrc, location.href);
  if (place.dataset.livePlace !== "replace") url.searchParams.set("after", lastId(place));
  return url;
}

function lastId(place) {
  const ids = [...place.querySelectorAll(":scope > [data-id]")].map((item) => Number(item.dataset.id));
  return Math.max(Number(place.dataset.liveLast ?? 0), ...ids);
}

function bring(place, html) {
  const box = document.createElement("template");
  box.innerHTML = html;
  if (place.dataset.livePlace === "replace") {
    if (place.innerHTML.trim() === html.trim()) return;
    const open = place.querySelector("[data-row][aria-current]")?.dataset.id;
    place.replaceChildren(box.content);
    if (open) keepOpen(place, open);
    settle(place, [...place.children]);
    return;
  }
  const known = new Set([...place.querySelectorAll(":scope > [data-id]")].map((item) => item.dataset.id));
  const fresh = [...box.content.children].filter((item) => !known.has(item.dataset.id));
  if (!fresh.length) return;
  const stays = document.documentElement.scrollHeight - window.innerHeight - window.scrollY < 160;
  for (const item of fresh) item.classList.add("arrives");
  if (place.dataset.livePlace === "prepend") place.prepend(...fresh);
  else place.append(...fresh);
  settle(place, fresh);
  place.querySelectorAll("[data-live-empty]").forEach((empty) => empty.remove());
  place.dispatchEvent(new CustomEvent("live:arrived", { bubbles: true, detail: { items: fresh, near: stays } }));
}

/** The row that is open stays marked in the list that came instead. */
function keepOpen(place, id) {
  place.querySelectorAll("[data-row][aria-current]").forEach((row) => row.removeAttribute("aria-current"));
  place.querySelector(`[data-row][data-id="${CSS.escape(id)}"]`)?.setAttribute("aria-current", "true");
}

function settle(place, items) {
  for (const item of items) {
    window.htmx?.process(item);
    lookAgain(item);
  }
}

function forget(place) {
  const left = place.dataset.liveRoom.split(" ");
  places.delete(place);
  const kept = rooms();
  for (const room of left) if (!kept.has(room)) connection?.emit("leave", { room });
}

/** Tells the others in a room that this person is typing; at most every two seconds. */
let lastTyped = 0;
export function sayTyping(room, side) {
  if (Date.now() - lastTyped < 2000) return;
  lastTyped = Date.now();
  socket().emit("typing", { room, side });
}

onEach("[data-live-room]", (place) => {
  places.set(place, { busy: false, again: false });
  const live = socket();
  if (live.connected) for (const room of place.dataset.liveRoom.split(" ")) live.emit("join", { room });
});
document.addEventListener("htmx:afterSettle", () => {
  for (const place of [...places.keys()]) if (!place.isConnected) forget(place);
});
