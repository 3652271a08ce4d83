// Shows a BPMN diagram with what was passed and where the token stands.
//   <div class="diagram" data-diagram="URL of the BPMN" data-label="…" data-was="ids" data-here="ids"
//        data-here-label="Vous êtes ici" data-focus="id" data-min="0.62"
//        data-links='{"admissibility": "/…"}' data-link-label="Ouvrir le détail"></div>
// Colours come from the theme's tokens, so that themes switch live.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

const MARGIN = 18;
const WATERMARK = 34; // px under the drawing: the bpmn.io mark stays uncovered
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

function fit(viewer, box, least = Number(box.dataset.min ?? 0)) {
  if (!box.clientWidth) return;
  const canvas = viewer.get("canvas");
  const drawn = canvas.viewbox().inner;
  const width = box.clientWidth;
  const height = box.clientHeight;
  const scale = Math.min(
    WIDEST,
    (width - 2 * MARGIN) / drawn.width,
    (height - 2 * MARGIN - WATERMARK) / drawn.height,
  );
  if (scale >= least) {
    const x = drawn.x - (width / scale - drawn.width) / 2;
    const y = drawn.y - (height / scale - drawn.height - WATERMARK / scale) / 2;
    canvas.viewbox({ x, y, width: width / scale, height: height / scale });
    return;
  }
  // Too small to read as a whole: stand before the step that matters.
  const focus = viewer.get("elementRegistry").get(box.dataset.focus ?? ids(box.dataset.here)[0]);
  const x = focus ? focus.x - width / least / 3 : drawn.x - MARGIN / least;
  const whole = height / least >= drawn.height;
  const y = whole || !focus ? drawn.y - MARGIN / least : focus.y - height / least / 3;
  canvas.viewbox({ x, y, width: width / least, height: height / least });
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
