/**
 * What cutting one path changes, by exact path patching: along the path each node sees the value that it would have
 * without what came along it, and every other node sees the old one.
 */

import { errorOf } from "./engine.js";
import { activationOf } from "./functions.js";
import { without } from "./joins.js";
import { once } from "./once.js";

/**
 * @typedef {object} Cut
 * @property {number} change Of what is derived: afterwards − before.
 * @property {number} predicted The same to the first order: −W·product, or −H·product of a node.
 */

/** Whether the page can cut: it must calculate every function itself. @param {import("./paths.js").Trace} trace */
export function cuts({ network, known }) {
  return network.document.editable && known;
}

/**
 * Cut a path: of a weight nothing enters the first node through it, of a node its sum, or what an input sends, is 0.
 * @param {import("./paths.js").Trace} trace
 * @param {import("./paths.js").Path} path
 * @returns {Cut}
 */
export function cut(trace, path) {
  const { network, run, weight, goal, start } = trace;
  const taken = weight === null ? run.value[goal] : run.weights[weight] * run.activated[network.connections[weight].source];
  let now = moved(network, run, goal, weight === null ? 0 : without(network, run, weight, taken));
  for (const c of path.connections.slice(weight === null ? 0 : 1)) {
    const { target } = network.connections[c];
    now = moved(network, run, target, without(network, run, c, run.weights[c] * (now.before - now.after)));
  }
  const change = start.ofError ? changeOfError(network, run, now) : now.after - now.before;
  return { change, predicted: -(weight === null ? taken : run.weights[weight]) * path.product };
}

/** What a node sends, as it is and for another sum: by the same function, so that no change gives exactly none. */
function moved(network, run, node, sum) {
  return { node, sum, before: sent(network, node, run.value[node]), after: sent(network, node, sum) };
}

function sent(network, node, sum) {
  const made = activationOf(network.document, network.nodes[node]);
  return made ? made.call(sum) : sum;
}

/** The error sees the end of the path, and the other outputs as they were. */
function changeOfError(network, run, { node, sum, after }) {
  const { outputs, ofSums, place } = network;
  const error = (given) => errorOf(network, run.targets, given);
  const { given, before } = once(run, "error before a cut", () => {
    const values = outputs.map((output) => (ofSums ? run.value[output] : sent(network, output, run.value[output])));
    return { given: values, before: error(values) };
  });
  return error(given.map((value, output) => (output === place[node] ? (ofSums ? sum : after) : value))) - before;
}
