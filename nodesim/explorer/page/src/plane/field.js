/** What a node sends at many points at once: only what feeds it is calculated, for all points together. */

import { joined } from "../joins.js";
import { calculates } from "../network.js";
import { ColumnProgram } from "../training/program.js";

/** The values of one node, for as many points as there is room for. */
export class Field {
  /** @param {import("../network.js").Network} network @param {number} node @param {number} count How many points. */
  constructor(network, node, count) {
    Object.assign(this, { network, node, count });
    this.order = feeding(network, node);
    this.inputs = new Map(network.inputs.map((node, place) => [node, place]));
    this.sums = new Float64Array(count);
    /** What each node sends: a table, or one number where it is the same at all points. @type {Map<number, Float64Array>} */
    this.tables = new Map();
    this.programs = new Map();
    for (const each of this.order) {
      if (!calculates(network.nodes[each])) continue;
      this.tables.set(each, new Float64Array(count));
      this.programs.set(each, programOf(network, each));
    }
  }

  /** How many products of weight and activation one point takes. */
  get size() {
    return this.order.reduce((sum, node) => sum + this.network.incoming[node].length, 0);
  }

  /**
   * The value at each point.
   * @param {Float64Array} weights
   * @param {number[]} x The inputs that are the same at all points.
   * @param {Map<number, Float64Array>} moving By place among the inputs, those that are not.
   * @returns {Float64Array} Not to be kept: the next call writes into it.
   */
  values(weights, x, moving) {
    const sent = new Map();
    for (const node of this.order) sent.set(node, this.#sent(node, weights, sent, x, moving));
    const found = sent.get(this.node);
    return typeof found === "number" ? this.sums.fill(found) : found;
  }

  #sent(node, weights, sent, x, moving) {
    const { kind, constant } = this.network.nodes[node];
    if (kind === "bias") return constant;
    if (kind === "input") return moving.get(this.inputs.get(node)) ?? x[this.inputs.get(node)];
    this.#join(node, weights, sent);
    const table = this.tables.get(node);
    this.programs.get(node).run({ z: this.sums }, { at: 0, stride: this.count, samples: this.count }, table);
    return table;
  }

  /** H of all points. */
  #join(node, weights, sent) {
    const { connections, incoming, nodes } = this.network;
    const { sums, count } = this;
    if (nodes[node].aggregation !== null) return this.#joinOneByOne(node, weights, sent);
    sums.fill(0);
    for (const c of incoming[node]) {
      const [weight, from] = [weights[c], sent.get(connections[c].source)];
      if (typeof from === "number") {
        const all = weight * from;
        for (let i = 0; i < count; i++) sums[i] += all;
      } else for (let i = 0; i < count; i++) sums[i] += weight * from[i];
    }
  }

  #joinOneByOne(node, weights, sent) {
    const { connections, incoming, nodes } = this.network;
    const sources = incoming[node].map((c) => sent.get(connections[c].source));
    for (let i = 0; i < this.count; i++) {
      const coming = sources.map((from, place) => weights[incoming[node][place]] * (typeof from === "number" ? from : from[i]));
      this.sums[i] = joined(nodes[node].aggregation, coming);
    }
  }
}

/** A node and all that feeds it, each after what it takes. */
function feeding({ order, incoming, connections }, node) {
  const found = new Set([node]);
  for (const each of found) for (const c of incoming[each]) found.add(connections[c].source);
  return order.filter((each) => found.has(each));
}

/** @returns {ColumnProgram} */
function programOf({ document, nodes }, node) {
  return new ColumnProgram(document.programs[nodes[node].program].function);
}
