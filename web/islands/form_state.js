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
