/**
 * Numbers with the digits of a double and a range without end, as nodesim's wide_numbers has them: [m, e] is m·2^e with
 * 1/2 ≤ |m| < 1, or [m, 0] for 0, the infinities and NaN. For formulas that leave a double's range on their way.
 */

import { erf, erfc } from "./erf.js";

/** @typedef {[number, number]} Wide */

const LN2 = 0.693147180369123816490;
const LN2_REST = 1.90821492927058770002e-10;
const FARTHEST_EXP = 700;
const DIGITLESS = 1e15;
const WHOLE_POWERS = 1024;
const TINY = -500;
/** @type {Wide} */
const ZERO = [0, 0];
/** @type {Wide} */
const ONE = [0.5, 1];

/** @param {number} value @param {number} [exponent] @returns {Wide} value·2^exponent */
export function wide(value, exponent = 0) {
  if (value === 0 || !Number.isFinite(value)) return [value, 0];
  let [m, e] = [value, 0];
  if (Math.abs(m) < 2 ** -1000) [m, e] = [m * 2 ** 60, -60];
  // The logarithm may be rounded to the next whole number: one step mends that.
  const bits = Math.max(-1070, Math.min(1023, Math.floor(Math.log2(Math.abs(m)))));
  m = (m / 2 ** bits) / 2;
  e += bits + 1;
  if (Math.abs(m) >= 1) [m, e] = [m / 2, e + 1];
  if (Math.abs(m) < 0.5) [m, e] = [m * 2, e - 1];
  return [m, e + exponent];
}

/** @param {Wide} number The nearest double: an infinity where the number is too large, 0 where it is too small. */
export function double([m, e]) {
  if (e > 1024) return m * Infinity;
  if (e < -1080) return m * 0;
  // In three factors, none of which leaves the range: only the last one rounds.
  const half = Math.trunc(e / 2);
  return e > -1000 ? m * 2 ** half * 2 ** (e - half) : m * 2 ** -500 * 2 ** (e + 500);
}

/** @param {Wide} left @param {Wide} right @returns {Wide} */
function added(left, right) {
  const [[m, e], [n, f]] = [left, right];
  if (!Number.isFinite(m) || !Number.isFinite(n)) return [m + n, 0];
  if (m === 0 || n === 0) return m === 0 ? right : left;
  return e >= f ? wide(m + (f - e < -1074 ? 0 : n * 2 ** (f - e)), e) : added(right, left);
}

const negative = ([m, e]) => /** @type {Wide} */ ([-m, e]);
const multiplied = ([m, e], [n, f]) => wide(m * n, e + f);
const divided = ([m, e], [n, f]) => (n === 0 ? /** @type {Wide} */ ([m / n, 0]) : wide(m / n, e - f));

/** @param {Wide} number @returns {Wide} */
function exponential(number) {
  const x = double(number);
  if (Number.isNaN(x) || Math.abs(x) <= FARTHEST_EXP) return wide(Math.exp(x));
  const bits = x / Math.LN2;
  if (!Number.isFinite(bits)) return bits > 0 ? [Infinity, 0] : ZERO;
  if (Math.abs(x) > DIGITLESS) return [0.5, Math.trunc(bits)];
  const whole = Math.round(bits);
  return wide(Math.exp(x - whole * LN2 - whole * LN2_REST), whole);
}

/** @param {Wide} number @returns {Wide} */
function logarithm([m, e]) {
  if (m < 0) return [NaN, 0];
  if (m === 0 || !Number.isFinite(m)) return [Math.log(m), 0];
  return wide(Math.abs(e) < 1000 ? Math.log(double([m, e])) : Math.log(m) + e * Math.LN2);
}

/** @param {Wide} base @param {Wide} exponent @returns {Wide} */
function raised(base, exponent) {
  const [m, x] = [base[0], double(exponent)];
  if (x === 0) return ONE;
  if (Number.isInteger(x) && Math.abs(x) <= WHOLE_POWERS) {
    const power = wholePower(base, Math.abs(x));
    return x > 0 ? power : divided(ONE, power);
  }
  if (m === 0) return x > 0 ? ZERO : [x < 0 ? Infinity : x, 0];
  const size = exponential(multiplied(exponent, logarithm([Math.abs(m), base[1]])));
  if (m > 0 || Number.isNaN(m)) return size;
  if (!Number.isInteger(x)) return [NaN, 0];
  return x % 2 ? negative(size) : size;
}

function wholePower(base, exponent) {
  let [power, square] = [ONE, base];
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2) power = multiplied(power, square);
    square = multiplied(square, square);
  }
  return power;
}

/** @param {Wide} number @returns {Wide} */
function root([m, e]) {
  if (!(m > 0 && m < Infinity)) return [m >= 0 ? m : NaN, 0];
  const odd = Math.abs(e % 2);
  return wide(Math.sqrt(m * 2 ** odd), (e - odd) / 2);
}

function hyperbolic(number, sign) {
  const sum = added(exponential(number), multiplied(wide(sign), exponential(negative(number))));
  return multiplied(sum, wide(0.5));
}

/** A function that stays within a double's range, whose slope at 0 is `slope` if it is 0 there. */
function bounded(call, slope = 0) {
  return (number) => (slope && number[1] < TINY ? multiplied(wide(slope), number) : wide(call(double(number))));
}

/** What is all but the number itself near 0, and something else far out. */
function near(call, far, isNear) {
  return (number) => (number[1] < TINY ? number : isNear(double(number)) ? wide(call(double(number))) : far(number));
}

function compared(test) {
  return (left, right) => {
    if (!Number.isFinite(left[0]) || !Number.isFinite(right[0])) return wide(Number(test(double(left), double(right))));
    return wide(Number(test(added(left, negative(right))[0], 0)));
  };
}

function extreme(first) {
  return (left, right) => (Number.isNaN(left[0]) || Number.isNaN(right[0]) ? [NaN, 0] : first(left, right)[0] ? left : right);
}

const greater = compared((a, b) => a > b);
const less = compared((a, b) => a < b);

/** @type {Record<string, (...numbers: Wide[]) => Wide>} */
export const WIDE_OPERATIONS = {
  "+": added,
  "*": multiplied,
  "/": divided,
  "**": raised,
  negative,
  "<": less,
  "<=": compared((a, b) => a <= b),
  ">": greater,
  ">=": compared((a, b) => a >= b),
  abs: ([m, e]) => [Math.abs(m), e],
  asinh: near(Math.asinh, (number) => multiplied(wide(Math.sign(number[0])), logarithm([Math.abs(number[0]), number[1] + 1])), (x) => Math.abs(x) < 1e300),
  atan: bounded(Math.atan, 1),
  cos: bounded(Math.cos),
  cosh: (number) => hyperbolic(number, 1),
  erf: bounded(erf, 2 / Math.sqrt(Math.PI)),
  erfc: bounded(erfc),
  exp: exponential,
  expm1: near(Math.expm1, exponential, (x) => x <= FARTHEST_EXP),
  log: logarithm,
  log1p: near(Math.log1p, (number) => logarithm(added(ONE, number)), (x) => x > -1 && x < Infinity),
  max: extreme(greater),
  min: extreme(less),
  sign: ([m]) => wide(Math.sign(m)),
  sin: bounded(Math.sin, 1),
  sinh: near(Math.sinh, (number) => hyperbolic(number, -1), (x) => Math.abs(x) <= FARTHEST_EXP),
  sqrt: root,
  tan: bounded(Math.tan, 1),
  tanh: bounded(Math.tanh, 1),
  where: ([condition], then, otherwise) => (condition !== 0 ? then : otherwise),
};

/** What is made of the numbers of all outputs of a sample. @param {string} name @param {Wide[]} numbers */
export function wideOverOutputs(name, numbers) {
  if (name === "others") return others(numbers);
  const total = numbers.reduce(added);
  if (name === "sum") return [total];
  if (name === "mean") return [divided(total, wide(numbers.length))];
  const highest = numbers.reduce(WIDE_OPERATIONS.max);
  const below = numbers.map((number) => added(number, negative(highest)));
  const powers = below.map(exponential);
  if (name === "log_softmax") {
    const rest = others(powers)[numbers.indexOf(highest)] ?? highest;
    return below.map((each) => added(each, negative(WIDE_OPERATIONS.log1p(rest))));
  }
  const whole = powers.reduce(added);
  return powers.map((power) => divided(power, whole));
}

function others(numbers) {
  return numbers.map((_, own) => numbers.reduce((sum, number, place) => (place === own ? sum : added(sum, number)), ZERO));
}
