/** The page's own engine: the article's steps 2 and 3 for one sample, for built-in functions and those of a formula. */

import { ACTIVATIONS, specification } from "./activations.js";
import { deltas, gradients } from "./backward.js";
import { LOSSES, LOSSES_OF_SUMS } from "./losses.js";
import { coming, joined, partsOf } from "./joins.js";
import { calculates } from "./network.js";
import { runProgram } from "./programs.js";
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
  const functions = functionsOf(network);
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
    const { call, derivative, parameters } = functions[node];
    value[node] = sum;
    activated[node] = call(sum, parameters);
    slope[node] = derivative ? derivative(sum, activated[node], parameters) : NaN;
  }
  const parts = partsOf(network, { value, activated, weights });
  return { value, activated, slope, weights, parts, targets: null, seed: null, delta: null, gradient: null, error: null, by: "page" };
}

/** The error and the article's step 3. */
function backward(network, y, run) {
  const { loss, parameters } = lossOf(network);
  const given = network.outputs.map((node) => (network.ofSums ? run.value : run.activated)[node]);
  run.targets = y;
  run.error = loss.error(y, given, parameters);
  run.seed = Float64Array.from(loss.seed(y, given, parameters));
  const start = new Start(network);
  run.delta = deltas(start, run);
  run.gradient = gradients(start, run, run.delta);
}

/** The error of other outputs. @param {import("./network.js").Network} network @param {number[]} y @param {number[]} given OA, or O where the error enters there. */
export function errorOf(network, y, given) {
  const { loss, parameters } = lossOf(network);
  return loss.error(y, given, parameters);
}

/** What each network's nodes calculate with, read from the names once. */
const known = new WeakMap();

/** @param {import("./network.js").Network} network @returns {({call: Function, derivative: Function|null, parameters: any}|null)[]} Null for nodes that calculate nothing. */
export function functionsOf(network) {
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
