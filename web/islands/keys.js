// Keys of one letter, outside of fields. A key is written on what it does: data-key="j" on a link,
// a button or a field, data-key="g a" for two in a row. "?" shows the page of shortcuts in a dialog.
// Loaded only where keys are on: they can be switched off (WCAG 2.1.4).
const PATIENCE = 1200; // ms between the two keys of a pair
const CHOSEN = new Set(["radio", "checkbox", "button", "submit", "reset", "image", "file", "range"]);
let first = "";
let firstAt = 0;
let dialog = null;

function takesText(element) {
  if (element.isContentEditable) return true;
  if (element.tagName === "INPUT") return !CHOSEN.has(element.type);
  return element.tagName === "TEXTAREA" || element.tagName === "SELECT";
}

function find(key) {
  const named = [...document.querySelectorAll("[data-key]")].filter((each) => each.dataset.key === key);
  return named.find((each) => each.type === "radio" || each.checkVisibility());
}

function startsPair(key) {
  return document.querySelector(`[data-key^="${CSS.escape(key)} "]`) !== null;
}

function act(element) {
  if (takesText(element)) {
    element.focus();
    element.scrollIntoView({ block: "nearest" });
    return;
  }
  if (element.type === "radio") element.focus();
  element.click();
}

function search() {
  const field =
    document.querySelector("[data-key-search]") ??
    document.querySelector("main input[type=search], main [role=search] input:not([type=hidden])");
  if (!field) return false;
  field.focus();
  field.select();
  return true;
}

async function showAll(link) {
  if (dialog?.open) return;
  const response = await fetch(link.href, { credentials: "same-origin" });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const list = page.querySelector("[data-keys]");
  if (!response.ok || !list) {
    location.href = link.href;
    return;
  }
  list.querySelector('input[name="to"]').value = location.pathname + location.search;
  dialog?.remove();
  dialog = document.createElement("dialog");
  dialog.className = "keys-dialog";
  dialog.setAttribute("aria-label", page.querySelector("h1")?.textContent ?? "");
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-second btn-sm";
  close.textContent = link.dataset.close ?? "×";
  close.addEventListener("click", () => dialog.close());
  dialog.append(page.querySelector("h1"), close, list);
  document.body.append(dialog);
  dialog.showModal();
}

function onKey(event) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (dialog?.open) return;
  if (takesText(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const key = event.key.length === 1 ? event.key.toLowerCase() : "";
  if (!key || key === " ") return;
  const pair = first && event.timeStamp - firstAt < PATIENCE ? `${first} ${key}` : "";
  first = "";
  const found = (pair && find(pair)) || find(key);
  if (found) {
    event.preventDefault();
    act(found);
  } else if (key === "?") {
    const link = document.querySelector("[data-shortcuts][data-close]");
    if (link) {
      event.preventDefault();
      showAll(link);
    }
  } else if (key === "/" && search()) {
    event.preventDefault();
  } else if (startsPair(key)) {
    first = key;
    firstAt = event.timeStamp;
  }
}

document.addEventListener("keydown", onKey);
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-shortcuts]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  showAll(document.querySelector("[data-shortcuts][data-close]") ?? link);
});
