/** The page's own engine: the article's steps 2 and 3 for one sample, for built-in functions and those of a formula. */

import { ACTIVATIONS, specification } from "./activations.js";
import { LOSSES, LOSSES_OF_SUMS } from "./losses.js";
import { calculates } from "./network.js";
import { runProgram } from "./programs.js";

/**
 * Calculate a run: forward, and backward where there are targets and every function on the way back has a derivative.
 * @param {import("./network.js").Network} network
 * @param {Float64Array} weights
 * @param {number[]} x In the order of the inputs.
 * @param {number[]|null} y In the order of the outputs.
 * @returns {import("./sums.js").Run}
 */
export function calculate(network, weights, x, y) {
  const functions = functionsOf(network);
  const run = forward(network, functions, weights, x);
  const flat = functions.some((each, node) => each && !each.derivative && network.alive[node]);
  if (y && !flat) backward(network, weights, y, run);
  return run;
}

/** Article step 2: H = Σ W·HA over what feeds the node, HA = activation(H). */
function forward(network, functions, weights, x) {
  const { nodes, order, incoming, connections } = network;
  const [value, activated, slope] = [0, 1, 2].map(() => new Float64Array(nodes.length));
  let given = 0;
  const inputs = nodes.map((node) => (node.kind === "input" ? x[given++] : 0));
  for (const node of order) {
    if (!calculates(nodes[node])) {
      value[node] = activated[node] = nodes[node].kind === "bias" ? nodes[node].constant : inputs[node];
      slope[node] = 1;
      continue;
    }
    let sum = 0;
    for (const c of incoming[node]) sum += weights[c] * activated[connections[c].source];
    const { call, derivative, parameters } = functions[node];
    value[node] = sum;
    activated[node] = call(sum, parameters);
    slope[node] = derivative ? derivative(sum, activated[node], parameters) : NaN;
  }
  return { value, activated, slope, weights, seed: null, delta: null, gradient: null, error: null, by: "page" };
}

/** Article step 3: ∂e/∂HA = Σ W·∂e/∂H over what the node feeds, ∂e/∂H = ∂e/∂HA·∂HA/∂H, ∂e/∂W = HA·∂e/∂H. */
function backward(network, weights, y, run) {
  const { nodes, order, outgoing, connections, outputs, place, ofSums, alive } = network;
  const { loss, parameters } = lossOf(network);
  const given = outputs.map((node) => (ofSums ? run.value : run.activated)[node]);
  run.error = loss.error(y, given, parameters);
  run.seed = Float64Array.from(loss.seed(y, given, parameters));
  run.delta = new Float64Array(nodes.length);
  for (let step = order.length - 1; step >= 0; step--) {
    const node = order[step];
    if (!alive[node]) continue;
    const seed = place[node] >= 0 ? run.seed[place[node]] : 0;
    let arriving = ofSums ? 0 : seed;
    for (const c of outgoing[node]) {
      if (alive[connections[c].target]) arriving += weights[c] * run.delta[connections[c].target];
    }
    run.delta[node] = arriving * run.slope[node] + (ofSums ? seed : 0);
  }
  run.gradient = Float64Array.from(connections, ({ source, target }) => run.activated[source] * run.delta[target]);
}

/** What each network's nodes calculate with, read from the names once. */
const known = new WeakMap();

function functionsOf(network) {
  if (!known.has(network)) known.set(network, network.nodes.map((node) => activationOf(network, node)));
  return known.get(network);
}

function activationOf(network, { activation, program }) {
  if (activation === null) return null;
  if (program !== null) return ofPrograms(network.document.programs[program]);
  const { name, parameters } = specification(activation);
  const [call, derivative] = ACTIVATIONS[name];
  return { call, derivative, parameters };
}

/** An activation that is nothing but its formula; the steps have its parameters in them. */
function ofPrograms({ function: steps, derivative }) {
  return {
    call: (z) => runProgram(steps, { z: [z] })[0],
    derivative: derivative && ((z, a) => runProgram(derivative, { z: [z], a: [a] })[0]),
    parameters: {},
  };
}

function lossOf({ document, ofSums }) {
  const { name, parameters } = specification(document.loss.name);
  if (document.loss.program === null) return { loss: (ofSums ? LOSSES_OF_SUMS : LOSSES)[name], parameters };
  const { function: steps, derivative } = document.programs[document.loss.program];
  const letters = (y, a) => ({ y: [...y], a: [...a], n: [y.length] });
  return {
    loss: {
      error: (y, a) => runProgram(steps, letters(y, a), y.length)[0],
      seed: (y, a) => {
        const seed = runProgram(derivative, letters(y, a), y.length);
        return y.map((_, place) => seed[seed.length === 1 ? 0 : place]);
      },
    },
    parameters,
  };
}
