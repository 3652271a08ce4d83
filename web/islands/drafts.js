// Keeps what is typed: on the server as one types, on this device while the server is out of reach.
// Without it, a form keeps its draft by a button.
import { find, forget, forgetOld, keep, nameOf } from "./copies.js";
import { OF_THE_PAGE, differs, fieldsOf, isSent, typedIn } from "./form_state.js";

const SOON = 800; // ms after the last key
const AT_ONCE = 250; // ms after a choice, or a field that is left
const SLOW = 600; // ms after which one is told that it is being saved
const FIRST_WAIT = 3_000; // ms before the first new try, doubled each time
const LONGEST_WAIT = 60_000;
const MOST_IN_BACKGROUND = 60_000; // characters that a browser sends for a page that is left
const TALK = "jalon";

class Keeper {
  constructor(region) {
    this.region = region;
    this.form = region.closest("form");
    this.said = region.querySelector("[data-draft-said]");
    this.state = region.querySelector("[data-draft-state]");
    this.stuck = ""; // "", or why nothing is saved: a state of the templates, "stale", "over"
    this.isDirty = false;
    this.again = false;
    this.wait = FIRST_WAIT;
    this.listen();
    this.offerCopy();
    const changed = [...this.form.elements].some(differs);
    if (changed || this.form.hasAttribute("data-typed")) this.touch(AT_ONCE);
  }

  listen() {
    this.form.addEventListener("input", (event) => {
      // What one changes comes from nowhere else any more.
      document.getElementById(`${event.target.id}-origin`)?.remove();
      this.touch(SOON);
    });
    this.form.addEventListener("change", () => this.touch(AT_ONCE));
    this.form.addEventListener("submit", () => this.stop());
    this.form.addEventListener("click", (event) => this.onClick(event));
    for (const name of ["online", "focus"]) addEventListener(name, () => this.retry());
    document.addEventListener("visibilitychange", () => this.onVisibility());
    addEventListener("pageshow", (event) => this.onPageShow(event));
    new BroadcastChannel(TALK).addEventListener("message", () => this.retry());
  }

  touch(delay) {
    if (this.stuck === "done") return;
    this.isDirty = true;
    this.form.setAttribute("data-unsaved", "");
    if (this.stuck) this.copy();
    else this.later(delay);
  }

  later(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), delay);
  }

  retry() {
    if (this.stuck && !["stale", "over", "done"].includes(this.stuck)) this.save();
  }

  /** What is on its way to be kept would come after what is sent. */
  stop() {
    clearTimeout(this.timer);
    this.sending?.abort();
  }

  async save(over = "") {
    if (isSent(this.form) || this.stuck === "done") return;
    const typed = typedIn(fieldsOf(this.form));
    if (typed === this.saved && !over && !this.stuck) {
      this.isDirty = false;
      this.form.removeAttribute("data-unsaved");
      return;
    }
    if (this.sending) {
      this.again = true;
      return;
    }
    clearTimeout(this.timer);
    this.again = false;
    this.isDirty = false;
    const body = new URLSearchParams(fieldsOf(this.form));
    if (over) body.set("~over", over);
    const slow = setTimeout(() => !this.stuck && this.show("saving"), SLOW);
    this.sending = new AbortController();
    let status = 0;
    let answer = null;
    try {
      answer = await fetch(this.region.dataset.autosave, {
        method: "POST",
        body,
        headers: { "HX-Request": "true", "Jalon-Keeps": "yes" },
        signal: this.sending.signal,
        keepalive: document.hidden && String(body).length < MOST_IN_BACKGROUND,
      });
      status = answer.status;
      this.text = await answer.text();
    } catch (error) {
      if (error.name === "AbortError") return;
      status = 0;
    } finally {
      clearTimeout(slow);
      this.sending = null;
    }
    this.onAnswer(status, answer);
    if (status === 200 && !this.stuck) this.saved = typed;
    if (this.again && !this.stuck) this.later(AT_ONCE);
  }

  onAnswer(status, answer) {
    const isOurs = this.text?.includes('name="~draft"');
    const token = answer?.headers.get("Jalon-Token");
    if (status === 200 && isOurs) this.onSaved();
    else if ((status === 409 || status === 413) && isOurs) this.onRefused();
    else if (status === 400 && token) this.onToken(token);
    else if (status === 401) this.fail("ended");
    else if (status === 403 && !this.text) this.fail("other");
    else if (status >= 400 && status < 500) this.fail("refused");
    else this.fail(navigator.onLine ? "down" : "offline");
  }

  onSaved() {
    this.stuck = "";
    this.wait = FIRST_WAIT;
    this.state.replaceChildren();
    this.put();
    if (!this.isDirty) this.form.removeAttribute("data-unsaved");
    const page = this.region.dataset.page;
    if (page.includes("?") && location.pathname + location.search !== page) {
      forget(nameOf(this.region.dataset.person));
      history.replaceState(history.state, "", page);
    }
    if (!this.offered) forget(nameOf(this.region.dataset.person));
  }

  onRefused() {
    this.put();
    this.state.replaceChildren();
    this.stuck = this.said.querySelector("[data-draft-over]") ? "stale" : "over";
    this.copy();
  }

  onToken(token) {
    for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = token;
    this.later(0);
  }

  fail(why) {
    this.stuck = why;
    this.isDirty = true;
    this.show(why);
    this.copy();
    clearTimeout(this.timer);
    if (why === "refused") return;
    this.timer = setTimeout(() => this.save(), this.wait);
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
  }

  /** The server's words, in place of those before. */
  put() {
    this.said.innerHTML = this.text;
    this.uncover();
    const aside = this.said.querySelector("[data-draft-aside]");
    if (!aside) return;
    document.getElementById("draft-aside")?.replaceChildren(...aside.childNodes);
    aside.remove();
  }

  show(name, place = this.state) {
    if (place.dataset.shown === name && place.childNodes.length) return;
    place.dataset.shown = name;
    const words = this.region.querySelector(`template[data-state="${name}"]`);
    place.replaceChildren(words.content.cloneNode(true));
    this.uncover();
  }

  /** What is said stays in sight, and must not stand over the field at hand. */
  uncover() {
    const field = document.activeElement;
    const top = this.region.getBoundingClientRect().top;
    if (this.region.contains(field) || !this.form.contains(field)) return;
    if (field.getBoundingClientRect().bottom > top) field.scrollIntoView({ block: "center" });
  }

  /** A place above the form, for what is to be read before it. */
  above() {
    this.top ??= document.createElement("div");
    this.top.setAttribute("role", "status");
    this.form.before(this.top);
    return this.top;
  }

  copy() {
    if (this.offered) return;
    const fields = fieldsOf(this.form).filter(([name]) => !OF_THE_PAGE.has(name));
    keep(nameOf(this.region.dataset.person), fields);
  }

  offerCopy() {
    const name = nameOf(this.region.dataset.person);
    const copy = find(name);
    if (!copy || this.form.hasAttribute("data-typed")) return;
    // It was saved in the end, and only the answer did not come back.
    if (typedIn(copy.fields) === typedIn(fieldsOf(this.form))) {
      forget(name);
      return;
    }
    this.offered = copy;
    const top = this.above();
    this.show("copy", top);
    const line = top.querySelector("[data-copy-said]");
    const time = new Intl.DateTimeFormat(document.documentElement.lang, {
      dateStyle: "short",
      timeStyle: "short",
    }).format(copy.at);
    line.textContent = line.dataset.said.replace("{time}", time);
    top.querySelector("[data-copy-take]").addEventListener("click", () => this.take(copy));
    top.querySelector("[data-copy-forget]").addEventListener("click", () => {
      this.offered = null;
      forget(name);
      top.remove();
    });
  }

  /** The server draws the form again with the copy's answers: it knows which questions they ask. */
  take(copy) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = location.href;
    const token = this.form.querySelector('input[name="csrf_token"]').value;
    for (const [name, value] of [...copy.fields, ["csrf_token", token], ["~refresh", "yes"]]) {
      const field = document.createElement("textarea");
      Object.assign(field, { name, value, hidden: true });
      form.append(field);
    }
    this.form.removeAttribute("data-unsaved");
    document.body.append(form);
    form.submit();
  }

  onClick(event) {
    const over = event.target.closest("[data-draft-over]");
    if (over) {
      event.preventDefault();
      this.stuck = "";
      this.save(over.value);
    } else if (event.target.closest("[data-draft-retry]")) this.retry();
  }

  onVisibility() {
    if (document.hidden && this.isDirty && !this.stuck) this.save();
    else if (!document.hidden) this.retry();
  }

  /** A page that the browser brought back asks whether its act was done meanwhile. */
  async onPageShow(event) {
    const [entry] = performance.getEntriesByType("navigation");
    const key = this.form.elements.namedItem("~key")?.value;
    if (!key || !(event.persisted || entry?.type === "back_forward")) return;
    if (!(await wasDone(key))) return;
    this.stop();
    this.stuck = "done";
    this.form.removeAttribute("data-unsaved");
    forget(nameOf(this.region.dataset.person));
    this.show("done", this.above());
  }
}

async function wasDone(key) {
  try {
    const answer = await fetch(`/envois/${encodeURIComponent(key)}.json`);
    return answer.ok && (await answer.json()).done === true;
  } catch {
    return false; // Out of reach, or signed out: the server will say so when it is sent.
  }
}

document.addEventListener("DOMContentLoaded", () => {
  forgetOld();
  for (const region of document.querySelectorAll("[data-autosave]")) new Keeper(region);
  if (document.querySelector("[data-signed-in-again]")) {
    new BroadcastChannel(TALK).postMessage("signed in");
  }
});
