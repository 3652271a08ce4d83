// What every page does in the browser. Nothing here is needed to act: without it, forms still post.
import { forgetAllOf } from "./copies.js";
import { differs, fieldsOf, isSent, markSent, typedIn } from "./form_state.js";

const root = document.documentElement;

function switchTheme(button) {
  const theme = root.dataset.bsTheme === "dark" ? "light" : "dark";
  root.dataset.bsTheme = theme;
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `theme=${theme};path=/;max-age=31536000;samesite=lax${secure}`;
  nameTheme(button);
}

function nameTheme(button) {
  const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
  button.value = next;
  button.textContent = button.dataset[next];
}

function onSubmit(event) {
  const form = event.target;
  const themeButton = form.querySelector("[data-theme-toggle]");
  if (themeButton) {
    event.preventDefault();
    switchTheme(themeButton);
    return;
  }
  if (form.method !== "post") return;
  if (isSent(form)) {
    event.preventDefault();
    return;
  }
  markSent(form);
  typed.delete(form);
  form.removeAttribute("data-unsaved");
  // Whoever uses this device next finds nothing of what was typed.
  if (form.dataset.signOut) forgetAllOf(form.dataset.signOut);
}

const typed = new Set();

function onInput(event) {
  const form = event.target.form;
  // A form that keeps its draft tells by itself what is not saved yet.
  if (form?.hasAttribute("data-confirm-leave") && !form.querySelector("[data-autosave]")) {
    typed.add(form);
  }
}

function onLeave(event) {
  if (typed.size > 0 || document.querySelector("form[data-unsaved]")) event.preventDefault();
}

/** What could not be saved while one signed out was copied again. */
function onPageHide() {
  const form = document.querySelector("form[data-sign-out]");
  if (form && isSent(form)) forgetAllOf(form.dataset.signOut);
}

function onPageShow() {
  // Back from the browser's cache: what was sent may be sent again.
  for (const form of document.forms) delete form.dataset.sent;
}

// Choices that other questions depend on: the form is drawn again from what it held when that was
// asked, so that what was typed since comes first.
const DRIVERS = '[hx-trigger="change"]';
const asked = new WeakMap();

function ask(driver) {
  driver.dispatchEvent(new Event("change", { bubbles: true }));
}

function onAsk(event) {
  const driver = event.target;
  if (driver.matches?.(DRIVERS)) asked.set(driver.form, typedIn(fieldsOf(driver.form)));
}

function onSwap(event) {
  const driver = event.target;
  if (!driver.matches?.(DRIVERS)) return;
  if (asked.get(driver.form) === typedIn(fieldsOf(driver.form))) return;
  event.preventDefault();
  setTimeout(() => ask(driver));
}

// Choices made before this script was there, or restored by the browser, told nobody so far.
function catchUp() {
  for (const form of document.forms) {
    const changed = [...form.querySelectorAll(DRIVERS)].find(differs);
    if (changed) ask(changed);
  }
}

document.addEventListener("DOMContentLoaded", () => {
  setTimeout(catchUp); // after htmx, which listens from this same event on
  document.querySelectorAll("[data-theme-toggle]").forEach(nameTheme);
  for (const form of document.querySelectorAll("form[data-typed]")) {
    if (!form.querySelector("[data-autosave]")) typed.add(form);
  }
  document.querySelector("[data-error-summary]")?.focus();
});
document.addEventListener("submit", onSubmit);
document.addEventListener("input", onInput);
document.addEventListener("htmx:before:request", onAsk);
document.addEventListener("htmx:before:swap", onSwap);
addEventListener("beforeunload", onLeave);
addEventListener("pagehide", onPageHide);
addEventListener("pageshow", onPageShow);
