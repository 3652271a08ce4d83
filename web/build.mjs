// Builds the browser's part of the pages into web/static/built/ (not committed):
//   node web/build.mjs
// The other generated part, the English words, is compiled with
//   pybabel compile --directory web/translations --domain messages
// Prints nothing but errors; ends with a status other than 0 when something failed.
import { build } from "esbuild";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "..", "node_modules");
const built = join(here, "static", "built");
const sans = "@fontsource-variable/ibm-plex-sans/files/ibm-plex-sans";
const mono = "@fontsource/ibm-plex-mono/files/ibm-plex-mono";
const fonts = [
  `${sans}-latin-wght-normal.woff2`,
  `${sans}-latin-ext-wght-normal.woff2`,
  `${mono}-latin-400-normal.woff2`,
  `${mono}-latin-600-normal.woff2`,
];

// Parts of Bootstrap that the look does not use: half of the style sheet.
const unused =
  /\.(accordion|alert|badge|breadcrumb|btn-(close|group|toolbar|outline|success|danger|warning|info|dark|light|secondary)|card|carousel|dropdown|dropup|dropstart|dropend|dropdown-center|dropup-center|figure|img-thumbnail|list-group|modal|nav|navbar|offcanvas|page-(item|link)|pagination|placeholder|popover|progress|spinner|tab-content|toast|tooltip|bs-(tooltip|popover))\b/;

/** The rules of a style sheet, top level only, as [selector or at-rule, whole text]. */
function* rules(css) {
  let start = 0;
  let depth = 0;
  let head = -1;
  for (let at = 0; at < css.length; at += 1) {
    if (css.startsWith("/*", at)) at = css.indexOf("*/", at) + 1;
    else if (css[at] === "{" && depth++ === 0) head = at;
    else if (css[at] === "}" && --depth === 0) {
      yield [css.slice(start, head), css.slice(start, at + 1)];
      start = at + 1;
    }
  }
}

function withoutUnused(css) {
  let kept = "";
  for (const [selector, text] of rules(css)) {
    if (selector.trim().startsWith("@media") || selector.trim().startsWith("@supports")) {
      const inner = withoutUnused(text.slice(selector.length + 1, -1));
      if (inner) kept += `${selector}{${inner}}`;
    } else if (!/^@keyframes (progress|spinner|placeholder)/.test(selector.trim())) {
      const selectors = selector.split(/,(?![^(]*\))/).filter((part) => !unused.test(part));
      if (selectors.length) kept += selectors.join(",") + text.slice(selector.length);
    }
  }
  return kept;
}

async function bootstrap() {
  const css = await readFile(join(modules, "bootstrap/dist/css/bootstrap.min.css"), "utf8");
  const licence = css.match(/\/\*![\s\S]*?\*\//)?.[0] ?? "";
  const body = css.replace(/\/\*![\s\S]*?\*\//, "").replace(/\/\*#[\s\S]*?\*\//, "");
  await writeFile(join(built, "bootstrap.css"), `${licence}\n${withoutUnused(body)}`);
}

await rm(built, { recursive: true, force: true });
await mkdir(join(built, "fonts"), { recursive: true });
await Promise.all([
  build({
    entryPoints: ["theme.js", "page.js", "drafts.js", "diagram.js", "uploads.js", "keys.js", "review.js", "presence.js", "mentions.js", "room.js", "bulk.js"].map((name) => join(here, "islands", name)),
    bundle: true,
    minify: true,
    legalComments: "eof",
    format: "iife",
    target: ["es2022"],
    outdir: built,
    logLevel: "error",
  }),
  build({
    stdin: {
      contents: '@import "bpmn-js/dist/assets/diagram-js.css";@import "bpmn-js/dist/assets/bpmn-js.css";',
      loader: "css",
      resolveDir: join(here, ".."),
    },
    bundle: true,
    minify: true,
    outfile: join(built, "diagram.css"),
    logLevel: "error",
  }),
  bootstrap(),
  cp(join(modules, "htmx.org/dist/htmx.min.js"), join(built, "htmx.js")),
  ...fonts.map((font) => cp(join(modules, font), join(built, "fonts", font.split("/").pop()))),
]);
