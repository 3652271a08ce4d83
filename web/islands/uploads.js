// Sends the files of a proof file piece by piece (tus), each going on where it stopped.
// Without this script the page's form sends them whole.
import { Upload } from "tus-js-client";

const page = document.querySelector("[data-uploads]");
const model = document.querySelector("template[data-upload-row]");
const words = model.dataset;
const token = document.querySelector('input[name="csrf_token"]').value;
const summary = document.querySelector("[data-upload-summary]");
const PAUSES = [0, 1000, 3000, 5000, 10_000, 20_000, 30_000, 60_000, 60_000]; // ms
const AT_ONCE = 2;
const sent = []; // every file of this page, in the order in which it was chosen

function size(bytes) {
  const units = words.units.split(",");
  let value = bytes;
  let rank = 0;
  while (value >= 1000 && rank < units.length - 1) {
    value /= 1000;
    rank += 1;
  }
  const digits = rank > 1 && value < 10 ? 1 : 0;
  const shown = value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: digits });
  return `${shown}\u00a0${units[rank]}`;
}

const fill = (text, given) => text.replace(/{(\w+)}/g, (_, name) => given[name]);

/** One file on its way: its row on the page and its upload. */
class Sending {
  constructor(file, input) {
    this.file = file;
    this.input = input;
    this.bytes = 0;
    this.state = "waiting";
    this.isOpening = false; // its address is being asked for, which only the answer ends
    this.row = model.content.firstElementChild.cloneNode(true);
    this.row.querySelector("[data-name]").textContent = file.name;
    this.button("pause").addEventListener("click", () => this.pause());
    this.button("resume").addEventListener("click", () => this.turn("waiting"));
    this.button("cancel").addEventListener("click", () => this.cancel());
    rowsOf(input).append(this.row);
    this.upload = new Upload(file, this.options());
    this.show();
  }

  button(name) {
    return this.row.querySelector(`[data-${name}]`);
  }

  options() {
    const { requirement, position } = this.input.dataset;
    const { dossier, piece } = page.dataset;
    return {
      endpoint: "/api/v1/uploads",
      chunkSize: Number(piece),
      retryDelays: PAUSES,
      headers: { "X-CSRFToken": token },
      metadata: { dossier, requirement, position, filename: this.file.name },
      removeFingerprintOnSuccess: true,
      // The same file for the same place, chosen again after a reload, is the same upload.
      fingerprint: async (file) =>
        ["jalon", dossier, requirement, position, file.name, file.size, file.lastModified].join("|"),
      onShouldRetry: (error) => {
        const status = error.originalResponse?.getStatus() ?? 0;
        if (status === 0) this.turn("lost", false);
        return status === 0 || status === 409 || status === 423 || status >= 500;
      },
      // Known only now: before, there was nothing to pause or to forget.
      onUploadUrlAvailable: () => {
        this.isOpening = false;
        if (this.state === "paused") this.upload.abort();
        if (this.state === "cancelled") this.forget();
      },
      onProgress: (done) => {
        if (this.state === "paused" || this.state === "cancelled") return;
        this.bytes = done;
        this.turn(done === this.file.size ? "checking" : "sending", false);
      },
      onError: (error) => this.fail(error),
      onSuccess: () => this.end(),
    };
  }

  async start() {
    this.turn("sending", false);
    if (this.isOpening) return;
    this.isOpening = true;
    const earlier = await this.upload.findPreviousUploads();
    if (earlier.length > 0) this.upload.resumeFromPreviousUpload(earlier[0]);
    if (this.state === "sending") this.upload.start();
    else this.isOpening = false;
  }

  pause() {
    if (this.upload.url) this.stop();
    this.turn("paused");
  }

  /** The line is back: what waited for its next try begins now, and only once. */
  again() {
    this.stop();
    this.turn("waiting");
  }

  stop() {
    this.upload.abort();
    this.isOpening = false;
  }

  cancel() {
    this.state = "cancelled";
    if (this.upload.url) this.forget();
    sent.splice(sent.indexOf(this), 1);
    this.row.remove();
    showTotal();
    next();
  }

  forget() {
    // What cannot be forgotten now expires by itself.
    this.upload.abort(true).catch(() => {});
  }

  fail(error) {
    this.isOpening = false;
    if (this.state === "cancelled") return;
    const answer = error.originalResponse;
    if (!answer) {
      this.turn("lost");
      return;
    }
    this.sentence = sentenceOf(answer.getBody());
    this.row.classList.add("is-refused");
    this.turn("failed");
  }

  end() {
    this.bytes = this.file.size;
    this.turn("done");
    this.row.remove();
    refresh();
  }

  turn(state, goOn = true) {
    this.state = state;
    this.show();
    if (goOn) next();
  }

  show() {
    const bar = this.row.querySelector("progress");
    bar.max = this.file.size || 1;
    bar.value = this.bytes;
    const over = this.state === "done" || this.state === "failed";
    bar.hidden = over;
    this.button("pause").hidden = over || this.state === "paused" || this.state === "checking";
    this.button("resume").hidden = this.state !== "paused";
    const text = this.state === "failed" && this.sentence ? this.sentence : words[this.state];
    this.row.querySelector("[data-words]").textContent = fill(text, {
      done: size(this.bytes),
      all: size(this.file.size),
    });
    showTotal();
  }
}

function sentenceOf(body) {
  try {
    return JSON.parse(body).errors[0].message;
  } catch {
    return "";
  }
}

function rowsOf(input) {
  const place = input.closest("[data-place]");
  let rows = place.querySelector("[data-sending]");
  if (!rows) {
    rows = document.createElement("ul");
    rows.className = "files";
    rows.dataset.sending = "";
    place.append(rows);
  }
  return rows;
}

function next() {
  const busy = sent.filter((each) => ["sending", "checking"].includes(each.state)).length;
  const waiting = sent.filter((each) => each.state === "waiting");
  for (const each of waiting.slice(0, Math.max(0, AT_ONCE - busy))) each.start();
}

function showTotal() {
  const counted = sent.filter((each) => each.state !== "failed");
  const open = counted.some((each) => each.state !== "done");
  summary.hidden = !open;
  if (!open) return;
  const all = counted.reduce((sum, each) => sum + each.file.size, 0);
  const done = counted.reduce((sum, each) => sum + each.bytes, 0);
  const bar = summary.querySelector("[data-upload-total]");
  bar.max = all || 1;
  bar.value = done;
  const shown = { files: counted.length, done: size(done), all: size(all) };
  summary.querySelector("[data-upload-words]").textContent = fill(words.total, shown);
}

let asked = 0;

/** Shows what the server now says of each part of the page, without losing what goes on. */
async function refresh() {
  const mine = (asked += 1);
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  if (!answer.ok || mine !== asked) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-refresh]")) {
    const name = CSS.escape(part.dataset.refresh);
    const now = fresh.querySelector(`[data-refresh="${name}"]`);
    if (now) part.replaceChildren(...now.childNodes);
    else part.replaceChildren();
  }
}

function choose(event) {
  const input = event.target;
  if (!input.matches("input[data-upload]")) return;
  const files = [...input.files];
  input.value = "";
  for (const file of files) sent.push(new Sending(file, input));
  next();
}

if (page) {
  for (const part of document.querySelectorAll("[data-without-script]")) part.hidden = true;
  document.addEventListener("change", choose);
  addEventListener("online", () => {
    for (const each of sent) if (each.state === "lost") each.again();
  });
  addEventListener("beforeunload", (event) => {
    if (sent.some((each) => ["sending", "checking", "waiting"].includes(each.state))) {
      event.preventDefault();
    }
  });
  document.documentElement.dataset.uploadsReady = "";
}
