/**
 * The operations of formulas over columns: each takes the numbers of many samples at once, and writes into `out`. Of
 * several outputs the numbers stand one output behind the other, those of the same output side by side.
 *
 * The arithmetic has loops of its own: one loop that calls this or that function would be called by all, and slow.
 */

import { OPERATIONS, OVER_OUTPUTS, overOutputs } from "../programs.js";

/**
 * @typedef {(out: Float64Array, n: number, u: Float64Array, v: Float64Array, w: Float64Array, samples: number) => void} Operation
 * The first n numbers of up to three columns, which are those of so many samples.
 */

/** @type {Record<string, Operation>} */
const LOOPS = {
  "+": (out, n, u, v) => {
    for (let i = 0; i < n; i++) out[i] = u[i] + v[i];
  },
  "*": (out, n, u, v) => {
    for (let i = 0; i < n; i++) out[i] = u[i] * v[i];
  },
  "/": (out, n, u, v) => {
    for (let i = 0; i < n; i++) out[i] = u[i] / v[i];
  },
  negative: (out, n, u) => {
    for (let i = 0; i < n; i++) out[i] = -u[i];
  },
  "<": (out, n, u, v) => {
    for (let i = 0; i < n; i++) out[i] = u[i] < v[i] ? 1 : 0;
  },
  "<=": (out, n, u, v) => {
    for (let i = 0; i < n; i++) out[i] = u[i] <= v[i] ? 1 : 0;
  },
  ">": (out, n, u, v) => {
    for (let i = 0; i < n; i++) out[i] = u[i] > v[i] ? 1 : 0;
  },
  ">=": (out, n, u, v) => {
    for (let i = 0; i < n; i++) out[i] = u[i] >= v[i] ? 1 : 0;
  },
  where: (out, n, u, v, w) => {
    for (let i = 0; i < n; i++) out[i] = u[i] !== 0 ? v[i] : w[i];
  },
  abs: (out, n, u) => {
    for (let i = 0; i < n; i++) out[i] = Math.abs(u[i]);
  },
  max: (out, n, u, v) => {
    for (let i = 0; i < n; i++) out[i] = Math.max(u[i], v[i]);
  },
  min: (out, n, u, v) => {
    for (let i = 0; i < n; i++) out[i] = Math.min(u[i], v[i]);
  },
  exp: (out, n, u) => {
    for (let i = 0; i < n; i++) out[i] = Math.exp(u[i]);
  },
  expm1: (out, n, u) => {
    for (let i = 0; i < n; i++) out[i] = Math.expm1(u[i]);
  },
  log: (out, n, u) => {
    for (let i = 0; i < n; i++) out[i] = Math.log(u[i]);
  },
  log1p: (out, n, u) => {
    for (let i = 0; i < n; i++) out[i] = Math.log1p(u[i]);
  },
  sqrt: (out, n, u) => {
    for (let i = 0; i < n; i++) out[i] = Math.sqrt(u[i]);
  },
  tanh: (out, n, u) => {
    for (let i = 0; i < n; i++) out[i] = Math.tanh(u[i]);
  },
};

/** What of a number that is not finite makes no finite one: where nothing else is done with it, the end tells. */
const OPEN = new Set(["+", "*", "negative", "where", "abs", "sqrt", "log", "sin", "cos", "tan", "sinh", "cosh", "asinh", "sum", "mean"]);

/** Whether what goes in infinite may come out finite, and be wrong. @param {string} name */
export function hides(name) {
  return !OPEN.has(name);
}

/** @param {string} name @returns {Operation} */
export function operation(name) {
  if (OVER_OUTPUTS.has(name)) return acrossOutputs(name);
  return LOOPS[name] ?? oneByOne(OPERATIONS[name]);
}

function oneByOne(call) {
  return (out, n, u, v, w) => {
    for (let i = 0; i < n; i++) out[i] = call(u[i], v[i], w[i]);
  };
}

/** What is the same for all outputs stands there once for each, as do the numbers that come in. */
function acrossOutputs(name) {
  return (out, n, u, v, w, samples) => {
    const outputs = n / samples;
    for (let s = 0; s < samples; s++) {
      const numbers = Array.from({ length: outputs }, (_, place) => u[place * samples + s]);
      const found = overOutputs(name, numbers);
      for (let place = 0; place < outputs; place++) out[place * samples + s] = found[found.length === 1 ? 0 : place];
    }
  };
}
