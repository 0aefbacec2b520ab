// Keeps 「3 分钟前」 true while a page stays open; the server wrote the first text and the full time in the title.
const MINUTE = 60_000;

export function keepTimesFresh() {
  setInterval(() => {
    const words = document.documentElement.dataset;
    for (const element of document.querySelectorAll("time[data-ago]")) {
      const minutes = Math.floor((Date.now() - Date.parse(element.dateTime)) / MINUTE);
      if (minutes < 1 || minutes >= 60) continue;
      element.textContent = words.wordsMinutesAgo.replace("{n}", minutes);
    }
  }, MINUTE);
}
