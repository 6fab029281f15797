// Flows that are hard to write down in another language, and flows at random.

const quoted = JSON.stringify; // JSON's strings are YAML's

const flow = (name, states, { description = "", interactions = {} } = {}) => {
  const list = (entries) => Object.entries(entries).map(([key, value]) => `  ${quoted(key)}: ${JSON.stringify(value)}`);
  const lines = [`flow: ${name}`, `description: ${quoted(description)}`, "attributes: { a: { type: integer, default: 0 } }"];
  lines.push(`starts_with: ${quoted(Object.keys(states)[0])}`, "states:", ...list(states));
  if (Object.keys(interactions).length > 0) lines.push("interactions:", ...list(interactions));
  return { name, text: lines.join("\n") + "\n", states: Object.keys(states).length };
};

// Texts in which a language may see marks of its own.
const TEXTS = [
  'say "hello"', "it's", "a [b] {c} (d) <e>", "end", "subgraph", "a; b;", "100 %% sure", "%%{init: {}}%%", "<b>bold</b> &amp; <br/>",
  "back\\slash \\n \\l \\\"", "two\nlines\r\n\tand a tab", "| pipe | ||", "--> -.-> ==> --x", "`code` **bold** _it_ ~~no~~ $x$",
  "1. first", "- item", "+ item", "# heading", "#quot; #35; &#35;", "周六，去买食物", "Größe Ñandú", "🎉 party 🎉", "العمل", "e\u0301 \u200d \u00a0",
  "a:::b", "@{ shape: rect }", "A & B", "style n0 fill:#f00", "click n0 call()", "{{mustache}}", "((round))", "x".repeat(200), "{", "}", "|", "\"", "\\",
];

const PER_FLOW = 8;

// Names that are words of one language or the other.
const WORDS = [
  "end", "subgraph", "graph", "digraph", "node", "edge", "strict", "class", "classdef", "style", "click", "default", "flowchart",
  "linkstyle", "direction", "href", "call", "o", "x", "v", "n0", "start", "init", "td", "_self", "accdescr", "interpolate",
];

/** Every text as a label of a state and as one of an arrow; every word as a name; marks in conditions and prose. */
export function nasty() {
  const flows = [];
  for (let first = 0; first < TEXTS.length; first += PER_FLOW) {
    const states = {};
    TEXTS.slice(first, first + PER_FLOW).forEach((label, nth) => {
      const [asks, acts, ends] = [`ask_${nth}`, `act_${nth}`, `end_${nth}`];
      states[asks] = { label, decision: [{ if: "a == 1", label, go_to: ends }, { label, go_to: acts }] };
      states[acts] = { label, description: label, action: "a += 1", on_error: [{ label, go_to: ends }], go_to: `ask_${nth + 1}` };
      states[ends] = { label, result: "a" };
    });
    states[`ask_${Object.keys(states).length / 3}`] = { failure: '"none left"' };
    flows.push(flow(`texts_${first}`, states, { description: TEXTS[first] }));
  }
  const words = Object.fromEntries(WORDS.map((word, nth) => [word, { action: "a += 1", go_to: WORDS[nth + 1] ?? "is_last?" }]));
  words["is_last?"] = { decision: '"%%{x}%%;|[{(<\\\\\\"`#&" == `${a}`', if_true: "done!", if_false: "end" };
  words["done!"] = { result: "a" };
  const interactions = Object.fromEntries(WORDS.map((word) => [`${word}!`, { go_to: "done!", description: "say \"it\"" }]));
  flows.push(flow("words", words, { interactions }));
  flows.push(flow("one", { only: { result: "a" } }));
  flows.push(flow("same_two", {
    from: { decision: [{ if: "a == 1", go_to: "to" }, { if: "a == 2", go_to: "to" }, { if: "a == 3", go_to: "from" }, { go_to: "to" }] },
    to: { result: "a" },
  }));
  return flows;
}

/** Flows of 5 to 100 states, the same every time. */
export function generated() {
  return [5, 20, 50, 100].map((count) => random(count));
}

function random(count) {
  let seed = count;
  const dice = (below) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >> 8) % below;
  };
  const name = (nth) => (nth >= count - 1 ? "done" : `state_${nth}`);
  const states = {};
  for (let nth = 0; nth < count - 1; nth += 1) {
    const somewhere = () => name(Math.min(count - 1, Math.max(0, nth + dice(12) - 4)));
    states[name(nth)] = [
      { action: "a += 1", go_to: name(nth + 1) },
      { action: "a += 1", on_error: [{ if: 'error.kind == "http"', go_to: somewhere() }, { go_to: somewhere() }], go_to: name(nth + 1) },
      { decision: "a > 1 && a < 100", if_true: name(nth + 1), if_false: somewhere() },
      { decision: [{ if: "a == 1", go_to: somewhere() }, { if: "a == 2", label: "two", go_to: somewhere() }, { go_to: name(nth + 1) }] },
      { wait_until: [{ if: "a > 3", go_to: name(nth + 1) }, { after: "3d", go_to: somewhere() }] },
    ][dice(5)];
  }
  states.done = { result: "a" };
  return flow(`random_${count}`, states, { interactions: { "cancel!": { go_to: "done" } } });
}
