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
