/** The scales of charts: where numbers of any size stand, and how their axis is labelled. */

import { number, tenTo } from "./numbers.js";

const MOST_POWERS = 7;
/** Epochs, and exponents, are whole numbers. */
export const WHOLE_STEPS = Array.from({ length: 8 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

/** Where numbers are drawn and how the axis is labelled: the library's own scales end at 1e-16. */
export function scaleOf(numbers) {
  const finite = numbers.filter(Number.isFinite);
  const positive = finite.filter((value) => value > 0);
  const [least, most] = [positive.reduce((a, b) => Math.min(a, b), Infinity), positive.reduce((a, b) => Math.max(a, b), 0)];
  // So far apart that the small ones could not be told from 0.
  const wide = positive.length > 0 && most / least > 30 && finite.every((value) => value >= 0);
  return wide ? logarithmic(least, most, positive.length < finite.length) : linear(finite);
}

/** By the exponents of ten; what is 0 stands a step below the smallest. */
function logarithmic(least, most, hasZero) {
  const [lowest, highest] = [Math.floor(Math.log10(least) + 1e-9), Math.max(Math.ceil(Math.log10(most) - 1e-9), Math.floor(Math.log10(least)) + 1)];
  const step = WHOLE_STEPS.find((each) => (highest - lowest) / each <= MOST_POWERS);
  const [first, zero] = [Math.floor(lowest / step) * step, Math.floor(lowest / step) * step - step];
  const powers = Array.from({ length: Math.floor((highest - first) / step) + 1 }, (_, place) => first + place * step);
  const splits = hasZero ? [zero, ...powers] : powers;
  return {
    logarithmic: true,
    place: (value) => (value > 0 ? Math.log10(value) : zero),
    range: () => [splits[0], highest],
    splits: () => splits,
    label: (exponent) => (hasZero && exponent === zero ? "0" : Math.abs(exponent) < 4 ? number(10 ** exponent, 3) : tenTo(exponent)),
  };
}

/** In units of a power of ten. */
function linear(finite) {
  const size = finite.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const exponent = size > 0 ? Math.floor(Math.log10(size)) : 0;
  const unit = Math.abs(exponent) < 4 ? 0 : exponent;
  return {
    logarithmic: false,
    // In two steps: 1e-320 is no factor.
    place: (value) => (unit ? value / 10 ** (unit - Math.trunc(unit / 2)) / 10 ** Math.trunc(unit / 2) : value),
    range: null,
    splits: null,
    label: (tick) => (unit && tick ? `${number(tick, 4)}×${tenTo(unit)}` : number(tick, 4)),
  };
}
