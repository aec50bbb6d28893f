/** Article step 3: derivatives by every sum and weight, from node to node. */

import { passed, received } from "./joins.js";
import { once } from "./once.js";

/**
 * ∂e/∂HA = Σ W·∂e/∂H over what the node feeds, ∂e/∂H = ∂e/∂HA·∂HA/∂H; and alike of what else is derived.
 * @param {import("./starts.js").Start} start
 * @param {import("./sums.js").Run} run
 * @returns {Float64Array} By node.
 */
export function deltas(start, run) {
  const { nodes, order, outgoing, connections } = start.network;
  const { alive, ofSums } = start;
  const delta = new Float64Array(nodes.length);
  for (let step = order.length - 1; step >= 0; step--) {
    const node = order[step];
    if (!alive[node]) continue;
    const seed = start.enters(node) ? start.seed(run, node) : 0;
    let arriving = ofSums ? 0 : seed;
    for (const c of outgoing[node]) {
      if (alive[connections[c].target]) arriving += passed(run, c) * delta[connections[c].target];
    }
    delta[node] = arriving * run.slope[node] + (ofSums ? seed : 0);
  }
  return delta;
}

/** ∂e/∂W = HA·∂e/∂H, times ∂H/∂(W·HA) where that is not 1. @param {import("./starts.js").Start} start @param {import("./sums.js").Run} run @param {Float64Array} delta */
export function gradients({ network }, run, delta) {
  return Float64Array.from(network.connections, ({ target }, c) => received(network, run, c) * delta[target]);
}

/**
 * Both: of e those that the run came with, of anything else the page's own.
 * @param {import("./starts.js").Start} start
 * @param {import("./sums.js").Run|null} run
 * @returns {{delta: Float64Array|null, gradient: Float64Array|null}} Null where they are not known.
 */
export function derivatives(start, run) {
  if (!start.known(run)) return { delta: null, gradient: null };
  if (start.ofError) return run;
  return once(run, `derivatives ${start.key}`, () => {
    const delta = deltas(start, run);
    return { delta, gradient: gradients(start, run, delta) };
  });
}
