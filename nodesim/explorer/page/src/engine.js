/** The page's own engine: the article's steps 2 and 3 for one sample, by the programs of the document. */

import { deltas, gradients } from "./backward.js";
import { activationOf, lossOf } from "./functions.js";
import { coming, joined, partsOf } from "./joins.js";
import { calculates } from "./network.js";
import { Start } from "./starts.js";

/**
 * Calculate a run: forward, and backward where there are targets and every function on the way back has a derivative.
 * @param {import("./network.js").Network} network
 * @param {Float64Array} weights
 * @param {number[]} x In the order of the inputs.
 * @param {number[]|null} y In the order of the outputs.
 * @returns {import("./sums.js").Run}
 */
export function calculate(network, weights, x, y) {
  const functions = network.nodes.map((node) => activationOf(network.document, node));
  const run = forward(network, functions, weights, x);
  const flat = functions.some((each, node) => each && !each.derivative && network.alive[node]);
  if (y && !flat) backward(network, y, run);
  return run;
}

/** Article step 2: H = Σ W·HA over what feeds the node, or what else it makes of that, HA = activation(H). */
function forward(network, functions, weights, x) {
  const { nodes, order } = network;
  const [value, activated, slope] = [0, 1, 2].map(() => new Float64Array(nodes.length));
  let given = 0;
  const inputs = nodes.map((node) => (node.kind === "input" ? x[given++] : 0));
  for (const node of order) {
    if (!calculates(nodes[node])) {
      value[node] = activated[node] = nodes[node].kind === "bias" ? nodes[node].constant : inputs[node];
      slope[node] = 1;
      continue;
    }
    const sum = joined(nodes[node].aggregation, coming(network, { weights, activated }, node));
    const { call, derivative } = functions[node];
    value[node] = sum;
    activated[node] = call(sum);
    slope[node] = derivative ? derivative(sum, activated[node]) : NaN;
  }
  const parts = partsOf(network, { value, activated, weights });
  return { value, activated, slope, weights, parts, targets: null, seed: null, delta: null, gradient: null, error: null, by: "page" };
}

/** The error and the article's step 3. */
function backward(network, y, run) {
  const { error, seed } = lossOf(network.document);
  const given = network.outputs.map((node) => (network.ofSums ? run.value : run.activated)[node]);
  run.targets = y;
  run.error = error(y, given);
  run.seed = Float64Array.from(seed(y, given));
  const start = new Start(network);
  run.delta = deltas(start, run);
  run.gradient = gradients(start, run, run.delta);
}

/** The error of other outputs. @param {import("./network.js").Network} network @param {number[]} y @param {number[]} given OA, or O where the error enters there. */
export function errorOf(network, y, given) {
  return lossOf(network.document).error(y, given);
}
