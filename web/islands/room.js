// The college's room by keyboard, or by a presenter's remote: previous and next dossier.
const FIELDS = "input, textarea, select, [contenteditable]";
const KEYS = { ArrowRight: "next", PageDown: "next", ArrowLeft: "previous", PageUp: "previous" };

/** Whether the page itself still goes on in the direction of the key: then it scrolls first. */
function stillScrolls(key) {
  const root = document.documentElement;
  if (key === "PageDown") return root.scrollTop + root.clientHeight < root.scrollHeight - 4;
  return key === "PageUp" && root.scrollTop > 4;
}

document.addEventListener("keydown", (event) => {
  const way = KEYS[event.key];
  if (!way || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.target.closest?.(FIELDS) || stillScrolls(event.key)) return;
  // In the room the panes scroll by page; only what is projected has no pane.
  if (event.key.startsWith("Page") && !document.getElementById("screen")) return;
  const step = document.querySelector(`[data-room-${way}]`);
  if (!step) return;
  event.preventDefault();
  step.click();
});

// What is typed saves itself; what could not be saved is said, and guarded.
const SAID = new Set([200, 409]);
let unsaved = false;

/** The region that tells of the draft, when an event is about it. */
function regionOf(event) {
  const region = event.target.closest?.("[data-room-draft]");
  return region && event.target === region ? region : null;
}

function tell(region, isLost) {
  const line = document.getElementById("unsaved");
  if (line) line.textContent = isLost ? region.dataset.unsaved : "";
}

document.addEventListener("input", (event) => {
  if (event.target.form?.id === "decision") unsaved = true;
});
document.addEventListener("submit", (event) => {
  if (event.target.id === "decision") unsaved = false;
});
document.addEventListener("htmx:after:request", (event) => {
  const region = regionOf(event);
  if (!region) return;
  const status = event.detail.ctx?.response?.status;
  if (!SAID.has(status)) event.preventDefault();
  if (status === 200) unsaved = false;
  tell(region, !SAID.has(status));
});
document.addEventListener("htmx:error", (event) => {
  const region = regionOf(event);
  if (region) tell(region, true);
});
addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});
