/** Sums over all paths from e to each node, without listing them: one walk back over the network. */

/**
 * @typedef {object} Run
 * @property {Float64Array} value
 * @property {Float64Array} activated
 * @property {Float64Array} slope
 * @property {Float64Array|null} seed
 * @property {Float64Array|null} delta
 * @property {Float64Array|null} gradient
 * @property {number|null} error
 * @property {Float64Array} weights
 * @property {"engine"|"page"} by Who calculated it.
 * @property {{name: string, value: number}} [bad] The first quantity that is not finite.
 */

/** Return ∂e/∂O of what leads from e straight to an output's sum. @param {import("./network.js").Network} network @param {Run} run @param {number} node */
export function entry(network, run, node) {
  const seed = run.seed[network.place[node]];
  return network.ofSums ? seed : seed * run.slope[node];
}

/** The derivative of e by the sum of each node. */
export function totals(network, run) {
  return walked(network, run, (value) => value, (a, b) => a + b);
}

/** The sum of |product| over all paths: the measure of rounding. */
export function scales(network, run) {
  return walked(network, run, Math.abs, (a, b) => a + b);
}

/** Return |value|; what is not a number counts as infinite, so that it is found first. @param {number} value */
export function size(value) {
  return Number.isNaN(value) ? Infinity : Math.abs(value);
}

function walked(network, run, seen, joined) {
  const { order, outgoing, connections, alive, place } = network;
  const sums = new Float64Array(network.nodes.length);
  for (let step = order.length - 1; step >= 0; step--) {
    const node = order[step];
    if (!alive[node]) continue;
    let sum = place[node] >= 0 ? seen(entry(network, run, node)) : 0;
    for (const c of outgoing[node]) {
      const target = connections[c].target;
      if (alive[target]) sum = joined(sum, seen(sums[target] * seen(run.weights[c] * run.slope[node])));
    }
    sums[node] = sum;
  }
  return sums;
}
