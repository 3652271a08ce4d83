// The review of one requirement: lines quoted in the reason, the image's size, the widths, sending.
// Nothing here is needed to act: without it, lines are chosen and quoted by the server.
const main = document.querySelector("main");
const form = document.querySelector("#decide");

// Lines: a click chooses one, with Shift up to another; what is chosen can be quoted.
const lines = document.querySelector("[data-lines]");
const quote = document.querySelector("[data-quote]");
let from = 0;
let until = 0;

function words() {
  const { file, one, many } = lines.dataset;
  const told = from === until ? one.replace("{line}", from) : many.replace("{first}", from).replace("{last}", until);
  return told.replace("{file}", file);
}

function choose(line, more) {
  from = more && from ? Math.min(from, line) : line;
  until = more && until ? Math.max(until, line) : line;
  for (const row of lines.children) {
    const number = Number(row.querySelector("[data-line]").dataset.line);
    row.classList.toggle("hit", number >= from && number <= until);
  }
  if (!quote) return;
  quote.hidden = false;
  quote.value = words();
  document.querySelector("[data-quoted]").textContent = words();
}

lines?.addEventListener("click", (event) => {
  const number = event.target.closest("[data-line]");
  if (!number || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  choose(Number(number.dataset.line), event.shiftKey);
});

quote?.addEventListener("click", (event) => {
  const reason = form?.querySelector("#comment");
  if (!reason || !quote.value) return;
  event.preventDefault();
  const told = `(${quote.value})`;
  const start = reason.selectionStart;
  const gap = start > 0 && !/\s$/.test(reason.value.slice(0, start)) ? " " : "";
  reason.setRangeText(gap + told, start, reason.selectionEnd, "end");
  reason.dispatchEvent(new Event("input", { bubbles: true }));
  reason.focus();
});

// The image: fitted to its side, then larger or smaller by steps.
const image = document.querySelector("[data-proof-image]");
const STEP = 1.25;
let scale = 0; // 0: fitted

function resize(wanted) {
  const natural = image.naturalWidth || 1;
  scale = wanted === 0 ? 0 : Math.min(8, Math.max(0.05, wanted));
  image.style.maxWidth = scale ? "none" : "";
  image.style.width = scale ? `${Math.round(natural * scale)}px` : "";
  const shown = scale || image.clientWidth / natural;
  document.querySelector("[data-image-words]").textContent = `${Math.round(100 * shown)} %`;
}

if (image) {
  const shownScale = () => scale || image.clientWidth / (image.naturalWidth || 1);
  const sizes = { in: () => shownScale() * STEP, out: () => shownScale() / STEP, fit: () => 0, actual: () => 1 };
  for (const button of document.querySelectorAll("[data-image]")) {
    button.addEventListener("click", () => resize(sizes[button.dataset.image]()));
  }
  if (image.complete) resize(0);
  else image.addEventListener("load", () => resize(0));
}
for (const tools of document.querySelectorAll("[data-script]")) tools.hidden = false;

document.querySelector("[data-proof-video]")?.addEventListener("error", () => {
  document.querySelector("[data-video-fault]").hidden = false;
});

// Widths: chosen at once, and kept for the next pages.
const splits = document.querySelector("[data-splits]");

function widen(button) {
  main.dataset.split = button.value;
  for (const each of splits.elements) {
    if (each.name === "split") each.setAttribute("aria-pressed", String(each === button));
  }
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `split=${button.value};path=/;max-age=31536000;samesite=lax${secure}`;
}

splits?.addEventListener("submit", (event) => {
  if (!event.submitter?.value) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  widen(event.submitter);
}, true);

splits?.querySelector("[data-cycle]")?.addEventListener("click", () => {
  const buttons = [...splits.elements].filter((each) => each.name === "split");
  const at = buttons.findIndex((each) => each.value === main.dataset.split);
  widen(buttons[(at + 1) % buttons.length]);
});

// Sending: Ctrl + Enter from anywhere. Neither the form nor a link goes past a saving on its way,
// which drafts.js does: the form says by data-unsaved that there is one.
const PATIENCE = 10_000; // ms after which one goes on anyway, and the browser asks
let goOn = null;
let impatient = 0;

const isUnsaved = () => form?.hasAttribute("data-unsaved");

function afterSaving(event, next) {
  if (!isUnsaved() || impatient) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  goOn = next;
  form.dispatchEvent(new Event("change"));
  impatient = setTimeout(leave, PATIENCE);
}

function leave() {
  const next = goOn;
  goOn = null;
  next?.();
}

function onSaved() {
  if (isUnsaved()) return;
  clearTimeout(impatient);
  impatient = 0;
  leave();
}

if (form) {
  new MutationObserver(onSaved).observe(form, { attributeFilter: ["data-unsaved"] });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("[data-send]"));
  });
  document.addEventListener("submit", (event) => {
    if (event.target === form) afterSaving(event, () => form.requestSubmit(event.submitter));
  }, true);
  main.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    const stays = !link || link.target || link.hasAttribute("data-line") || link.hasAttribute("data-shortcuts");
    if (stays || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.closest("[data-draft-said]")) {
      form.removeAttribute("data-unsaved"); // the other version is wanted, not what is typed here
      return;
    }
    afterSaving(event, () => {
      location.href = link.href;
    });
  }, true);
}

// What was chosen is in sight, the page itself staying where it is.
for (const [box, chosen] of [[".review-index", "[aria-current]"], ["[data-lines]", ".hit"]]) {
  const within = document.querySelector(box);
  const at = within?.querySelector(chosen);
  if (at) within.scrollTop = at.offsetTop - (within.clientHeight - at.offsetHeight) / 2;
}
