/** Small documents for the tests, made without Python. */

import { readFileSync } from "node:fs";
import { calculate } from "../src/engine.js";
import { readNetwork } from "../src/network.js";

/** The functions that Python offers, with their programs: test_explorer.py keeps them as they are. */
export const { offered: OFFERED, programs: PROGRAMS } = JSON.parse(readFileSync(new URL("./functions.json", import.meta.url), "utf8"));

/** Which program an offered function has. @param {"activations"|"losses"} kind @param {string} name */
export function programOf(kind, name) {
  return OFFERED[kind].find((each) => each.name === name).program;
}

/** A generator of numbers in [0, 1) that always gives the same. @param {number} seed */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Make the document of a network from its layers, like [["I1"], ["H1"], ["O1"]], and connections, like [["I1", "H1"]].
 * @param {string[][]} layers Names; those that begin with B are bias nodes.
 * @param {[string, string][]} connections
 * @param {{activation?: string, output?: string, loss?: string, ofSums?: boolean}} [functions]
 */
export function documentOf(layers, connections, { activation = "sigmoid", output = "linear", loss = "mse", ofSums = false } = {}) {
  const kindOf = (name, layer) => name.startsWith("B") ? "bias" : layer === 0 ? "input" : layer === layers.length - 1 ? "output" : "hidden";
  const nodes = layers.flatMap((names, layer) => names.map((name, row) => {
    const kind = kindOf(name, layer);
    const calculated = kind === "hidden" || kind === "output";
    return {
      name, quantity: name, activated: calculated ? name.replace(/(\d+)$/, "A$1") : name, kind, layer, x: 60 + 190 * layer, y: 66 + 84 * row,
      activation: calculated ? (kind === "output" ? output : activation) : null, aggregation: null, program: calculated ? programOf("activations", kind === "output" ? output : activation) : null, formula: null, derivative: null, constant: kind === "bias" ? 1 : null, target: kind === "output" ? name.replace("O", "y") : null, seed: null,
    };
  }));
  const place = new Map(nodes.map(({ name }, index) => [name, index]));
  const made = connections.map(([source, target], index) => ({ name: `W${index + 1}`, quantity: `W${index + 1}`, source: place.get(source), target: place.get(target), trainable: true, tie: null }));
  const counts = nodes.map(({ kind }) => BigInt(kind === "output"));
  for (let node = nodes.length - 1; node >= 0; node--) {
    for (const { source, target } of made) if (source === node) counts[node] += counts[target];
  }
  return {
    format: "nodesim explorer", version: 5, nodesim: "test", title: "test", loss: { name: loss, of_sums: ofSums, formula: null, program: programOf("losses", loss) }, programs: PROGRAMS, offered: OFFERED,
    layers: layers.map((names, layer) => ({ kind: "hidden", name: `layer ${layer}` })), nodes, connections: made,
    order: nodes.map((node, index) => index),
    counts: { nodes: counts.map(String), connections: made.map(({ target }) => String(counts[target])) },
    samples: [], epochs: [{ epoch: 0, error: null, weights: "" }], runs: [], history: null, editable: true, missing: [],
    size: { width: 500, height: 300 },
  };
}

/** A layered network in which everything is connected with the next layer, and a run of it. */
export function layered(sizes, { seed = 1, bias = true, skips = false, ...functions } = {}) {
  const letters = sizes.map((size, layer) => (layer === 0 ? "I" : layer === sizes.length - 1 ? "O" : "H"));
  const numbers = { I: 0, H: 0, O: 0 };
  const layers = sizes.map((size, layer) => [
    ...Array.from({ length: size }, () => `${letters[layer]}${++numbers[letters[layer]]}`),
    ...(bias && layer < sizes.length - 1 ? [`B${layer + 1}`] : []),
  ]);
  const connections = [];
  layers.forEach((sources, layer) => layers.slice(layer + 1, skips ? undefined : layer + 2).forEach((targets) => {
    for (const source of sources) for (const target of targets) if (!target.startsWith("B")) connections.push([source, target]);
  }));
  return withRun(documentOf(layers, connections, functions), seed);
}

/** A network with a run on random numbers. */
export function withRun(document, seed) {
  const next = random(seed);
  const network = readNetwork(document);
  const weights = Float64Array.from(network.connections, () => 4 * next() - 2);
  const x = network.nodes.filter(({ kind }) => kind === "input").map(() => 2 * next() - 1);
  const y = network.outputs.map(() => next());
  return { network, weights, x, y, run: calculate(network, weights, x, y) };
}

/** Every path from a node to an output, by brute force. */
export function everyPath({ connections, outgoing, place }, node) {
  const found = place[node] >= 0 ? [[]] : [];
  for (const c of outgoing[node]) for (const rest of everyPath({ connections, outgoing, place }, connections[c].target)) found.push([c, ...rest]);
  return found;
}

/** Whether two numbers agree to 1e-12 of a scale. */
export function close(a, b, scale) {
  return Math.abs(a - b) <= 1e-12 * scale;
}
