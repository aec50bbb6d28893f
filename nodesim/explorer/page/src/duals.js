/** Derivatives of programs by what they take: each number carries with it how it changes, by the rules of differentiation. */

import { everywhere, OPERATIONS } from "./programs.js";

/** @typedef {{value: number, rate: number}} Dual */

/**
 * The derivative of each operation by each of its operands.
 * @type {Record<string, (...numbers: number[]) => number[]>}
 */
const PARTIALS = {
  "+": () => [1, 1],
  "*": (u, v) => [v, u],
  "/": (u, v) => [1 / v, -u / (v * v)],
  "**": (u, v) => [v * u ** (v - 1), u ** v * Math.log(u)],
  negative: () => [-1],
  where: (condition) => (condition !== 0 ? [0, 1, 0] : [0, 0, 1]),
  abs: (u) => [Math.sign(u)],
  max: (u, v) => (u >= v ? [1, 0] : [0, 1]),
  min: (u, v) => (u <= v ? [1, 0] : [0, 1]),
  exp: (u) => [Math.exp(u)],
  expm1: (u) => [Math.exp(u)],
  log: (u) => [1 / u],
  log1p: (u) => [1 / (1 + u)],
  sqrt: (u) => [0.5 / Math.sqrt(u)],
  sin: (u) => [Math.cos(u)],
  cos: (u) => [-Math.sin(u)],
  tan: (u) => [1 + Math.tan(u) ** 2],
  sinh: (u) => [Math.cosh(u)],
  cosh: (u) => [Math.sinh(u)],
  tanh: (u) => [1 / Math.cosh(u) ** 2],
  asinh: (u) => [1 / Math.sqrt(1 + u * u)],
  atan: (u) => [1 / (1 + u * u)],
  erf: (u) => [(2 / Math.sqrt(Math.PI)) * Math.exp(-u * u)],
  erfc: (u) => [(-2 / Math.sqrt(Math.PI)) * Math.exp(-u * u)],
};
for (const name of ["<", "<=", ">", ">="]) PARTIALS[name] = () => [0, 0];
PARTIALS.sign = () => [0];

/**
 * How the result of a program changes with one of the numbers it takes; NaN where it has no derivative that is known.
 * @param {Array<[string, ...(number|string)[]]>} steps
 * @param {Record<string, number[]>} values
 * @param {string} name
 * @param {number} place Which of the numbers of this name.
 */
export function slopeOf(steps, values, name, place) {
  const n = values[name].length;
  const results = [];
  for (const [operation, ...operands] of steps) {
    if (operation === "number") results.push([{ value: operands[0], rate: 0 }]);
    else if (operation === "name") results.push(values[operands[0]].map((value, own) => ({ value, rate: Number(operands[0] === name && own === place) })));
    else if (OVER_OUTPUTS[operation]) results.push(OVER_OUTPUTS[operation](everywhere(results[operands[0]], n)));
    else if (PARTIALS[operation]) results.push(elementwise(operation, operands.map((operand) => results[operand])));
    else return NaN;
  }
  return results.at(-1).length === 1 ? results.at(-1)[0].rate : NaN;
}

function elementwise(operation, operands) {
  const many = Math.max(...operands.map(({ length }) => length));
  return Array.from({ length: many }, (_, place) => {
    const duals = operands.map((each) => each[each.length === 1 ? 0 : place]);
    const numbers = duals.map(({ value }) => value);
    const partials = PARTIALS[operation](...numbers);
    // What does not change adds nothing, also where its derivative is not finite.
    const rate = duals.reduce((sum, dual, own) => sum + (dual.rate === 0 || partials[own] === 0 ? 0 : partials[own] * dual.rate), 0);
    return { value: OPERATIONS[operation](...numbers), rate };
  });
}

/** What looks at all outputs. @type {Record<string, (duals: Dual[]) => Dual[]>} */
const OVER_OUTPUTS = {
  sum: (duals) => [total(duals)],
  mean: (duals) => [scaled(total(duals), 1 / duals.length)],
  others: (duals) => duals.map((_, own) => total(duals.filter((_, other) => other !== own))),
  softmax: (duals) => shares(duals).map(({ share, rate, mean }) => ({ value: share, rate: share * (rate - mean) })),
  log_softmax: (duals) => shares(duals).map(({ logarithm, rate, mean }) => ({ value: logarithm, rate: rate - mean })),
};

function total(duals) {
  return duals.reduce((sum, { value, rate }) => ({ value: sum.value + value, rate: sum.rate + rate }), { value: 0, rate: 0 });
}

function scaled({ value, rate }, by) {
  return { value: value * by, rate: rate * by };
}

/** The softmax of each, its logarithm, and the mean of the rates that it makes. */
function shares(duals) {
  const highest = Math.max(...duals.map(({ value }) => value));
  const whole = duals.reduce((sum, { value }) => sum + Math.exp(value - highest), 0);
  const found = duals.map(({ value, rate }) => ({ share: Math.exp(value - highest) / whole, logarithm: value - highest - Math.log(whole), rate }));
  const mean = found.reduce((sum, { share, rate }) => sum + share * rate, 0);
  return found.map((each) => ({ ...each, mean }));
}
