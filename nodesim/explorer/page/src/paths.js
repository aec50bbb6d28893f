/** PATHS: all that leads from e, or another quantity that is derived, to the selected weight or node: counted, summed, listed lazily, ranked. */

import { derivatives } from "./backward.js";
import { Factors } from "./factors.js";
import { received } from "./joins.js";
import { once } from "./once.js";
import { Start } from "./starts.js";
import { continuations, followed } from "./strongest.js";
import { scales, size, totals } from "./sums.js";

/** Lists never hold more. */
export const MOST_LISTED = 200;

/**
 * @typedef {object} Path
 * @property {number[]} connections From the selected weight, or the node, to the output.
 * @property {number[]} nodes
 * @property {number} product NaN without a target.
 */

/** The paths of one selected element in one run. */
export class Trace {
  /**
   * @param {import("./network.js").Network} network
   * @param {import("./sums.js").Run|null} run
   * @param {{kind: "node"|"connection", index: number}} element
   * @param {Start} [start] Where paths start; at e if nothing is said.
   */
  constructor(network, run, element, start = new Start(network)) {
    this.network = network;
    this.start = start;
    this.run = run;
    this.element = element;
    this.weight = element.kind === "connection" ? element.index : null;
    this.goal = this.weight === null ? element.index : network.connections[this.weight].target;
    this.factors = new Factors(start, run);
    const { nodes, connections } = this.#reached();
    this.nodes = nodes;
    this.connections = connections;
  }

  /** How many paths there are: exact. */
  get count() {
    return this.start.count(this.element);
  }

  /** Whether there are numbers: of e, a run with desired outputs. */
  get known() {
    return this.start.known(this.run);
  }

  /** What comes behind the sum of the goal: what the source sends, or nothing. */
  get last() {
    return this.weight === null ? 1 : received(this.network, this.run, this.weight);
  }

  /** The sum over all paths. */
  get gradient() {
    return this.known ? this.totals[this.goal] * this.last : NaN;
  }

  /** The sum of |product| over all paths. */
  get scale() {
    return once(this.run, `scales ${this.start.key}`, () => scales(this.start, this.run))[this.goal] * Math.abs(this.last);
  }

  /** What backpropagation says. */
  get engine() {
    if (!this.known) return NaN;
    const { delta, gradient } = derivatives(this.start, this.run);
    return this.weight === null ? delta[this.goal] : gradient[this.weight];
  }

  /** The derivative by the sum of every node, summed over the paths. */
  get totals() {
    return once(this.run, `totals ${this.start.key}`, () => totals(this.start, this.run));
  }

  /**
   * The first paths in the article's order: output by output back, at each node source by source.
   * @param {number} limit
   * @returns {Path[]}
   */
  listed(limit) {
    const { connections, incoming, outputs } = this.network;
    const found = [];
    const waiting = outputs.filter((node) => this.start.enters(node) && this.nodes.has(node)).reverse().map((node) => ({ node, chain: null }));
    while (waiting.length && found.length < limit) {
      const { node, chain } = waiting.pop();
      if (node === this.goal) {
        found.push(this.#path(unlinked(chain)));
        continue;
      }
      for (let place = incoming[node].length - 1; place >= 0; place--) {
        const c = incoming[node][place];
        if (this.below.has(connections[c].source)) {
          waiting.push({ node: connections[c].source, chain: { c, chain } });
        }
      }
    }
    return found;
  }

  /**
   * The paths of largest |product|, best first; see strongest.js.
   * @param {number} limit
   * @returns {Path[]}
   */
  strongest(limit) {
    const lists = once(this.run, `strongest ${limit} ${this.start.key}`, () => continuations(this.start, this.run, limit));
    const found = lists[this.goal].map((_, rank) => this.#path(followed(this.network, lists, this.goal, rank)));
    return found.sort((a, b) => size(b.product) - size(a.product));
  }

  /** The factors of a path, in the article's order. @param {Path} path */
  chain(path) {
    const connections = this.weight === null ? path.connections : path.connections.slice(1);
    return this.factors.chain(connections, this.goal, this.weight);
  }

  #path(onwards) {
    const connections = this.weight === null ? onwards : [this.weight, ...onwards];
    const start = this.weight === null ? this.goal : this.network.connections[this.weight].source;
    const nodes = [start, ...connections.map((c) => this.network.connections[c].target)];
    const path = { connections, nodes, product: NaN };
    if (this.known) path.product = this.chain(path).reduce((product, { value }) => product * value, 1);
    return path;
  }

  /** The outputs that the goal feeds, itself included: what can be derived by it. @returns {number[]} */
  get outputs() {
    return this.network.outputs.filter((node) => this.fed.has(node));
  }

  /** What lies on any of the paths. */
  #reached() {
    const { connections, outgoing } = this.network;
    const { alive } = this.start;
    this.below = this.#onwards(alive);
    this.fed = this.start.ofError ? this.below : this.#onwards(this.network.alive);
    const found = { nodes: new Set(this.below), connections: new Set() };
    if (!alive[this.goal]) return found;
    for (const node of this.below) {
      for (const c of outgoing[node]) if (alive[connections[c].target]) found.connections.add(c);
    }
    if (this.weight !== null) {
      found.nodes.add(connections[this.weight].source);
      found.connections.add(this.weight);
    }
    return found;
  }

  /** The nodes that the goal feeds, of those that are alive. */
  #onwards(alive) {
    const { connections, outgoing } = this.network;
    const found = new Set(alive[this.goal] ? [this.goal] : []);
    for (const node of found) {
      for (const c of outgoing[node]) if (alive[connections[c].target]) found.add(connections[c].target);
    }
    return found;
  }
}

function unlinked(chain) {
  const connections = [];
  for (let link = chain; link; link = link.chain) connections.push(link.c);
  return connections;
}
