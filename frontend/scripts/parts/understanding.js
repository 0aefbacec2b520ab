// The drawer shows nothing of another text while the next one comes.
document.addEventListener("click", (event) => {
  if (event.target.closest('[data-open="why"]')) document.getElementById("why-drawer")?.replaceChildren();
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
