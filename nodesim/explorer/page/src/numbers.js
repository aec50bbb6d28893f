/** How numbers are written: as in nodesim's notation.py, with a real minus sign. */

import { marked, worded } from "./words.js";

const MINUS = "−";

/** What is counted. */
const ONE = { path: marked("1 path"), node: marked("1 node"), connection: marked("1 connection"), "hidden layer": marked("1 hidden layer"), row: marked("1 row"), input: marked("1 input"), output: marked("1 output") };
const MANY = { path: marked("{count} paths"), node: marked("{count} nodes"), connection: marked("{count} connections"), "hidden layer": marked("{count} hidden layers"), row: marked("{count} rows"), input: marked("{count} inputs"), output: marked("{count} outputs") };

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * Write a number with so many significant digits, as Python's `g` does, powers of ten as 1.5×10⁻⁷.
 * @param {number} value
 * @param {number} [digits]
 */
export function number(value, digits = 6) {
  const { mantissa, exponent } = parts(value, digits);
  return exponent === null ? mantissa : `${mantissa}×${tenTo(exponent)}`;
}

/**
 * What is written of a number: its digits, and the power of ten where there is one.
 * @param {number} value
 * @param {number} [digits]
 * @returns {{mantissa: string, exponent: number|null}}
 */
export function parts(value, digits = 6) {
  if (Number.isNaN(value)) return { mantissa: "NaN", exponent: null };
  if (!Number.isFinite(value)) return { mantissa: value > 0 ? "∞" : `${MINUS}∞`, exponent: null };
  if (value === 0) return { mantissa: "0", exponent: null };
  const [mantissa, power] = Math.abs(value).toExponential(digits - 1).split("e");
  const exponent = Number(power);
  const sign = value < 0 ? MINUS : "";
  if (exponent < -4 || exponent >= digits) return { mantissa: sign + trimmed(mantissa), exponent };
  return { mantissa: sign + trimmed(Math.abs(value).toFixed(Math.max(0, digits - 1 - exponent))), exponent: null };
}

/** Write a power of ten. @param {number} exponent */
export function tenTo(exponent) {
  const digits = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS[Number(digit)]).join("");
  return `10${exponent < 0 ? "⁻" : ""}${digits}`;
}

/** Write a number so that no bit of it is lost. @param {number} value */
export function exact(value) {
  if (!Number.isFinite(value)) return number(value);
  const [mantissa, exponent] = String(value).replace(/^-/, MINUS).split("e");
  return exponent === undefined ? mantissa : `${mantissa}×${tenTo(Number(exponent))}`;
}

/** Write a number inside a product: a negative one, and one with a power of ten, in brackets. @param {number} value @param {number} [digits] */
export function factor(value, digits = 4) {
  const text = number(value, digits);
  return text.startsWith(MINUS) || text.includes("×") ? `(${text})` : text;
}

/** Write how much something changes: with its sign, also above 0. @param {number} value @param {number} [digits] */
export function withSign(value, digits = 4) {
  return (value > 0 ? "+" : "") + number(value, digits);
}

/** The sign before a number that is written with so many digits: ≈ where some are lost. @param {number} value @param {number} [digits] */
export function equals(value, digits = 6) {
  return Number.isFinite(value) && Number(value.toPrecision(digits)) !== value ? "≈" : "=";
}

/** Whether a count, a decimal string, is at most so large. Counts too long to be written whole begin with ≈. @param {string} count @param {number} most */
export function isAtMost(count, most) {
  return !count.startsWith("≈") && count.length < 16 && Number(count) <= most;
}

/** What is left of a count. @param {string} count @param {number} less */
export function minus(count, less) {
  return count.startsWith("≈") ? count : String(BigInt(count) - BigInt(less));
}

/** Write a count given as a decimal string, with thousands apart. @param {string} count */
export function count(count) {
  if (count.startsWith("≈")) return count;
  const grouped = count.replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
  return count.length <= 60 ? grouped : `${grouped.slice(0, 40)}… ${worded("({count} digits)", { count: count.length })}`;
}

/** Write a count with its noun. @param {string} many @param {string} noun */
export function plural(many, noun) {
  return worded(many === "1" ? ONE[noun] : MANY[noun], { count: count(many) });
}

/** Write a share as a percentage; a share close to the whole is not rounded up to it. @param {number} share @param {number} [digits] */
export function percent(share, digits = 4) {
  if (!Number.isFinite(share)) return worded("an undefined share");
  const text = number(share * 100, digits);
  const written = `${text}\u00a0%`;
  return text === "100" && share !== 1 ? worded("almost {percent}", { percent: written }) : written;
}

function trimmed(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** A number as JSON has it: one that is not finite as text. @param {number} value */
export function plain(value) {
  return Number.isFinite(value) ? value : String(value);
}
