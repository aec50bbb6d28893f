/** The document of an edited network: all that follows from its structure, with the functions that its nodes have. */

import { countsOf, depthsOf, layersOf, orderOf } from "./arranging.js";
import { remember } from "./numbering.js";
import { placed } from "./places.js";
import { quantitiesOf, quantityName } from "./naming.js";
import { shown } from "../names.js";
import { packed } from "../moments.js";
import { isLike, marked, worded } from "../words.js";

const LONGEST = 12;
const NO_SAMPLES = marked("There is no sample, so there are no values: run the network, or pass X and y to explore.");
const NO_TARGETS = marked("There are no targets, so there is no error and no gradient: pass y to explore.");

/**
 * What an edit gives.
 * @typedef {{document: any, weights: Float64Array}} Edited
 */

/**
 * @param {import("./graph.js").Graph} graph
 * @param {any} document What it was before: its samples stay, and what it offers.
 * @param {any} [changes] What is another one besides: loss, samples.
 * @returns {Edited}
 */
export function described(graph, document, changes = {}) {
  const nodes = [...graph.nodes];
  const place = new Map(nodes.map((node, index) => [node, index]));
  const connections = graph.connections.map(({ source, target, ...rest }) => ({ ...rest, source: place.get(source), target: place.get(target) }));
  const ends = { nodes, sources: connections.map(({ source }) => source), targets: connections.map(({ target }) => target) };
  const weights = Float64Array.from(connections, ({ weight }) => weight);
  const made = { ...document, ...changes, ...structureOf(ends), connections: connections.map(connectionOf) };
  remember(made, connections.map(({ number }) => number));
  const fresh = { epochs: [{ epoch: 0, error: null, weights: packed(weights) }], runs: [], history: null };
  return { document: { ...made, ...fresh, missing: missing(made) }, weights };
}

function structureOf(ends) {
  const depth = depthsOf(ends);
  const order = orderOf(depth);
  const { layers, layerOf } = layersOf(ends, depth);
  const columns = columnsOf(ends.nodes, layers, layerOf);
  const { places, width, height } = placed(columns, ends.sources.map((source, c) => [source, ends.targets[c]]));
  const nodes = ends.nodes.map((node, index) => ({ ...node, ...quantitiesOf(node.kind, node.name), layer: layerOf[index], ...places.get(index) }));
  return { title: titleOf(nodes, layers), layers, nodes, order, counts: countsOf(ends, order), size: { width, height } };
}

function columnsOf(nodes, layers, layerOf) {
  const columns = layers.map(() => []);
  for (const biases of [false, true]) nodes.forEach(({ kind }, index) => (kind === "bias") === biases && columns[layerOf[index]].push(index));
  return columns;
}

function connectionOf({ name, source, target, trainable, tie }) {
  return { name, quantity: quantityName("W", "connection", name), source, target, trainable, tie };
}

function titleOf(nodes, layers) {
  const sizes = layers.map((_, layer) => String(nodes.filter((node) => node.layer === layer && node.kind !== "bias").length));
  return worded("network {sizes}", { sizes: (sizes.length <= LONGEST ? sizes : [...sizes.slice(0, 6), "…", ...sizes.slice(-5)]).join("-") });
}

/** Sentences about what is not there: that some samples were left out stays true. */
function missing(document) {
  const { samples, order, nodes, counts, programs } = document;
  const kept = document.missing.filter((sentence) => samples.length && isLike(worded("{count} of {all} samples are shown."), sentence));
  const flat = order.find((node) => nodes[node].program !== null && programs[nodes[node].program].derivative === null && counts.nodes[node] !== "0");
  return [
    ...(samples.length ? (samples[0].y === null ? [worded(NO_TARGETS)] : []) : [worded(NO_SAMPLES)]), ...kept,
    ...(flat === undefined ? [] : [worded("No gradients: {node} has the activation {activation}, which has no derivative.", { node: shown(nodes[flat].name), activation: nodes[flat].activation })]),
  ];
}
