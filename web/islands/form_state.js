// What the scripts of a page know of its forms.
const SENT_FOR = 15_000; // ms after which a form whose answer never came may be sent again

export function markSent(form) {
  form.dataset.sent = String(Date.now());
}

export function isSent(form) {
  return Boolean(form.dataset.sent) && Date.now() - Number(form.dataset.sent) < SENT_FOR;
}

/** Whether a control is no longer as the server sent it. */
export function differs(control) {
  if (control.type === "hidden" || control.type === "submit") return false;
  if (control.type === "checkbox" || control.type === "radio") {
    return control.checked !== control.defaultChecked;
  }
  if (control.type === "select-one") {
    const first = [...control.options].findIndex((option) => option.defaultSelected);
    return control.selectedIndex !== Math.max(first, 0);
  }
  return control.value !== control.defaultValue;
}

/** What belongs to the page at hand, and to no other. */
export const OF_THE_PAGE = new Set(["csrf_token", "~key", "~over", "~as"]);
// What answers bring along changes by itself: it is not typed.
const OURS = new Set([
  ...OF_THE_PAGE,
  "~draft",
  "~mark",
  "~page",
  "~was.verdict",
  "~was.comment",
]);

/** What a form holds as text, by name and in order. */
export function fieldsOf(form) {
  return [...new FormData(form)].filter(([, value]) => typeof value === "string");
}

/** What somebody typed among fields, to be compared: nothing that pages put there themselves. */
export function typedIn(fields) {
  return JSON.stringify(fields.filter(([name]) => !OURS.has(name)));
}
