// Has the built opsflow draw flows as DOT and as Mermaid, and gives these to Graphviz and to Mermaid's own parser.
// Both must take them, and find in them the boxes, arrows and texts that the SVG shows.
//
//   npm ci && npm run check                 uses target/release/opsflow, else target/debug/opsflow
//   OPSFLOW=path/to/opsflow npm run check

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseHTML } from "linkedom";

import { generated, nasty } from "./flows.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = resolve(HERE, "../..");
const BUILT = ["release", "debug"].map((kind) => join(ROOT, "target", kind, "opsflow"));
const OPSFLOW = process.env.OPSFLOW ?? BUILT.find(existsSync);
const MAX_OUTPUT = 64 * 1024 * 1024;
const MAX_RUN_MS = 60_000;

// Mermaid cleans labels with the help of a page; this one is never shown.
const window = parseHTML("<html><body></body></html>");
Object.assign(globalThis, { window, document: window.document });
const { default: mermaid } = await import("mermaid");
mermaid.initialize({ maxEdges: 10_000, maxTextSize: MAX_OUTPUT });
await mermaid.parse("flowchart TD\n  a --> b"); // from here on it knows its kinds of pictures

function run(program, args, input) {
  const ran = spawnSync(program, args, { input, encoding: "utf8", maxBuffer: MAX_OUTPUT, timeout: MAX_RUN_MS });
  if (ran.error) throw new Error(`${program} does not start: ${ran.error.message}`);
  if (ran.status !== 0) throw new Error(`${program} ${args.join(" ")}: ${ran.stderr}`);
  return ran;
}

const draw = (path, options, format) => run(OPSFLOW, ["graph", path, ...options, "--format", format]).stdout;

const MARKS = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: "\u00a0" };
const number = (text) => (/^x/i.test(text) ? parseInt(text.slice(1), 16) : parseInt(text, 10));
const readBack = (text) =>
  text.replace(/&(?:#(x?[0-9a-f]+)|(\w+));/gi, (all, code, name) =>
    code ? String.fromCodePoint(number(code)) : MARKS[name] ?? all,
  );
// Lines end where they will; and what is shown to nobody does not count.
const shown = (text) => text.replace(/[\s\u200b]/g, "");
const count = (text, part) => text.split(part).length - 1;

// The boxes and arrows of each of the three, and the texts of the latter two, in any order.
function ofSvg(text) {
  return { nodes: count(text, '<g class="node '), edges: count(text, '<g class="edge ') };
}

function ofGraphviz(text) {
  const ran = run("dot", ["-Tsvg"], text);
  if (ran.stderr.trim() !== "") throw new Error(`dot: ${ran.stderr}`);
  // Groups lie within groups, so each reaches to where the next begins.
  const groups = ran.stdout.split(/(?=<g id="(?:node|edge)\d+" class=)/).map((body) => [/ class="(\w+)"/.exec(body)?.[1], body]);
  const texts = groups
    .filter(([kind]) => kind === "node" || kind === "edge")
    .map(([, body]) => [...body.matchAll(/<text [^>]*>(.*?)<\/text>/gs)].map(([, line]) => shown(readBack(line))).join(""));
  const of = (kind) => groups.filter(([own]) => own === kind).length;
  return { nodes: of("node"), edges: of("edge"), texts: texts.filter((text) => text !== "").sort() };
}

async function ofMermaid(text) {
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  // Between reading and drawing, Mermaid writes its marks by these letters.
  const label = ({ text = "" }) =>
    shown(readBack(text.replaceAll("<br/>", "").replaceAll("ﬂ°°", "&#").replaceAll("ﬂ°", "&").replaceAll("¶ß", ";")));
  const nodes = [...db.getVertices().values()];
  const edges = db.getEdges();
  const texts = [...nodes, ...edges].map(label).filter((text) => text !== "").sort();
  return { nodes: nodes.length, edges: edges.length, texts };
}

function same(what, one, other) {
  const differs = JSON.stringify(one) !== JSON.stringify(other);
  if (!differs) return;
  const list = (value) => (Array.isArray(value) ? value.filter((text) => !(one.includes(text) && other.includes(text))) : value);
  throw new Error(`${what} differ: ${JSON.stringify(list(one))} and ${JSON.stringify(list(other))}`);
}

async function check(path, options = [], states = undefined) {
  const svg = ofSvg(draw(path, options, "svg"));
  const graphviz = ofGraphviz(draw(path, options, "dot"));
  const read = await ofMermaid(draw(path, options, "mermaid"));
  for (const kind of ["nodes", "edges"]) {
    same(`${kind} of SVG and Graphviz`, svg[kind], graphviz[kind]);
    same(`${kind} of SVG and Mermaid`, svg[kind], read[kind]);
  }
  same("texts of Graphviz and Mermaid", graphviz.texts, read.texts);
  // The marker of the start is one more, and an interaction or timeout may be.
  if (states !== undefined && svg.nodes < states + 1) throw new Error(`${svg.nodes} boxes for ${states} states`);
}

if (!OPSFLOW) {
  console.error("no opsflow is built: cargo build");
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), "opsflow-pictures-"));
const shipped = readdirSync(join(ROOT, "workflows")).filter((name) => name.endsWith(".yml")).sort();
const cases = shipped.flatMap((name) => {
  const path = join(ROOT, "workflows", name);
  return [{ name, path }, { name: `${name} --coverage`, path, options: ["--coverage"] }];
});
for (const { name, text, states } of [...nasty(), ...generated()]) {
  const path = join(folder, `${name}.yml`);
  writeFileSync(path, text);
  cases.push({ name, path, states });
}
let bad = 0;
for (const { name, path, options, states } of cases) {
  try {
    await check(path, options, states);
  } catch (why) {
    bad += 1;
    console.error(`${name}: ${why.message}`);
  }
}
if (bad > 0) {
  console.error(`${bad} of ${cases.length} flows are drawn wrongly; they are in ${folder}`);
  process.exit(1);
}
rmSync(folder, { recursive: true });
console.log(`Graphviz and Mermaid take ${cases.length} pictures, and find in them what they show`);
