/** The partial derivatives of a path, by name and value, in the article's order. */

import { partWritten, passed, received } from "./joins.js";
import { names, seedWritten, slopeWritten } from "./written.js";

/**
 * @typedef {object} Factor
 * @property {string} top
 * @property {string} bottom
 * @property {number} value NaN where it is not known; see `known`.
 * @property {boolean} known
 * @property {string} layer
 * @property {"node"|"connection"} kind What of the drawing it belongs to.
 * @property {number} index
 * @property {string} meaning What it is, in symbols.
 */

/** The factors that one network and run have, of the paths from one start. */
export class Factors {
  /** @param {import("./starts.js").Start} start @param {import("./sums.js").Run|null} run */
  constructor(start, run) {
    this.start = start;
    this.network = start.network;
    this.run = run;
  }

  /** ∂e/∂OA, or ∂e/∂O where the error enters there. @param {number} node @returns {Factor} */
  seed(node) {
    const { nodes, place, ofSums } = this.network;
    const bottom = ofSums ? nodes[node].quantity : nodes[node].activated;
    const meaning = () => seedWritten(this.network, node, names(this.network));
    return this.#factor("e", bottom, this.run?.seed?.[place[node]], node, "node", node, meaning);
  }

  /** ∂HA/∂H. @param {number} node @returns {Factor} */
  slope(node) {
    const { quantity, activated } = this.network.nodes[node];
    return this.#factor(activated, quantity, this.run?.slope[node], node, "node", node, () => slopeWritten(this.network, node));
  }

  /** ∂O/∂HA: the weight, where O is a sum. @param {number} connection @returns {Factor} */
  weight(connection) {
    const { source, target, quantity } = this.network.connections[connection];
    const { nodes } = this.network;
    const value = this.run ? passed(this.run, connection) : undefined;
    return this.#factor(nodes[target].quantity, nodes[source].activated, value, target, "connection", connection, () => this.#times(quantity, connection));
  }

  /** ∂H/∂W: what the source sends. @param {number} connection @returns {Factor} */
  sent(connection) {
    const { source, target, quantity } = this.network.connections[connection];
    const { nodes } = this.network;
    const value = this.run ? received(this.network, this.run, connection) : undefined;
    return this.#factor(nodes[target].quantity, quantity, value, target, "connection", connection, () => this.#times(nodes[source].activated, connection));
  }

  /** From what is derived to an output's sum: ∂OA/∂O is all where OA is derived. @param {number} node */
  entering(node) {
    if (!this.start.ofError) return [this.slope(node)];
    return this.network.ofSums ? [this.seed(node)] : [this.seed(node), this.slope(node)];
  }

  /** The slope of a node, if it has one. @param {number} node */
  slopes(node) {
    return this.network.nodes[node].activation === null ? [] : [this.slope(node)];
  }

  /**
   * The factors of a path from the selected element to an output.
   * @param {number[]} connections From the node that the path ends at, to the output.
   * @param {number} goal The node where it ends.
   * @param {number|null} weight The connection whose weight is selected.
   * @returns {Factor[]}
   */
  chain(connections, goal, weight) {
    const output = connections.length ? this.network.connections[connections.at(-1)].target : goal;
    const factors = this.entering(output);
    for (let place = connections.length - 1; place >= 0; place--) {
      const source = this.network.connections[connections[place]].source;
      factors.push(this.weight(connections[place]), ...this.slopes(source));
    }
    if (weight !== null) factors.push(this.sent(weight));
    return factors;
  }

  /** What a connection multiplies by, in symbols. */
  #times(own, connection) {
    const part = partWritten(this.network, connection);
    return part ? `${own}·${part}` : own;
  }

  /** What it means is written when it is read: numbers change often, and need no words. */
  #factor(top, bottom, value, layerOf, kind, index, write) {
    const { nodes, document } = this.network;
    const layer = document.layers[nodes[layerOf].layer].name;
    return { top, bottom, value: value ?? NaN, known: value !== undefined, layer, kind, index, get meaning() { return write(); } };
  }
}

