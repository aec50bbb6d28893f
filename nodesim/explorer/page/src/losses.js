/** The built-in losses, in the same stable forms as nodesim's: the error of a sample, and its derivative by each output. */

import { sigmoid, softplus } from "./activations.js";

const SMALLEST = 5e-324;
const INVERTIBLE = 5.6e-309;
const BELOW_ONE = 1 - 2 ** -53;

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

function each(y, a, make) {
  return y.map((target, place) => make(target, a[place], y.length));
}

/** A loss that is the mean of what each output adds. */
function mean(part, derivative) {
  return {
    error: (y, a, parameters) => sum(each(y, a, (t, o, n) => part(t, o, parameters) / n)),
    seed: (y, a, parameters) => each(y, a, (t, o, n) => derivative(t, o, n, parameters)),
  };
}

function clip(value, most) {
  return Math.min(Math.max(value, -most), most);
}

function huber(y, a, { delta = 1 }) {
  const distance = Math.abs(y - a);
  const near = Math.min(distance, delta);
  return near * (distance - 0.5 * near);
}

function logCosh(y, a) {
  const distance = Math.abs(y - a);
  return distance + Math.log1p(Math.exp(-2 * distance)) - Math.LN2;
}

function crossEntropy(y, a) {
  const hit = y * Math.log(Math.max(a, SMALLEST));
  const miss = (1 - y) * (a < 1 ? Math.log1p(-Math.min(a, BELOW_ONE)) : Math.log(SMALLEST));
  return -(hit + miss);
}

function crossEntropyOfSum(y, z) {
  return (z > 0 ? (1 - y) * z : -y * z) + softplus(-Math.abs(z));
}

/** For each of some numbers, none below 0, the sum of the others: taken off the sum of all, the largest would leave nothing. */
function others(values) {
  const largest = values.indexOf(Math.max(...values));
  const rest = sum(values.filter((value, place) => place !== largest));
  return values.map((value, place) => (place === largest ? rest : rest + values[largest] - value));
}

/** How far each output is below the highest, and exp of that. */
function exponentials(a) {
  const most = Math.max(...a);
  const below = a.map((value) => value - most);
  return [below, below.map(Math.exp)];
}

function softmaxError(y, a) {
  const [below, powers] = exponentials(a);
  const logarithm = Math.log1p(Math.min(...others(powers)));
  return -sum(y.map((target, place) => (target === 0 ? 0 : target * (below[place] - logarithm))));
}

/** softmax·Σy − y as softmax·(the other targets) − y·(the others' softmax), so that nothing cancels where softmax is all but 1. */
function softmaxSeed(y, a) {
  const [, powers] = exponentials(a);
  const [targets, shares, whole] = [others(y), others(powers), sum(powers)];
  return powers.map((power, place) => (power * targets[place] - y[place] * shares[place]) / whole);
}

/** By name: error and seed, from targets and outputs; `ofSums` where they take O instead of OA. */
export const LOSSES = {
  mse: {
    error: (y, a) => sum(each(y, a, (t, o, n) => (t - o) * ((t - o) / n))),
    seed: (y, a) => each(y, a, (t, o, n) => (-2 / n) * (t - o)),
  },
  mae: mean((y, a) => Math.abs(y - a), (y, a, n) => Math.sign(a - y) / n),
  half_squared_error: {
    error: (y, a) => sum(each(y, a, (t, o) => (t - o) * (0.5 * (t - o)))),
    seed: (y, a) => each(y, a, (t, o) => o - t),
  },
  huber: mean(huber, (y, a, n, { delta = 1 }) => clip(a - y, delta) / n),
  log_cosh: mean(logCosh, (y, a, n) => Math.tanh(a - y) / n),
  binary_cross_entropy: mean(crossEntropy, (y, a, n) => (a - y) / Math.max(a * (1 - a), INVERTIBLE) / n),
  softmax_cross_entropy: { error: softmaxError, seed: softmaxSeed },
};

/** The same where the error enters at O. */
export const LOSSES_OF_SUMS = {
  // a − y as (1 − y)a − y(1 − a), with 1 − a from z.
  binary_cross_entropy: mean(crossEntropyOfSum, (y, z, n) => ((1 - y) * sigmoid(z) - y * sigmoid(-z)) / n),
};
