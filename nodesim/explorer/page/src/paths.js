/** PATHS: all that leads from e to the selected weight or node: counted, summed, listed lazily, ranked. */

import { Factors } from "./factors.js";
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

const remembered = new WeakMap();

/** Calculate something of a run once. */
function once(run, what, make) {
  if (!remembered.has(run)) remembered.set(run, {});
  const known = remembered.get(run);
  return (known[what] ??= make());
}

/** The paths of one selected element in one run. */
export class Trace {
  /**
   * @param {import("./network.js").Network} network
   * @param {import("./sums.js").Run|null} run
   * @param {{kind: "node"|"connection", index: number}} element
   */
  constructor(network, run, element) {
    this.network = network;
    this.run = run;
    this.element = element;
    this.weight = element.kind === "connection" ? element.index : null;
    this.goal = this.weight === null ? element.index : network.connections[this.weight].target;
    this.factors = new Factors(network, run);
    const { nodes, connections } = this.#reached();
    this.nodes = nodes;
    this.connections = connections;
  }

  /** How many paths there are: exact, as the document says. */
  get count() {
    const { counts } = this.network.document;
    return this.weight === null ? counts.nodes[this.goal] : counts.connections[this.weight];
  }

  /** Whether there are numbers: a run with a target. */
  get known() {
    return Boolean(this.run?.seed);
  }

  /** What comes behind the sum of the goal: what the source sends, or nothing. */
  get last() {
    return this.weight === null ? 1 : this.run.activated[this.network.connections[this.weight].source];
  }

  /** The sum over all paths. */
  get gradient() {
    return this.known ? this.totals[this.goal] * this.last : NaN;
  }

  /** The sum of |product| over all paths. */
  get scale() {
    return once(this.run, "scales", () => scales(this.network, this.run))[this.goal] * Math.abs(this.last);
  }

  /** What the engine says. */
  get engine() {
    if (!this.known) return NaN;
    return this.weight === null ? this.run.delta[this.goal] : this.run.gradient[this.weight];
  }

  /** ∂e/∂H of every node, summed over the paths. */
  get totals() {
    return once(this.run, "totals", () => totals(this.network, this.run));
  }

  /**
   * The first paths in the article's order: output by output from e back, at each node source by source.
   * @param {number} limit
   * @returns {Path[]}
   */
  listed(limit) {
    const { connections, incoming, outputs } = this.network;
    const found = [];
    const waiting = outputs.filter((node) => this.nodes.has(node)).reverse().map((node) => ({ node, chain: null }));
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
    const lists = once(this.run, `strongest ${limit}`, () => continuations(this.network, this.run, limit));
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

  /** What lies on any of the paths. */
  #reached() {
    const { connections, outgoing, alive } = this.network;
    this.below = new Set();
    const found = { nodes: new Set(), connections: new Set() };
    if (!alive[this.goal]) return found;
    this.below.add(this.goal);
    for (const node of this.below) {
      for (const c of outgoing[node]) {
        if (!alive[connections[c].target]) continue;
        found.connections.add(c);
        this.below.add(connections[c].target);
      }
    }
    found.nodes = new Set(this.below);
    if (this.weight !== null) {
      found.nodes.add(connections[this.weight].source);
      found.connections.add(this.weight);
    }
    return found;
  }
}

function unlinked(chain) {
  const connections = [];
  for (let link = chain; link; link = link.chain) connections.push(link.c);
  return connections;
}
