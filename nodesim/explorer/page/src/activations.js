/** The built-in activations, in the same stable forms as nodesim's: each a function of H, and its derivative. */

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;
const FLAT = 40;
const CANCELS = 2 ** -9;

/** @param {number} z */
export function sigmoid(z) {
  const small = Math.exp(-Math.abs(z));
  return (z >= 0 ? 1 : small) / (1 + small);
}

/** a(1 − a); where a is rounded to almost 1, 1 − a is taken from z. @param {number} z @param {number} a */
function sigmoidSlope(z, a) {
  const rest = 1 - a;
  return a * (rest < CANCELS ? Math.exp(-z) * a : rest);
}

/** 1 − a² = (1 + |a|)(1 − |a|), likewise. @param {number} z @param {number} a */
function tanhSlope(z, a) {
  const [whole, rest] = [1 + Math.abs(a), 1 - Math.abs(a)];
  return whole * (rest < CANCELS ? Math.exp(-Math.abs(z)) ** 2 * whole : rest);
}

/** log(1 + exp(z)), without overflow. @param {number} z */
export function softplus(z) {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}

function clip(z, least, most) {
  return Math.min(Math.max(z, least), most);
}

/** tanh(softplus(z)) and 1 − tanh(softplus(z))², from exp(−|z|) alone. */
function gate(z) {
  const small = Math.exp(-Math.abs(z));
  const whole = z >= 0 ? 1 + 2 * small : small * (small + 2);
  const rest = z >= 0 ? 2 * small * small : 2;
  return [whole / (whole + rest), (rest * (2 * whole + rest)) / (whole + rest) ** 2];
}

/** The complementary error function: a series of positive terms near 0, a continued fraction beyond. @param {number} x */
export function erfc(x) {
  if (x < 0) return 2 - erfc(-x);
  if (x > 27.3) return 0;
  return x < 2 ? 1 - erfSeries(x) : erfcFraction(x);
}

/** The error function; near 0 from its own series, as 1 − erfc(x) would cancel. @param {number} x */
export function erf(x) {
  if (Math.abs(x) >= 2) return x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
  return Math.abs(x) < 1e-150 ? (2 / Math.sqrt(Math.PI)) * x : Math.sign(x) * erfSeries(Math.abs(x));
}

function erfSeries(x) {
  let term = x;
  let sum = x;
  for (let n = 1; term > sum * 1e-18; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

function erfcFraction(x) {
  let fraction = 0;
  for (let n = 80; n > 0; n--) fraction = n / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}

function normalBelow(z) {
  return 0.5 * erfc(z * -Math.SQRT1_2);
}

function geluSlope(z) {
  const near = clip(z, -FLAT, FLAT);
  return normalBelow(z) + (near * Math.exp(-0.5 * near * near)) / Math.sqrt(2 * Math.PI);
}

function gaussian(z) {
  const near = clip(z, -FLAT, FLAT);
  return Math.exp(-near * near);
}

/**
 * By name: [HA from H, ∂HA/∂H from H and HA], both with the parameters as the last argument.
 * @type {Record<string, [Function, Function|null]>}
 */
export const ACTIVATIONS = {
  linear: [(z) => z + 0, () => 1],
  sigmoid: [sigmoid, sigmoidSlope],
  tanh: [Math.tanh, tanhSlope],
  relu: [(z) => Math.max(z, 0), (z) => Number(z > 0)],
  leaky_relu: [(z, { slope = 0.01 }) => (z > 0 ? z : slope * z), (z, a, { slope = 0.01 }) => (z > 0 ? 1 : slope)],
  elu: [
    (z, { alpha = 1 }) => (z > 0 ? z : alpha * Math.expm1(Math.min(z, 0))),
    (z, a, { alpha = 1 }) => (z > 0 ? 1 : alpha * Math.exp(Math.min(z, 0))),
  ],
  selu: [
    (z) => SELU_SCALE * (z > 0 ? z : SELU_ALPHA * Math.expm1(Math.min(z, 0))),
    (z) => (z > 0 ? SELU_SCALE : SELU_SCALE * SELU_ALPHA * Math.exp(Math.min(z, 0))),
  ],
  softplus: [softplus, sigmoid],
  softsign: [(z) => z / (1 + Math.abs(z)), (z) => (1 / (1 + Math.abs(z))) ** 2],
  silu: [(z) => z * sigmoid(z), (z) => sigmoid(z) * (1 + z * sigmoid(-z))],
  gelu: [(z) => z * normalBelow(z), geluSlope],
  mish: [(z) => z * gate(z)[0], (z) => gate(z)[0] + z * (gate(z)[1] * sigmoid(z))],
  hard_sigmoid: [(z) => clip(z, -3, 3) / 6 + 0.5, (z) => (Math.abs(z) < 3 ? 1 / 6 : 0)],
  hard_tanh: [(z) => clip(z, -1, 1), (z) => Number(Math.abs(z) < 1)],
  gaussian: [gaussian, (z, a) => -2 * (z * a)],
  sine: [Math.sin, Math.cos],
  step: [(z) => Number(z >= 0), null],
};

/**
 * Read a name with parameters, as a document has it: `leaky_relu(slope=0.2)`.
 * @param {string} text
 * @returns {{name: string, parameters: Record<string, number>}}
 */
export function specification(text) {
  const [, name, inside] = /^([^(]*)(?:\((.*)\))?$/s.exec(text);
  const parts = inside ? inside.split(",").map((part) => part.split("=")) : [];
  return { name, parameters: Object.fromEntries(parts.map(([key, value]) => [key.trim(), Number(value)])) };
}
