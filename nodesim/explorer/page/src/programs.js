/**
 * Formulas as programs: a list of steps, each of earlier ones, as a document has them of activations and losses. A step
 * is ["number", 2], ["name", "z"], or an operation and the places of what it takes.
 */

import { erf, erfc } from "./erf.js";
import { double, wide, WIDE_OPERATIONS, wideOverOutputs } from "./wide.js";

export const OVER_OUTPUTS = new Set(["mean", "sum", "softmax", "log_softmax", "others"]);

/** @type {Record<string, (...numbers: number[]) => number>} */
export const OPERATIONS = {
  "+": (u, v) => u + v,
  "*": (u, v) => u * v,
  "/": (u, v) => u / v,
  "**": (u, v) => u ** v,
  negative: (u) => -u,
  "<": (u, v) => Number(u < v),
  "<=": (u, v) => Number(u <= v),
  ">": (u, v) => Number(u > v),
  ">=": (u, v) => Number(u >= v),
  where: (condition, then, otherwise) => (condition !== 0 ? then : otherwise),
  // Of two numbers, whatever else they are called with.
  max: (u, v) => Math.max(u, v),
  min: (u, v) => Math.min(u, v),
  erf,
  erfc,
};
for (const name of ["abs", "asinh", "atan", "cos", "cosh", "exp", "expm1", "log", "log1p", "sign", "sin", "sinh", "sqrt", "tan", "tanh"]) {
  OPERATIONS[name] = Math[name];
}

/**
 * Run a program for one sample.
 * @param {Array<[string, ...(number|string)[]]>} steps
 * @param {Record<string, number[]>} values For each name one number, or one for each output.
 * @param {number} [n] How many outputs there are.
 * @returns {number[]}
 */
export function runProgram(steps, values, n = 1) {
  const plain = run(steps, values, n, (value) => value, OPERATIONS, overOutputs);
  if (isSound(steps, plain)) return plain[plain.length - 1];
  const results = run(steps, values, n, wide, WIDE_OPERATIONS, wideOverOutputs);
  return results[results.length - 1].map(double);
}

/**
 * Make a function of single numbers of a program that looks at no outputs: the same in a tenth of the time.
 * @param {Array<[string, ...(number|string)[]]>} steps
 * @returns {(z: number, a?: number) => number}
 */
export function ofNumbers(steps) {
  const results = new Float64Array(steps.length);
  const [letters, calls] = [[], []];
  steps.forEach(([operation, ...operands], place) => {
    if (operation === "number") results[place] = /** @type {number} */ (operands[0]);
    else if (operation === "name") letters.push([place, operands[0] === "a"]);
    else calls.push({ place, call: OPERATIONS[operation], u: operands[0], v: operands[1] ?? 0, w: operands[2] ?? 0 });
  });
  return (z, a = 0) => {
    for (const [place, activated] of letters) results[place] = activated ? a : z;
    let sum = 0;
    for (const { place, call, u, v, w } of calls) sum += results[place] = call(results[u], results[v], results[w]);
    // A sum is finite only where all its terms are.
    if (Number.isFinite(sum + 0 * z + 0 * a)) return results[steps.length - 1];
    return runProgram(steps, { z: [z], a: [a] })[0];
  };
}

function run(steps, values, n, make, operations, reduce) {
  const results = [];
  for (const [operation, ...operands] of steps) {
    if (operation === "number") results.push([make(operands[0])]);
    else if (operation === "name") results.push(values[operands[0]].map((value) => make(value)));
    else if (OVER_OUTPUTS.has(operation)) results.push(reduce(operation, everywhere(results[operands[0]], n)));
    else results.push(elementwise(operations[operation], operands.map((place) => results[place])));
  }
  return results;
}

/** Whether what comes out comes from finite numbers: also a finite one may be wrong, as 1 over what became infinite. */
function isSound(steps, results) {
  if (results.every((numbers) => numbers.every(Number.isFinite))) return true;
  const sound = [];
  steps.forEach(([operation, ...operands], place) => {
    const own = results[place].map(Number.isFinite);
    if (operation === "number" || operation === "name") return sound.push(own);
    const whole = operands.map((operand) => sound[operand]);
    if (OVER_OUTPUTS.has(operation)) return sound.push(own.map((fine) => fine && whole[0].every(Boolean)));
    // What a where leaves out counts for nothing.
    const fine = operation === "where" ? (c, then, otherwise, value) => c && (value ? then : otherwise) : (...each) => each.every(Boolean);
    const last = operation === "where" ? results[operands[0]].map((condition) => condition !== 0) : own;
    return sound.push(elementwise(fine, [...whole, last]));
  });
  return sound[sound.length - 1].every(Boolean);
}

function elementwise(call, operands) {
  const count = Math.max(...operands.map(({ length }) => length));
  return Array.from({ length: count }, (_, place) => call(...operands.map((each) => each[each.length === 1 ? 0 : place])));
}

/** What is the same for all outputs counts once for each. @template T @param {T[]} numbers @param {number} n @returns {T[]} */
export function everywhere(numbers, n) {
  return numbers.length === n ? numbers : Array.from({ length: n }, () => numbers[0]);
}

export function overOutputs(name, numbers) {
  const sum = (each) => each.reduce((total, value) => total + value, 0);
  if (name === "sum") return [sum(numbers)];
  if (name === "mean") return [sum(numbers.map((value) => value / numbers.length))];
  if (name === "others") return others(numbers);
  const highest = Math.max(...numbers);
  const below = numbers.map((value) => value - highest);
  const powers = below.map(Math.exp);
  if (name === "log_softmax") {
    // log(1 + the others) for the logarithm of the sum, in which others below 1e-16 would be lost.
    const logarithm = Math.log1p(sum([...powers].sort((a, b) => a - b).slice(0, -1)));
    return below.map((each) => each - logarithm);
  }
  const whole = sum(powers);
  return powers.map((power) => power / whole);
}

/** For each number the sum of the others, added up from both ends: a difference could leave nothing. */
function others(numbers) {
  const found = numbers.map(() => 0);
  for (let place = 1, before = 0; place < numbers.length; place++) found[place] = before += numbers[place - 1];
  for (let place = numbers.length - 2, after = 0; place >= 0; place--) found[place] += after += numbers[place + 1];
  return found;
}
