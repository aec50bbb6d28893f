/** A network while it is edited: nodes and connections as objects, with the names and numbers that Python would give. */

import { EditError } from "./error.js";
import { Free, numbersOf } from "./numbering.js";
import { LETTERS } from "./naming.js";
import { normal, seedOf } from "../random.js";
import { shown } from "../names.js";
import { worded } from "../words.js";

/**
 * What a document says of a node: its functions, its constant; where it stands is found anew.
 * @typedef {{name: string, kind: "input"|"hidden"|"output"|"bias", activation: string|null, [more: string]: any}} Node
 */

/**
 * @typedef {object} Connection
 * @property {string} name
 * @property {number} number Its place in connection order.
 * @property {Node} source
 * @property {Node} target
 * @property {boolean} trainable
 * @property {string|null} tie
 * @property {number} weight
 */

const NOTHING = { activation: null, aggregation: null, program: null, formula: null, derivative: null, seed: null };

/** Nodes in the order in which they were added, and connections. */
export class Graph {
  /** @param {() => number} draw A new weight. */
  constructor(draw) {
    this.draw = draw;
    /** @type {Set<Node>} */
    this.nodes = new Set();
    /** @type {Map<Node, Map<Node, Connection>>} By source, then by target. */
    this.links = new Map();
    this.names = new Set();
    this.numbers = new Set();
    this.free = Object.fromEntries(Object.values(LETTERS).map((letter) => [letter, new Free((number) => this.names.has(`${letter}${number}`), 1)]));
    this.freeNumber = new Free((number) => this.numbers.has(number), 0);
  }

  /** The connections, in connection order. @returns {Connection[]} */
  get connections() {
    return [...this.links.values()].flatMap((targets) => [...targets.values()]).sort((a, b) => a.number - b.number);
  }

  /** The next name of a kind. @param {string} kind */
  nextName(kind) {
    const letter = LETTERS[kind];
    return `${letter}${this.free[letter].lowest()}`;
  }

  /** @param {string} kind @param {string|null} name Null for the next free one. @param {Partial<Node>} [properties] @returns {Node} */
  add(kind, name, properties = {}) {
    const node = { ...NOTHING, constant: kind === "bias" ? 1 : null, ...properties, kind, name: name ?? this.nextName(kind) };
    if (this.names.has(node.name)) throw new EditError(worded("The name “{name}” is taken: names of inputs and outputs are unique in a network. Rename one of them.", { name: shown(node.name) }));
    this.names.add(node.name);
    this.nodes.add(node);
    this.links.set(node, new Map());
    return node;
  }

  /** @param {Node} source @param {Node} target @param {Partial<Connection>} [properties] @returns {Connection} */
  connect(source, target, properties = {}) {
    const connection = { trainable: true, tie: null, ...properties, source, target };
    connection.number ??= this.freeNumber.lowest();
    connection.name ??= this.nextName("connection");
    connection.weight ??= this.draw();
    this.links.get(source).set(target, connection);
    this.names.add(connection.name);
    this.numbers.add(connection.number);
    return connection;
  }

  /** @param {Connection} connection */
  disconnect(connection) {
    this.links.get(connection.source).delete(connection.target);
    this.numbers.delete(connection.number);
    this.freeNumber.release(connection.number);
    this.#release(connection.name);
    if (connection.tie !== null) this.#loosen(connection.tie);
  }

  /** Remove a node with its connections. @param {Node} node */
  remove(node) {
    for (const connection of this.links.get(node).values()) this.disconnect(connection);
    for (const targets of this.links.values()) if (targets.has(node)) this.disconnect(targets.get(node));
    this.nodes.delete(node);
    this.links.delete(node);
    this.#release(node.name);
  }

  /** Whether a path leads from one node to another. @param {Node} from @param {Node} to */
  leads(from, to) {
    const found = new Set([from]);
    for (const node of found) {
      if (node === to) return true;
      for (const next of this.links.get(node).keys()) found.add(next);
    }
    return false;
  }

  /** A weight that is left with one use is tied no more. */
  #loosen(tie) {
    const uses = this.connections.filter((each) => each.tie === tie);
    if (uses.length > 1) return;
    for (const use of uses) use.tie = null;
    this.#release(tie);
  }

  #release(name) {
    this.names.delete(name);
    if (/^[IHOBW][1-9]\d{0,14}$/.test(name)) this.free[name[0]].release(Number(name.slice(1)));
  }
}

/** The graph of a document. @param {any} document @param {ArrayLike<number>} weights @returns {Graph} */
export function graphOf(document, weights) {
  const graph = new Graph(normal(seedOf(Float64Array.from(weights))));
  const nodes = document.nodes.map((node) => graph.add(node.kind, node.name, node));
  const numbers = numbersOf(document);
  document.connections.forEach(({ name, source, target, trainable, tie }, place) => {
    graph.connect(nodes[source], nodes[target], { name, number: numbers[place], trainable, tie, weight: weights[place] });
    if (tie !== null) graph.names.add(tie);
  });
  return graph;
}
