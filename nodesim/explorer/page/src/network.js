/** The network of a document: what is looked up often, made once. */

import { short } from "./names.js";
import { worded } from "./words.js";

/**
 * @typedef {object} Network
 * @property {any} document The document as it came.
 * @property {any[]} nodes
 * @property {{name: string, quantity: string, source: number, target: number, trainable: boolean, tie: string|null}[]} connections
 * @property {number[][]} outgoing Connections of each node, in connection order.
 * @property {number[][]} incoming
 * @property {number[]} order Nodes, each after those that feed it.
 * @property {number[]} inputs
 * @property {number[]} outputs
 * @property {Int32Array} place Which output a node is; -1 for others.
 * @property {Uint8Array} alive Whether a path leads from e to the node.
 * @property {boolean} ofSums Whether the error enters at O.
 * @property {Map<string, {kind: "node"|"connection", index: number}>} byName
 * @property {number[][]} columns The nodes of each layer, from top to bottom.
 */

const FORMAT = "nodesim explorer";
const VERSION = 5;

/** A document that cannot be shown; its message is meant for the reader. */
export class DocumentError extends Error {}

/**
 * Check where a document comes from, so that one of another version is not shown wrongly.
 * @param {any} document
 */
export function checked(document) {
  if (!document || typeof document !== "object" || document.format !== FORMAT) {
    throw new DocumentError(worded("This page shows documents of the format “{format}”, and what it was given is none.", { format: FORMAT }));
  }
  if (document.version === VERSION) return document;
  const made = document.nodesim ? [worded("It was made by nodesim {version}.", { version: document.nodesim })] : [];
  const older = typeof document.version === "number" && document.version < VERSION;
  const what = older
    ? worded("The document is older than this page. Save it again with the nodesim that made this page.")
    : worded("The document is newer than this page. Open it with the page of the nodesim that made it, or a newer one.");
  const versions = worded("This page reads version {version} of the format; the document has version {other}.", { version: VERSION, other: document.version });
  throw new DocumentError([versions, ...made, what].join(" "));
}

/**
 * Make the look-ups of a document.
 * @param {any} document
 * @returns {Network}
 */
export function readNetwork(document) {
  const { nodes, connections, order } = checked(document);
  const outgoing = nodes.map(() => []);
  const incoming = nodes.map(() => []);
  connections.forEach((connection, index) => {
    outgoing[connection.source].push(index);
    incoming[connection.target].push(index);
  });
  const [inputs, outputs] = ["input", "output"].map((wanted) => indices(nodes, ({ kind }) => kind === wanted));
  const place = new Int32Array(nodes.length).fill(-1);
  outputs.forEach((node, index) => (place[node] = index));
  const alive = Uint8Array.from(document.counts.nodes, (text) => Number(text !== "0"));
  const network = { document, nodes, connections, outgoing, incoming, order, inputs, outputs, place, alive };
  return { ...network, ofSums: document.loss.of_sums, byName: namesOf(network), columns: columnsOf(document) };
}

/** Return the indices of what fulfils a condition. @template T @param {T[]} items @param {(item: T) => boolean} wanted */
export function indices(items, wanted) {
  const found = [];
  items.forEach((item, index) => wanted(item) && found.push(index));
  return found;
}

/** All connections that share the weight of one: itself, where it is not tied. @param {Network} network @param {number} connection */
export function usesOf({ connections }, connection) {
  const { tie } = connections[connection];
  return tie === null ? [connection] : indices(connections, (each) => each.tie === tie);
}

/** Return the name of a selected element. @param {Network} network @param {{kind: string, index: number}} element */
export function nameOf(network, { kind, index }) {
  return (kind === "node" ? network.nodes : network.connections)[index].name;
}

/** Return what a selected element is in formulas: a weight, or a weighted sum. @param {Network} network @param {{kind: string, index: number}} element */
export function quantityOf(network, { kind, index }) {
  return (kind === "node" ? network.nodes : network.connections)[index].quantity;
}

/** Return the names in a node's circle: of both its halves, as in the article, or its own alone. @param {any} node */
export function namesIn({ name, quantity, activated, activation }) {
  return activation !== null && name === quantity ? [name, activated] : [name];
}

/** What stands at a node that is no sum: × of products, else the name of its aggregation; nothing at others. @param {any} node */
export function signOf({ aggregation }) {
  if (aggregation === null) return "";
  return aggregation.form === "product" ? "×" : short(aggregation.name);
}

/** Whether a node calculates: inputs and bias nodes do not. @param {any} node */
export function calculates(node) {
  return node.kind === "hidden" || node.kind === "output";
}

/** Why Python alone can calculate a network, in words; "" where the page can, too. @param {any} document */
export function whyPython({ editable, nodes, loss }) {
  if (editable) return "";
  const unknown = loss.program === null || nodes.some(({ activation, program, aggregation }) => (activation !== null && program === null) || aggregation?.form === null);
  return unknown ? worded("the network uses a function that only Python knows") : worded("the network calculates with other numbers than a page does, those of float32");
}

function namesOf({ nodes, connections }) {
  const byName = new Map();
  connections.forEach((connection, index) => byName.set(connection.name, { kind: "connection", index }));
  nodes.forEach((node, index) => byName.set(node.name, { kind: "node", index }));
  return byName;
}

function columnsOf({ nodes, layers }) {
  const columns = layers.map(() => []);
  nodes.forEach((node, index) => columns[node.layer].push(index));
  columns.forEach((column) => column.sort((a, b) => nodes[a].y - nodes[b].y));
  return columns;
}
