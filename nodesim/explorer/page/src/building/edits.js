/** The network changed by hand: each edit gives another document with its weights, and leaves the one that it is given alone. */

import { described } from "./description.js";
import { EditError } from "./error.js";
import { Editing, fed } from "./find.js";
import { activationOf, functionsLike, outputsOf } from "./offered.js";
import { plainName, shown } from "../names.js";
import { marked, worded } from "../words.js";

/** @typedef {import("./description.js").Edited} Edited */

/**
 * A hidden node more in a layer, joined like its neighbours: to all nodes of the layers before and after it, and to the bias nodes of its own layer.
 * @param {any} document @param {ArrayLike<number>} weights
 * @param {number} layer
 * @returns {Edited}
 */
export function withNode(document, weights, layer) {
  const editing = new Editing(document, weights);
  const { graph } = editing;
  const neighbours = editing.layer(editing.hidden(layer));
  const node = graph.add("hidden", null, functionsLike(neighbours[neighbours.length - 1]));
  for (const source of [...above(editing, layer), ...editing.biasesOf(neighbours)]) graph.connect(source, node);
  for (const target of editing.layer(layer + 1)) if (!graph.leads(target, node)) graph.connect(node, target);
  return described(graph, document);
}

/** The nodes of the layer before, and where these do not lie as deep as they should, those just above as well: outputs that feed hidden nodes. */
function above(editing, layer) {
  const sources = editing.layer(layer - 1);
  const [first] = editing.layer(layer);
  const feeding = editing.nodes.filter((node) => node.kind === "output" && editing.graph.links.get(node).has(first));
  return [...sources, ...feeding];
}

/** Without a hidden node or a bias node, and its connections. @param {any} document @param {ArrayLike<number>} weights @param {number|string} node Its place or its name. @returns {Edited} */
export function withoutNode(document, weights, node) {
  const editing = new Editing(document, weights);
  const found = editing.node(node);
  if (found.kind === "input" || found.kind === "output") {
    throw new EditError(worded(found.kind === "input" ? marked("{node} is an input: the samples have a number for it. Hidden nodes, bias nodes and connections can be removed; for other inputs and outputs choose other data.") : marked("{node} is an output: the samples have a number for it. Hidden nodes, bias nodes and connections can be removed; for other inputs and outputs choose other data."), { node: shown(found.name) }));
  }
  fed(editing, found.name, () => editing.graph.remove(found));
  return described(editing.graph, document);
}

/** With a connection more. @param {any} document @param {ArrayLike<number>} weights @param {number|string} source @param {number|string} target @returns {Edited} */
export function withConnection(document, weights, source, target) {
  const editing = new Editing(document, weights);
  const [start, end] = [editing.node(source), editing.node(target)];
  const trouble = refusal(editing.graph, start, end);
  if (trouble) throw new EditError(trouble);
  editing.graph.connect(start, end);
  return described(editing.graph, document);
}

/** The places of the nodes that a node can be connected to. @param {any} document @param {number} source Its place. */
export function targetsOf({ nodes, connections }, source) {
  const incoming = nodes.map(() => []);
  for (const { source: start, target } of connections) incoming[target].push(start);
  const leading = new Set([source]);
  for (const node of leading) for (const before of incoming[node]) leading.add(before);
  const open = ({ kind }) => kind === "hidden" || kind === "output";
  return nodes.flatMap((node, place) => (open(node) && !leading.has(place) && !incoming[place].includes(source) ? [place] : []));
}

/** Why two nodes cannot be connected; nothing where they can. */
function refusal(graph, start, end) {
  const both = `${shown(start.name)} → ${shown(end.name)}`;
  if (end.kind === "input" || end.kind === "bias") return worded(end.kind === "input" ? marked("{connection}: nothing leads into an input, whose number is given. Connect to a hidden node or an output.") : marked("{connection}: nothing leads into a bias node, whose number is given. Connect to a hidden node or an output."), { connection: both });
  if (start === end) return worded("{connection} would be a circle: a node cannot feed itself. Connect to another node.", { connection: both });
  const there = graph.links.get(start).get(end);
  if (there) return worded("{connection} is there already: it is {name}. Change its weight, or remove it first.", { connection: both, name: shown(there.name) });
  if (graph.leads(end, start)) return worded("{connection} would close a circle, since {target} leads to {source}. Connect to a node that does not.", { connection: both, target: shown(end.name), source: shown(start.name) });
  return null;
}

/** Without a connection. @param {any} document @param {ArrayLike<number>} weights @param {number|string} connection Its place or its name. @returns {Edited} */
export function withoutConnection(document, weights, connection) {
  const editing = new Editing(document, weights);
  const found = editing.connection(connection);
  fed(editing, found.name, () => editing.graph.disconnect(found));
  return described(editing.graph, document);
}

/** With another activation of one node, or of several. @param {any} document @param {ArrayLike<number>} weights @param {number|string|(number|string)[]} nodes @param {string} name @returns {Edited} */
export function withActivation(document, weights, nodes, name) {
  const editing = new Editing(document, weights);
  const functions = activationOf(document, name);
  for (const wanted of [nodes].flat()) {
    const node = editing.node(wanted);
    if (node.activation === null) throw new EditError(worded(node.kind === "input" ? marked("{node} is an input, which has no activation. Choose a hidden node or an output.") : marked("{node} is a bias node, which has no activation. Choose a hidden node or an output."), { node: shown(node.name) }));
    const needed = node.kind === "output" ? outputsOf(document, document.loss.name) : null;
    if (needed && needed !== plainName(name)) throw new EditError(worded("The loss {loss} needs {needed} outputs, so {node} cannot be {activation}. Choose another loss first.", { loss: shown(document.loss.name), needed, node: shown(node.name), activation: shown(name) }));
    Object.assign(node, functions);
  }
  return described(editing.graph, document);
}
