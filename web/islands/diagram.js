// Shows a BPMN diagram with what was passed and where the token stands.
//   <div class="diagram" data-diagram="URL of the BPMN" data-label="…" data-was="ids" data-here="ids"
//        data-here-label="Vous êtes ici" data-focus="id" data-min="0.62"
//        data-links='{"admissibility": "/…"}' data-link-label="Ouvrir le détail"></div>
// Colours come from the theme's tokens, so that themes switch live.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

const MARGIN = 18;
const WIDEST = 1.15;

const ids = (text) => (text ?? "").split(/\s+/).filter(Boolean);

function node(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  if (text) element.textContent = text;
  return element;
}

function viewerIn(box) {
  return new NavigatedViewer({
    container: box,
    bpmnRenderer: {
      defaultFillColor: "var(--j-paper)",
      defaultStrokeColor: "var(--j-ink-2)",
      defaultLabelColor: "var(--j-ink)",
    },
    textRenderer: {
      defaultStyle: { fontFamily: "Plex Sans", fontSize: 12.5, lineHeight: 1.2 },
      externalStyle: { fontSize: 12, lineHeight: 1.2 },
    },
  });
}

function mark(viewer, box) {
  const canvas = viewer.get("canvas");
  const overlays = viewer.get("overlays");
  const elements = viewer.get("elementRegistry");
  const present = (id) => elements.get(id) !== undefined;
  for (const id of ids(box.dataset.was).filter(present)) {
    canvas.addMarker(id, "was");
    if (!/Task|CallActivity/.test(elements.get(id).type)) continue;
    overlays.add(id, { position: { top: -8, right: 10 }, html: node("div", "seal"), scale: true });
  }
  for (const id of ids(box.dataset.here).filter(present)) {
    canvas.addMarker(id, "here");
    const flag = node("div", "flag", box.dataset.hereLabel);
    overlays.add(id, { position: { top: -11, left: 10 }, html: flag, scale: true });
  }
  for (const [id, address] of Object.entries(JSON.parse(box.dataset.links ?? "{}"))) {
    if (!present(id)) continue;
    const link = node("a", "drill", box.dataset.linkLabel);
    link.href = address;
    overlays.add(id, { position: { bottom: 4, left: 8 }, html: link, scale: true });
  }
}

// Where the sight begins along one axis: never so far that it shows more than the drawing.
function begin(wanted, from, length, seen, margin) {
  if (seen >= length + 2 * margin) return from - (seen - length) / 2;
  return Math.max(from - margin, Math.min(wanted, from + length + margin - seen));
}

function fit(viewer, box, least = Number(box.dataset.min ?? 0)) {
  if (!box.clientWidth) return;
  const canvas = viewer.get("canvas");
  const drawn = canvas.viewbox().inner;
  const { width, height } = canvas.getSize();
  const scale = Math.min(
    WIDEST,
    (width - 2 * MARGIN) / drawn.width,
    (height - 2 * MARGIN) / drawn.height,
  );
  if (scale >= least) {
    const x = drawn.x - (width / scale - drawn.width) / 2;
    const y = drawn.y - (height / scale - drawn.height) / 2;
    canvas.viewbox({ x, y, width: width / scale, height: height / scale });
    return;
  }
  // Too small to read as a whole: stand before the step that matters.
  const focus = viewer.get("elementRegistry").get(box.dataset.focus ?? ids(box.dataset.here)[0]);
  const seen = { width: width / least, height: height / least };
  const margin = MARGIN / least;
  const x = focus ? focus.x - seen.width / 3 : -Infinity;
  const y = focus ? focus.y - seen.height / 3 : -Infinity;
  canvas.viewbox({
    x: begin(x, drawn.x, drawn.width, seen.width, margin),
    y: begin(y, drawn.y, drawn.height, seen.height, margin),
    ...seen,
  });
}

// A flat drawing stands in a lower box than the page has kept for it.
function trim(viewer, box) {
  if (!box.clientWidth) return;
  const canvas = viewer.get("canvas");
  const drawn = canvas.viewbox().inner;
  const { width, height } = canvas.getSize();
  const least = Number(box.dataset.min ?? 0);
  const scale = Math.min(WIDEST, Math.max(least, (width - 2 * MARGIN) / drawn.width));
  const spare = height - drawn.height * scale - 2 * MARGIN;
  if (spare <= 0) return;
  box.style.height = `${box.offsetHeight - spare}px`;
  canvas.resized();
}

function zoomButtons(viewer, box) {
  const canvas = viewer.get("canvas");
  for (const button of document.querySelectorAll(`[data-zoom="${box.id}"]`)) {
    button.addEventListener("click", () => {
      if (button.value === "fit") fit(viewer, box, 0);
      else canvas.zoom(canvas.zoom() * (button.value === "in" ? 1.2 : 1 / 1.2));
    });
  }
}

async function show(box) {
  const [response] = await Promise.all([
    fetch(box.dataset.diagram, { credentials: "same-origin" }),
    document.fonts?.load('13px "Plex Sans"'),
  ]);
  if (!response.ok) throw new Error(`${response.status}`);
  const viewer = viewerIn(box);
  await viewer.importXML(await response.text());
  const drawing = box.querySelector("svg");
  drawing.setAttribute("role", "group");
  drawing.setAttribute("aria-label", box.dataset.label ?? "");
  mark(viewer, box);
  trim(viewer, box);
  fit(viewer, box);
  zoomButtons(viewer, box);
  addEventListener("resize", () => fit(viewer, box));
  box.dataset.ready = "yes";
}

for (const box of document.querySelectorAll("[data-diagram]")) {
  show(box).catch(() => {
    box.textContent = box.dataset.failed ?? "";
    box.classList.add("missing");
  });
}
