/** Networks of layers in which everything is connected with the next one, numbered as in the article, and as Python makes them. */

import { described } from "./description.js";
import { EditError } from "./error.js";
import { activationOf } from "./offered.js";
import { Graph } from "./graph.js";
import { lossFor } from "./losses.js";
import { normal } from "../random.js";
import { count as written, plural } from "../numbers.js";
import { worded } from "../words.js";

const MOST = 200000;

/**
 * A layered network as a document.
 * @param {any} document Whose functions are offered; its samples stay if inputs and outputs are the same.
 * @param {object} wanted
 * @param {number[]} [wanted.hidden] Sizes of the hidden layers.
 * @param {number|string[]} [wanted.inputs] How many, or their names; by default those of the document.
 * @param {number|string[]} [wanted.outputs]
 * @param {string|string[]} [wanted.activation] Of the hidden nodes, or one for each hidden layer.
 * @param {string} [wanted.outputActivation]
 * @param {string} [wanted.loss]
 * @param {number} [wanted.seed] Of the start weights.
 * @returns {import("./description.js").Edited}
 */
export function layered(document, { hidden = [], inputs, outputs, activation = "sigmoid", outputActivation = "linear", loss = document.loss.name, seed = 0 }) {
  const [starts, ends] = [namesOf(inputs, document, "input"), namesOf(outputs, document, "output")];
  const sizes = checkedSizes([starts.length, ...hidden, ends.length]);
  const graph = new Graph(normal(seed));
  const own = [...starts, ...ends].filter((name) => name !== null);
  if (new Set(own).size < own.length) throw new EditError(worded("Two of the inputs and outputs have one name: {names}. Names are unique in a network; rename one of them.", { names: own.join(", ") }));
  // Others make room for the names of inputs and outputs.
  own.forEach((name) => graph.names.add(name));
  const kinds = functionsOf(document, hidden.length, activation, outputActivation);
  connect(graph, sizes, { starts, ends, kinds });
  const nodes = [...graph.nodes];
  return described(graph, document, { loss: lossFor(document, nodes, loss), samples: fitting(document, nodes) });
}

function namesOf(given, document, kind) {
  if (given === undefined) return document.nodes.filter((node) => node.kind === kind).map(({ name }) => name);
  if (Array.isArray(given)) return given;
  return Array.from({ length: wholeSize(given) }, () => null);
}

function wholeSize(size) {
  if (Number.isInteger(size) && size >= 1 && size <= MOST) return size;
  throw new EditError(worded("A layer has a whole number of nodes, 1 or more; this is {size}.", { size: String(size) }));
}

function checkedSizes(sizes) {
  sizes.forEach(wholeSize);
  const count = sizes.slice(1).reduce((sum, size, layer) => sum + (sizes[layer] + 1) * size, 0);
  if (count > MOST) throw new EditError(worded("Layers of {sizes} nodes have {connections}, more than a page can show. Make them smaller, to {most} or less.", { sizes: sizes.join(", "), connections: plural(String(count), "connection"), most: written(String(MOST)) }));
  return sizes;
}

function functionsOf(document, layers, activation, output) {
  const names = Array.isArray(activation) ? activation : Array.from({ length: layers }, () => activation);
  if (names.length !== layers) throw new EditError(worded("There are {count} activations for {layers}. Give one for each, or a single one.", { count: names.length, layers: plural(String(layers), "hidden layer") }));
  return [...names, output].map((name) => activationOf(document, name));
}

function connect(graph, sizes, { starts, ends, kinds }) {
  const weightNames = namesOfWeights(graph.names, sizes.slice(1).reduce((sum, size, layer) => sum + (sizes[layer] + 1) * size, 0));
  const named = (kind, names, functions) => names.map((name) => {
    graph.names.delete(name);
    return graph.add(kind, name, functions);
  });
  let before = named("input", starts, {});
  let number = 0;
  sizes.slice(1).forEach((size, layer) => {
    const last = layer === sizes.length - 2;
    const sources = [...before, graph.add("bias", null)];
    before = last ? named("output", ends, kinds[layer]) : named("hidden", Array.from({ length: size }, () => null), kinds[layer]);
    for (const source of sources) for (const target of before) graph.connect(source, target, { name: weightNames[number++] });
  });
}

/** W1, W2, ... by number; those whose names a node has come behind the last one, as in Python. */
function namesOfWeights(taken, count) {
  let last = count;
  return Array.from({ length: count }, (_, number) => {
    if (!taken.has(`W${number + 1}`)) return `W${number + 1}`;
    while (taken.has(`W${++last}`));
    return `W${last}`;
  });
}

/** The samples, as far as they fit. */
function fitting({ nodes, samples }, made) {
  const same = ["input", "output"].every((wanted) => {
    const [before, now] = [nodes, made].map((all) => all.filter(({ kind }) => kind === wanted).map(({ name }) => name));
    return before.length === now.length && before.every((name, place) => name === now[place]);
  });
  return same ? samples : [];
}
