/** Formulas in MathML. */

import { m } from "./dom.js";
import { numbered, shown } from "./names.js";
import { number } from "./numbers.js";

/** A name: the number as an index, where there is one. @param {string} name */
export function name(name) {
  const parts = numbered(name);
  if (parts) return m("msub", letters(parts.letters), m("mn", parts.index));
  return /^[A-Za-z]$/.test(name) ? m("mi", name) : m("mtext", shown(name));
}

/** A partial derivative. @param {string} top @param {string} bottom */
export function fraction(top, bottom) {
  return m("mfrac", m("mrow", m("mi", "∂"), name(top)), m("mrow", m("mi", "∂"), name(bottom)));
}

/** A number; powers of ten written as such. @param {number} value @param {number} [digits] */
export function value(value, digits = 6) {
  const [mantissa, exponent] = number(value, digits).split("e");
  const negative = mantissa.startsWith("−");
  const digitsOnly = m(/\d/.test(mantissa) ? "mn" : "mtext", negative ? mantissa.slice(1) : mantissa);
  const signed = negative ? [m("mo", "−"), digitsOnly] : [digitsOnly];
  if (exponent === undefined) return m("mrow", ...signed);
  return m("mrow", ...signed, operator("×"), m("msup", m("mn", "10"), power(exponent)));
}

/** A number inside a product: a negative one in brackets. @param {number} value_ @param {number} [digits] */
export function inside(value_, digits = 4) {
  const written = value(value_, digits);
  return number(value_, digits).startsWith("−") ? m("mrow", operator("("), written, operator(")")) : written;
}

/** @param {string} sign */
export function operator(sign) {
  return m("mo", sign);
}

/** A formula that stands by itself. @param {...Node} children */
export function formula(...children) {
  return m("math", ...children);
}

/** A partial derivative that stands by itself. @param {string} top @param {string} bottom */
export function derivative(top, bottom) {
  return formula(fraction(top, bottom));
}

/**
 * A product: the symbols, and each number under its symbol.
 * @param {import("./factors.js").Factor[]} factors
 * @param {boolean} goesOn Whether further factors follow.
 */
export function product(factors, goesOn) {
  const rows = [[], []];
  factors.forEach(({ top, bottom, value: number, known }, place) => {
    rows[0].push(fraction(top, bottom));
    rows[1].push(known ? inside(number) : m("mtext", ""));
    if (goesOn || place < factors.length - 1) rows.forEach((row, index) => row.push(index === 0 || known ? operator("·") : m("mtext", "")));
  });
  return formula(m("mtable", ...rows.map((row) => m("mtr", ...row.map((cell) => m("mtd", cell))))));
}

function letters(letters) {
  const word = m("mi", letters);
  word.setAttribute("mathvariant", "normal");
  return word;
}

function power(exponent) {
  const digits = m("mn", String(Number(exponent.replace("−", ""))));
  return exponent.startsWith("−") ? m("mrow", m("mo", "−"), digits) : digits;
}
