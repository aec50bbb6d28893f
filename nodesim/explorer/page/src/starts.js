/** Where paths start: at the error e, or at what an output sends, whose derivative is asked for in its place. */

import { once } from "./once.js";

/** The quantity that is derived, and where its paths enter the network. */
export class Start {
  /** @param {import("./network.js").Network} network @param {number|null} [output] Whose OA is derived; null for e. */
  constructor(network, output = null) {
    this.network = network;
    this.output = output;
    this.ofError = output === null;
    /** How the quantity is written. */
    this.name = this.ofError ? "e" : network.nodes[output].activated;
    /** Whether paths enter at sums: from OA1 they do, by ∂OA1/∂O1. */
    this.ofSums = !this.ofError || network.ofSums;
    /** Under which its numbers are kept. */
    this.key = this.ofError ? "e" : String(output);
  }

  /** Whether paths enter at a node. @param {number} node */
  enters(node) {
    return this.ofError ? this.network.place[node] >= 0 : node === this.output;
  }

  /** The derivative by the OA of a node where paths enter, or by its O where they enter at sums. @param {import("./sums.js").Run} run @param {number} node */
  seed(run, node) {
    return this.ofError ? run.seed[this.network.place[node]] : run.slope[node];
  }

  /** Whether a path leads to each node: whether it feeds what is derived. @returns {Uint8Array} */
  get alive() {
    return (this.feeding ??= this.ofError ? this.network.alive : feeding(this.network, this.output));
  }

  /** How many paths lead to the sum of a node, or to a weight: exact. @param {{kind: "node"|"connection", index: number}} element @returns {string} */
  count({ kind, index }) {
    const { document, connections } = this.network;
    if (this.ofError) return document.counts[kind === "node" ? "nodes" : "connections"][index];
    this.counts ??= counts(this.network, this.output, this.alive);
    return String(this.counts[kind === "node" ? index : connections[index].target]);
  }

  /** Whether a run has all numbers of the paths. @param {import("./sums.js").Run|null} run */
  known(run) {
    if (this.ofError) return Boolean(run?.seed);
    if (!run || run.bad) return false;
    return once(run, `known ${this.key}`, () => run.slope.every((slope, node) => !this.alive[node] || !Number.isNaN(slope)));
  }
}

function feeding({ nodes, connections, incoming }, output) {
  const alive = new Uint8Array(nodes.length);
  const found = new Set([output]);
  for (const node of found) {
    alive[node] = 1;
    for (const c of incoming[node]) found.add(connections[c].source);
  }
  return alive;
}

function counts({ order, outgoing, connections, nodes }, output, alive) {
  const found = nodes.map(() => 0n);
  found[output] = 1n;
  for (let step = order.length - 1; step >= 0; step--) {
    const node = order[step];
    if (!alive[node]) continue;
    for (const c of outgoing[node]) found[node] += found[connections[c].target];
  }
  return found;
}
