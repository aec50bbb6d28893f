/** The update of a training: W − η·∂e/∂W for all weights at once, and what e is then. */

import { calculate, errorOf } from "./engine.js";
import { indices, usesOf } from "./network.js";
import { once } from "./once.js";

/** The connections whose weights an update changes. @param {import("./network.js").Network} network */
export function trained({ connections }) {
  return indices(connections, ({ trainable }) => trainable);
}

/** What an update takes η times off each weight: ∂e/∂W, of a weight that connections share the sum over them. @param {import("./network.js").Network} network @param {ArrayLike<number>} gradient @returns {Float64Array} */
export function directions(network, gradient) {
  const { connections } = network;
  const shared = new Map();
  connections.forEach(({ tie }, c) => tie !== null && shared.set(tie, (shared.get(tie) ?? 0) + gradient[c]));
  return Float64Array.from(connections, ({ tie, trainable }, c) => (trainable ? (tie === null ? gradient[c] : shared.get(tie)) : 0));
}

/** The same of one connection. @param {import("./network.js").Network} network @param {ArrayLike<number>} gradient @param {number} c */
export function directionOf(network, gradient, c) {
  return usesOf(network, c).reduce((sum, use) => sum + gradient[use], 0);
}

/** Whether the page can say what e is after an update. @param {import("./network.js").Network} network @param {import("./sums.js").Run|null} run */
export function canUpdate({ document }, run) {
  return Boolean(document.editable && run?.gradient && run.targets);
}

/** e of the sample of a run after one update. @param {import("./network.js").Network} network @param {import("./sums.js").Run} run @param {number} rate */
export function errorAfter(network, run, rate) {
  return once(run, `error after ${rate}`, () => {
    const x = network.inputs.map((node) => run.activated[node]);
    return errorWith(network, stepped(network, run.weights, run.gradient, rate), x, run.targets);
  });
}

/** The weights after one update. @param {import("./network.js").Network} network @param {Float64Array} weights @param {ArrayLike<number>} gradient @param {number} rate */
export function stepped(network, weights, gradient, rate) {
  const direction = directions(network, gradient);
  return weights.map((weight, c) => weight - rate * direction[c]);
}

/** e with other weights, forward only. @param {import("./network.js").Network} network @param {Float64Array} weights @param {number[]} x @param {number[]} y */
export function errorWith(network, weights, x, y) {
  const { value, activated } = calculate(network, weights, x, null);
  return errorOf(network, y, network.outputs.map((node) => (network.ofSums ? value : activated)[node]));
}
