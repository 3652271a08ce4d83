// What every page does in the browser. Nothing here is needed to act: without it, forms still post.
import { forgetAllOf } from "./copies.js";
import { differs, isSent, markSent } from "./form_state.js";

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
  // What is on its way to be kept would come after what is sent.
  form.querySelector("[data-draft]")?.dispatchEvent(new Event("htmx:abort"));
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

// Drafts: what was saved need not be guarded; what was not is said, and stays on the page.
const SAID = new Set([200, 409]);

function draftOf(event) {
  const region = event.target.closest?.("[data-draft]");
  return region && event.target === region ? region : null;
}

function sayUnsaved(region) {
  let line = region.querySelector("[data-unsaved-line]");
  if (!line) {
    line = document.createElement("p");
    line.dataset.unsavedLine = "";
    line.className = "error mb-0";
    region.append(line);
  }
  line.textContent = region.dataset.unsaved;
}

function onDraftRequest(event) {
  const region = draftOf(event);
  if (region && isSent(region.closest("form"))) event.preventDefault();
}

function onDraftAnswer(event) {
  const region = draftOf(event);
  const status = event.detail.ctx?.response?.status;
  if (!region || SAID.has(status)) {
    if (region && status === 200) typed.delete(region.closest("form"));
    return;
  }
  event.preventDefault();
  sayUnsaved(region);
}

function onDraftError(event) {
  const region = draftOf(event);
  if (region) sayUnsaved(region);
}

// Choices made before this script was there, or restored by the browser, told nobody so far.
const DRIVERS = '[hx-trigger="change"]';

function catchUp() {
  for (const form of document.forms) {
    const changed = [...form.querySelectorAll(DRIVERS)].find(differs);
    changed?.dispatchEvent(new Event("change", { bubbles: true }));
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
document.addEventListener("htmx:before:request", onDraftRequest);
document.addEventListener("htmx:after:request", onDraftAnswer);
document.addEventListener("htmx:error", onDraftError);
addEventListener("beforeunload", onLeave);
addEventListener("pagehide", onPageHide);
addEventListener("pageshow", onPageShow);
