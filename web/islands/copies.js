// Copies of what could not be saved on the server, on this device only: for a day, for the person
// who typed, and gone as soon as it is saved, sent, or its person signs out.
const PREFIX = "jalon:copy:";
const KEPT_FOR = 86_400_000; // ms

function store() {
  try {
    return localStorage;
  } catch {
    return null; // The browser refuses to keep anything: the page itself still holds the text.
  }
}

function keys() {
  return Object.keys(store() ?? {}).filter((key) => key.startsWith(PREFIX));
}

function read(key) {
  try {
    return JSON.parse(store()?.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

/** The name of the copy of this page's form. */
export function nameOf(person) {
  return `${PREFIX}${person}:${location.pathname}${location.search}`;
}

export function keep(key, fields) {
  try {
    store()?.setItem(key, JSON.stringify({ at: Date.now(), fields }));
  } catch {
    // No room on this device: nothing else is lost by it.
  }
}

export function find(key) {
  const copy = read(key);
  return copy && Date.now() - copy.at < KEPT_FOR ? copy : null;
}

export function forget(key) {
  store()?.removeItem(key);
}

export function forgetAllOf(person) {
  for (const key of keys()) if (key.startsWith(`${PREFIX}${person}:`)) forget(key);
}

export function forgetOld() {
  for (const key of keys()) if (!find(key)) forget(key);
}
