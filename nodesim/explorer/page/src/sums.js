/** Sums over all paths to each node from what is derived, without listing them: one walk back over the network. */

import { passed } from "./joins.js";

/**
 * @typedef {object} Run
 * @property {Float64Array} value
 * @property {Float64Array} activated
 * @property {Float64Array} slope
 * @property {number[]|null} targets The desired outputs, where there is an error.
 * @property {Float64Array|null} seed
 * @property {Float64Array|null} delta
 * @property {Float64Array|null} gradient
 * @property {number|null} error
 * @property {Float64Array} weights
 * @property {Float64Array|null} parts ∂H/∂(W·HA) of every connection; null where all nodes are sums.
 * @property {"engine"|"page"} by Who calculated it.
 * @property {{name: string, value: number}} [bad] The first quantity that is not finite.
 */

/** Return the derivative by a node's sum of what leads straight to it. @param {import("./starts.js").Start} start @param {Run} run @param {number} node */
export function entry(start, run, node) {
  const seed = start.seed(run, node);
  return start.ofSums ? seed : seed * run.slope[node];
}

/** The derivative by the sum of each node. */
export function totals(start, run) {
  return walked(start, run, (value) => value, (a, b) => a + b);
}

/** The sum of |product| over all paths: the measure of rounding. */
export function scales(start, run) {
  return walked(start, run, Math.abs, (a, b) => a + b);
}

/** Return |value|; what is not a number counts as infinite, so that it is found first. @param {number} value */
export function size(value) {
  return Number.isNaN(value) ? Infinity : Math.abs(value);
}

function walked(start, run, seen, joined) {
  const { order, outgoing, connections, nodes } = start.network;
  const { alive } = start;
  const sums = new Float64Array(nodes.length);
  for (let step = order.length - 1; step >= 0; step--) {
    const node = order[step];
    if (!alive[node]) continue;
    let sum = start.enters(node) ? seen(entry(start, run, node)) : 0;
    for (const c of outgoing[node]) {
      const target = connections[c].target;
      if (alive[target]) sum = joined(sum, seen(sums[target] * seen(passed(run, c) * run.slope[node])));
    }
    sums[node] = sum;
  }
  return sums;
}
