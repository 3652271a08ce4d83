// What every page does in the browser. Nothing here is needed to act: without it, forms still post.
const root = document.documentElement;
const SENT_FOR = 15_000; // ms after which a form whose answer never came may be sent again

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
  if (form.dataset.sent && Date.now() - Number(form.dataset.sent) < SENT_FOR) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = String(Date.now());
  typed.delete(form);
}

const typed = new Set();

function onInput(event) {
  const form = event.target.form;
  if (form && form.hasAttribute("data-confirm-leave")) typed.add(form);
}

function onLeave(event) {
  if (typed.size > 0) event.preventDefault();
}

function onPageShow() {
  // Back from the browser's cache: what was sent may be sent again.
  for (const form of document.forms) delete form.dataset.sent;
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-theme-toggle]").forEach(nameTheme);
  for (const form of document.querySelectorAll("form[data-typed]")) typed.add(form);
  document.querySelector("[data-error-summary]")?.focus();
});
document.addEventListener("submit", onSubmit);
document.addEventListener("input", onInput);
addEventListener("beforeunload", onLeave);
addEventListener("pageshow", onPageShow);
