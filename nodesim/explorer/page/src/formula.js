/** Formulas in MathML. */

import { m } from "./dom.js";
import { bracketed, numbered, shown } from "./names.js";
import { number, parts } from "./numbers.js";

/** A name: the number, or the name in brackets, as an index, where there is one. @param {string} name */
export function name(name) {
  const parts = numbered(name);
  if (parts) return m("msub", letters(parts.letters), m("mn", parts.index));
  const named = bracketed(name);
  if (named) return m("msub", letters(named.letters), m("mtext", shown(named.inner)));
  return /^[A-Za-z]$/.test(name) ? m("mi", name) : m("mtext", shown(name));
}

/** A partial derivative. @param {string} top @param {string} bottom */
export function fraction(top, bottom) {
  return m("mfrac", m("mrow", m("mi", "∂"), name(top)), m("mrow", m("mi", "∂"), name(bottom)));
}

/** A number; powers of ten written as such. @param {number} value @param {number} [digits] */
export function value(value, digits = 6) {
  const { mantissa, exponent } = parts(value, digits);
  const negative = mantissa.startsWith("−");
  const digitsOnly = m(/\d/.test(mantissa) ? "mn" : "mtext", negative ? mantissa.slice(1) : mantissa);
  const signed = negative ? [m("mo", "−"), digitsOnly] : [digitsOnly];
  if (exponent === null) return m("mrow", ...signed);
  return m("mrow", ...signed, operator("×"), m("msup", m("mn", "10"), power(exponent)));
}

/** The size of a number, without its sign. @param {number} value_ @param {number} [digits] */
export function magnitude(value_, digits = 6) {
  return value(Math.abs(value_), digits);
}

/** A number inside a product: a negative one in brackets. @param {number} value_ @param {number} [digits] */
export function inside(value_, digits = 4) {
  const written = value(value_, digits);
  return number(value_, digits).startsWith("−") ? m("mrow", operator("("), written, operator(")")) : written;
}

/** A sign between two things. @param {string} sign */
export function operator(sign) {
  const element = m("mo", sign);
  // A formula that begins with a sign of relation, on a line of its own, keeps its distance.
  if (/[=≈]/.test(sign)) ["lspace", "rspace"].forEach((side) => element.setAttribute(side, "0.28em"));
  return element;
}

/** A formula that stands by itself. @param {...Node} children */
export function formula(...children) {
  const element = m("math", ...children);
  element.setAttribute("displaystyle", "true");
  return element;
}

/** A partial derivative that stands by itself. @param {string} top @param {string} bottom */
export function derivative(top, bottom) {
  return formula(fraction(top, bottom));
}

/**
 * A product: the symbols, and each number under its symbol.
 * @param {import("./factors.js").Factor[]} factors
 * @param {boolean} goesOn Whether further factors follow.
 * @param {{symbol: Node, value: number}|null} [before] What stands before the factors, NaN where its number is not known.
 */
export function product(factors, goesOn, before = null) {
  const rows = [[], []];
  if (before) {
    const known = !Number.isNaN(before.value) || factors.some((factor) => factor.known);
    rows[0].push(before.symbol, operator("·"));
    rows[1].push(known ? inside(before.value) : m("mtext", ""), known ? operator("·") : m("mtext", ""));
  }
  factors.forEach(({ top, bottom, value: number, known }, place) => {
    rows[0].push(even(fraction(top, bottom)));
    rows[1].push(known ? inside(number) : m("mtext", ""));
    if (goesOn || place < factors.length - 1) rows.forEach((row, index) => row.push(index === 0 || known ? operator("·") : m("mtext", "")));
  });
  const table = m("mtable", ...rows.map((row) => m("mtr", ...row.map((cell) => m("mtd", cell)))));
  table.setAttribute("displaystyle", "true");
  return formula(table);
}

/** Fractions of one height, so that the numbers below stand on one line. */
function even(fraction) {
  const padded = m("mpadded", fraction);
  padded.setAttribute("height", "1.75em");
  padded.setAttribute("depth", "1.2em");
  return padded;
}

function letters(letters) {
  const word = m("mi", letters);
  word.setAttribute("mathvariant", "normal");
  return word;
}

function power(exponent) {
  const digits = m("mn", String(Math.abs(exponent)));
  return exponent < 0 ? m("mrow", m("mo", "−"), digits) : digits;
}
