/** A hidden layer more, or one less. */

import { described } from "./description.js";
import { EditError } from "./error.js";
import { Editing, fed } from "./find.js";
import { activationOf, functionsLike } from "./offered.js";
import { worded } from "../words.js";

/**
 * With a hidden layer more, between two layers: what led from one to the other leads through it.
 * @param {any} document @param {ArrayLike<number>} weights
 * @param {{before?: number, size?: number, activation?: string}} [wanted] Before which layer, by default the output layer; size and activation are those of the last hidden layer.
 * @returns {import("./description.js").Edited}
 */
export function withHiddenLayer(document, weights, { before = document.layers.length - 1, size, activation } = {}) {
  const editing = new Editing(document, weights);
  const { graph } = editing;
  if (!(before >= 1 && before < document.layers.length)) throw new EditError(worded("A hidden layer stands between input and output layer: before layer 1 to {most}, not before {before}.", { most: document.layers.length - 1, before: String(before) }));
  const [left, right] = [editing.layer(before - 1), editing.layer(before)];
  const biases = editing.biasesOf(right).filter((bias) => document.nodes[editing.nodes.indexOf(bias)].layer === before - 1);
  const functions = functionsOf(editing, activation);
  for (const source of [...left, ...biases]) for (const target of right) if (graph.links.get(source).has(target)) graph.disconnect(graph.links.get(source).get(target));
  const made = Array.from({ length: size ?? sizeLike(editing) }, () => graph.add("hidden", null, functions));
  if (!made.length) throw new EditError(worded("A layer has 1 node or more, not {size}.", { size: String(size) }));
  connectAll(graph, [...left, ...biases], made);
  connectAll(graph, biases.length ? [...made, graph.add("bias", null)] : made, right);
  return described(graph, document);
}

/** The last hidden layer; a network without one has none. */
function lastHidden(editing) {
  const last = editing.document.layers.length - 2;
  return last >= 1 ? editing.layer(last) : [];
}

function sizeLike(editing) {
  return lastHidden(editing).length || 2;
}

function functionsOf(editing, activation) {
  const [first] = lastHidden(editing);
  if (activation === undefined && first) return functionsLike(first);
  return activationOf(editing.document, activation ?? "sigmoid");
}

/** Without a hidden layer: the layers beside it are connected with one another. @param {any} document @param {ArrayLike<number>} weights @param {number} layer @returns {import("./description.js").Edited} */
export function withoutHiddenLayer(document, weights, layer) {
  const editing = new Editing(document, weights);
  const { graph } = editing;
  const gone = editing.layer(editing.hidden(layer));
  const idle = editing.biasesOf(gone);
  fed(editing, document.layers[layer].name, () => {
    for (const node of gone) graph.remove(node);
    for (const bias of idle) if (!graph.links.get(bias).size) graph.remove(bias);
    connectAll(graph, editing.layer(layer - 1), editing.layer(layer + 1));
  });
  return described(graph, document);
}

/** Connect all with all, source by source, where that closes no circle. */
function connectAll(graph, sources, targets) {
  for (const source of sources) {
    for (const target of targets) if (!graph.links.get(source).has(target) && !graph.leads(target, source)) graph.connect(source, target);
  }
}
