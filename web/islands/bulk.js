// Ticks all dossiers of a page, and counts those ticked. Without it the page's own box does the same
// when the form is sent. The list may be read anew as one types: nothing of it is kept here.
const bar = () => document.querySelector("[data-bulk]");
const boxes = () => [...document.querySelectorAll('input[name="dossier"][form="bulk"]')];

function tell() {
  if (!bar()) return;
  const all = boxes();
  const ticked = all.filter((box) => box.checked).length;
  const said = bar().querySelector("[data-bulk-count]");
  const words = ticked === 0 ? said.dataset.none : ticked === 1 ? said.dataset.one : said.dataset.many;
  said.textContent = words.replace("#", String(ticked));
  const whole = bar().elements.namedItem("all");
  whole.checked = ticked > 0 && ticked === all.length;
}

document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.name === "all" && box.form === bar()) {
    for (const each of boxes()) each.checked = box.checked;
    tell();
  } else if (box.name === "dossier") tell();
});
window.addEventListener("pageshow", tell);
document.addEventListener("htmx:after:swap", tell);
tell();
