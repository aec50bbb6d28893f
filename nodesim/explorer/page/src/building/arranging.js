/** What follows from the structure of a network alone: depths, order, layers, and how many paths there are. */

import { marked, worded } from "../words.js";

/**
 * @typedef {object} Ends The connections by the places of their nodes, in connection order.
 * @property {{kind: string}[]} nodes
 * @property {number[]} sources
 * @property {number[]} targets
 */

const WORDS = { input: marked("Input layer"), hidden: marked("Hidden layer {number}"), output: marked("Output layer") };
const SHORT = { input: marked("Input"), hidden: marked("Hidden {number}"), output: marked("Output") };
// As in Python, counts are shortened where all of them have more digits together, those that have more than these.
const MOST_DIGITS = 2e6;
const SHORTENED = 100;

/** The length of the longest path to each node, at least 1 where it calculates. @param {Ends} ends */
export function depthsOf({ nodes, sources, targets }) {
  const depth = nodes.map(({ kind }) => Number(kind === "hidden" || kind === "output"));
  const outgoing = nodes.map(() => []);
  const waiting = nodes.map(() => 0);
  sources.forEach((source, c) => {
    outgoing[source].push(targets[c]);
    waiting[targets[c]]++;
  });
  const ready = nodes.map((_, place) => place).filter((place) => !waiting[place]);
  while (ready.length) {
    const node = ready.pop();
    for (const target of outgoing[node]) {
      depth[target] = Math.max(depth[target], depth[node] + 1);
      if (!--waiting[target]) ready.push(target);
    }
  }
  return depth;
}

/** The nodes, each after those that feed it: by depth, then by place. @param {number[]} depth */
export function orderOf(depth) {
  return depth.map((_, place) => place).sort((a, b) => depth[a] - depth[b] || a - b);
}

/**
 * The layers, and in which each node stands; a bias node stands before the first layer that it feeds.
 * @param {Ends} ends
 * @param {number[]} depth
 */
export function layersOf({ nodes, sources, targets }, depth) {
  const hidden = [...new Set(depth.filter((_, place) => nodes[place].kind === "hidden"))].sort((a, b) => a - b);
  const last = hidden.length + 1;
  const layerOf = nodes.map(({ kind }, place) => (kind === "hidden" ? hidden.indexOf(depth[place]) + 1 : kind === "output" ? last : 0));
  const first = nodes.map(() => Infinity);
  sources.forEach((source, c) => (first[source] = Math.min(first[source], layerOf[targets[c]])));
  nodes.forEach(({ kind }, place) => kind === "bias" && (layerOf[place] = Number.isFinite(first[place]) ? first[place] - 1 : 0));
  const kinds = ["input", ...hidden.map(() => "hidden"), "output"];
  return { layers: kinds.map((kind, layer) => ({ kind, name: worded(WORDS[kind], { number: layer }) })), layerOf };
}

/** The title of a layer without the word layer. @param {string} name */
export function shortTitle(name) {
  const number = /\d+/.exec(name)?.[0] ?? "";
  const kind = Object.keys(WORDS).find((each) => worded(WORDS[each], { number }) === name);
  return kind ? worded(SHORT[kind], { number }) : name;
}

/** How many paths lead from e to each weight, and to the sum of each node, as text. @param {Ends} ends @param {number[]} order */
export function countsOf({ nodes, sources, targets }, order) {
  const counts = nodes.map(({ kind }) => BigInt(kind === "output"));
  const outgoing = nodes.map(() => []);
  sources.forEach((source, c) => outgoing[source].push(targets[c]));
  for (const node of [...order].reverse()) for (const target of outgoing[node]) counts[node] += counts[target];
  return { connections: digits(targets.map((target) => counts[target])), nodes: digits(counts) };
}

function digits(counts) {
  const texts = counts.map(String);
  const long = texts.reduce((sum, { length }) => sum + length, 0) > MOST_DIGITS;
  return texts.map((text) => (long && text.length > SHORTENED ? shortened(text) : text));
}

/** A long number by its first digits: ≈2.818e+4515. */
function shortened(text) {
  const first = (Number(text.slice(0, 17)) / 1e16).toFixed(3);
  return first === "10.000" ? `≈1.000e+${text.length}` : `≈${first}e+${text.length - 1}`;
}
