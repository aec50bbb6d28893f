/** Derivatives of programs by what they take: each number carries with it how it changes, by the rules of differentiation. */

import { OPERATIONS } from "./programs.js";

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
    else if (operation === "mean" || operation === "sum" || operation === "softmax") results.push(overOutputs(operation, everywhere(results[operands[0]], n)));
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

function everywhere(duals, n) {
  return duals.length === n ? duals : Array.from({ length: n }, () => duals[0]);
}

function overOutputs(operation, duals) {
  const total = (key) => duals.reduce((sum, dual) => sum + dual[key], 0);
  const share = operation === "mean" ? 1 / duals.length : 1;
  if (operation !== "softmax") return [{ value: total("value") * share, rate: total("rate") * share }];
  const highest = Math.max(...duals.map(({ value }) => value));
  const powers = duals.map(({ value }) => Math.exp(value - highest));
  const whole = powers.reduce((sum, power) => sum + power, 0);
  const mean = duals.reduce((sum, { rate }, own) => sum + (rate * powers[own]) / whole, 0);
  return duals.map(({ rate }, own) => ({ value: powers[own] / whole, rate: (powers[own] / whole) * (rate - mean) }));
}
