/** The state in the hash of the address: a link shows the same. */

import { takes } from "./desired.js";
import { nameOf } from "./network.js";

const NUMBERS = ["sample", "epoch", "step", "shown", "threshold"];

/** Write the state. @param {import("./state.js").Values} values @param {import("./network.js").Network} network @param {import("./state.js").Values} usual */
export function written(values, network, usual) {
  const parts = new URLSearchParams();
  // Nothing is worth writing where the page opens with something selected.
  if (values.selected || usual.selected) parts.set("select", values.selected ? nameOf(network, values.selected) : "");
  if (values.to !== null) parts.set("to", network.nodes[values.to].activated);
  for (const key of NUMBERS) if (values[key] !== usual[key]) parts.set(key, String(values[key]));
  for (const key of ["view", "sort", "labels", "theme"]) if (values[key] && values[key] !== usual[key]) parts.set(key, values[key]);
  if (values.onlySelected) parts.set("only", "1");
  if (String(values.collapsed) !== String(usual.collapsed)) parts.set("collapsed", values.collapsed.join(","));
  for (const [part, changes] of Object.entries(values.edits)) {
    for (const [name, value] of Object.entries(changes)) parts.append(part, `${value} ${name}`);
  }
  return parts.toString();
}

/** Read what another page, or a reader, has written; what makes no sense is left out. @param {string} hash @param {import("./network.js").Network} network */
export function read(hash, network) {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  const values = {};
  const selected = network.byName.get(parts.get("select") ?? "");
  if (selected || parts.get("select") === "") values.selected = selected ?? null;
  const to = network.outputs.find((node) => network.nodes[node].activated === parts.get("to"));
  if (to !== undefined) values.to = to;
  const most = { sample: network.document.samples.length - 1, epoch: network.document.epochs.length - 1, step: Infinity, shown: 200, threshold: Infinity };
  for (const key of NUMBERS) {
    const value = Number(parts.get(key));
    const whole = key === "threshold" || Number.isInteger(value);
    if (parts.has(key) && whole && value >= (key === "step" ? -1 : 0) && value <= Math.max(0, most[key])) values[key] = value;
  }
  const choices = { view: ["chain", "paths", "tree", "factors"], sort: ["article", "strongest"], labels: ["names", "numbers"], theme: ["light", "dark"] };
  for (const [key, allowed] of Object.entries(choices)) if (allowed.includes(parts.get(key))) values[key] = parts.get(key);
  if (parts.get("only") === "1") values.onlySelected = true;
  if (parts.has("collapsed")) values.collapsed = layers(parts.get("collapsed"), network.document.layers.length);
  const edits = changes(parts, network);
  if (edits && network.document.editable) values.edits = edits;
  return values;
}

function layers(text, many) {
  return text.split(",").filter(Boolean).map(Number).filter((layer) => Number.isInteger(layer) && layer >= 0 && layer < many);
}

function changes(parts, network) {
  const edits = { weights: {}, inputs: {}, targets: {} };
  const fits = {
    weights: ({ kind }) => kind === "connection",
    inputs: ({ kind, index }) => kind === "node" && network.nodes[index].kind === "input",
    targets: ({ kind, index }) => kind === "node" && network.nodes[index].kind === "output",
  };
  let any = false;
  for (const part of Object.keys(edits)) {
    for (const text of parts.getAll(part)) {
      const [value, ...name] = text.split(" ");
      const element = network.byName.get(name.join(" "));
      if (!element || !fits[part](element) || !Number.isFinite(Number(value)) || (part === "targets" && !takes(network.document, [Number(value)]))) continue;
      edits[part][name.join(" ")] = Number(value);
      any = true;
    }
  }
  return any ? edits : null;
}
