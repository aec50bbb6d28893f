/** From where to where something is drawn: the inputs of the samples, and the values of a node. */

import { runProgram } from "../programs.js";

const MARGIN = 0.08;
/** Where an activation shows what it is bounded by, if it is. */
const PROBES = [-1e6, -1e3, -40, -8, -4, -2, -Math.PI / 2, -1, -0.5, 0, 0.5, 1, Math.PI / 2, 2, 4, 8, 40, 1e3, 1e6];

/**
 * From where to where an input is drawn: over all samples, with a margin.
 * @param {number[]} numbers
 * @returns {[number, number]}
 */
export function span(numbers) {
  const finite = numbers.filter(Number.isFinite);
  if (!finite.length) return [-1, 1];
  const [least, most] = [finite.reduce((a, b) => Math.min(a, b)), finite.reduce((a, b) => Math.max(a, b))];
  const reach = least === most ? Math.max(1, Math.abs(least) / 2) : MARGIN * (most / 2 - least / 2) * 2;
  const ends = [least - reach, most + reach];
  return ends.every(Number.isFinite) ? /** @type {[number, number]} */ (ends) : [least, most];
}

/**
 * The least and the most that an activation sends; null where it has no bounds.
 * @param {any[]} steps Its program.
 * @returns {[number, number]|null}
 */
export function bounds(steps) {
  const found = PROBES.map((z) => runProgram(steps, { z: [z] })[0]);
  const [least, most] = [Math.min(...found), Math.max(...found)];
  return Number.isFinite(least) && Number.isFinite(most) && most - least < 20 && most > least ? [least, most] : null;
}

/**
 * From where to where values are coloured, the middle colour in the middle: what the activation is bounded by, or as far
 * on both sides of 0 as they reach, so that colours do not change their meaning with every step of a training.
 * @param {Float64Array} values
 * @param {[number, number]|null} bounded
 * @returns {[number, number]}
 */
export function scale(values, bounded) {
  if (bounded) return bounded;
  let most = 0;
  for (const value of values) if (Math.abs(value) > most && Number.isFinite(value)) most = Math.abs(value);
  const reach = nice(most);
  return [-reach, reach];
}

/** The next of 1, 2, 5, 10 ... that is as large. @param {number} value */
export function nice(value) {
  if (!(value > 1e-300)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((digit) => digit * power).find((each) => each >= value * (1 - 1e-9)) ?? value;
}

/** Round numbers within a span, about so many. @param {[number, number]} span @param {number} many */
export function ticks([least, most], many) {
  const apart = (most - least) / many;
  if (!(apart > 0) || !Number.isFinite(apart)) return [least];
  const step = nice(apart);
  const first = Math.ceil(least / step);
  const count = Math.floor(most / step) - first;
  return count > 50 ? [least] : Array.from({ length: count + 1 }, (_, place) => Number(((first + place) * step).toPrecision(12)) + 0);
}

/** A span with a margin. @param {[number, number]} span @returns {[number, number]} */
export function widened([least, most]) {
  const reach = 0.06 * (most - least);
  return [least - reach, most + reach];
}

/** The least and the most of some values, and where they are; null where none is finite. */
export function extremes(values) {
  let [least, most, leastAt, mostAt] = [Infinity, -Infinity, -1, -1];
  for (let i = 0; i < values.length; i++) {
    if (values[i] < least && values[i] > -Infinity) [least, leastAt] = [values[i], i];
    if (values[i] > most && values[i] < Infinity) [most, mostAt] = [values[i], i];
  }
  return leastAt < 0 ? null : { least, most, leastAt, mostAt };
}
