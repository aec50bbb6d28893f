/** Steps as formulas: the symbols, the numbers put in, and what comes out. */

import { m } from "./dom.js";
import { fraction, formula, inside, name, operator, value } from "./formula.js";
import { shown } from "./names.js";
import { equals, number } from "./numbers.js";

const MOST_TERMS = 8;
export const MOST_IN_LINE = 60;
/** Longer texts may be broken before their signs, where there is no room. */
const MOST_IN_PIECE = 30;

/**
 * A step as a formula, in pieces where lines may break.
 * @param {import("./steps.js").Step} step
 */
export function stepFormula(step) {
  const parts = [symbol(step.quantity), operator("=")];
  const last = [operator(equals(step.value)), value(step.value)];
  const terms = abbreviated(step.terms);
  if (step.call) {
    const [{ symbols, values }] = step.terms;
    const written = step.written === null ? [call(step.call, value(values[0], 4))] : [...words(step.written), operator("="), ...words(step.numbers)];
    // tanh(H1) is its own formula.
    if (step.written === `${step.call}(${symbols[0].top})`) written.splice(0, written.length, ...words(step.numbers));
    parts.push(call(step.call, symbol(symbols[0])), operator("="), ...written, ...last);
  } else if (step.written !== null) {
    const numbers = step.numbers !== null && step.numbers !== step.written ? [operator("="), ...words(step.numbers)] : [];
    parts.push(...words(step.written), ...numbers, ...(step.written === number(step.value) ? [] : last));
  }
  else if (terms.length) parts.push(...sum(terms, ({ symbols }) => symbols.map(symbol)), operator("="), ...sum(terms, ({ values }) => values.map((each) => inside(each))), ...last);
  else parts.push(value(step.value));
  return broken(parts);
}

/** A formula that is text; a long one in pieces. */
function words(text) {
  return pieces(text).map((piece) => {
    const written = m("mrow", ...lettered(piece));
    written.setAttribute("class", "words");
    return written;
  });
}

/** The article's names in a text with their numbers as indices, as elsewhere; other names may contain anything. */
function lettered(text) {
  const parts = text.includes("[") ? [text] : text.split(/(?<![A-Za-z0-9_])((?:HA|OA|[IHOBWyp])\d+)(?![A-Za-z0-9_])/);
  return parts.flatMap((part, place) => (place % 2 ? [name(part)] : part ? [m("mtext", shown(part).replace(/^ | $/g, "\u00a0"))] : []));
}

/** A long text in pieces, each beginning with a sign: those outside of brackets first. */
function pieces(text) {
  if (text.length <= MOST_IN_PIECE) return [text];
  const signs = [];
  let depth = 0;
  for (let place = 0; place < text.length; place++) {
    depth += Number(text[place] === "(") - Number(text[place] === ")");
    if (place && /^ [+−] /.test(text.slice(place, place + 3))) signs.push({ place, depth });
  }
  if (!signs.length) return [text];
  const least = Math.min(...signs.map((sign) => sign.depth));
  const cuts = [0, ...signs.filter((sign) => sign.depth === least).map(({ place }) => place), text.length];
  return cuts.slice(1).flatMap((end, part) => pieces(text.slice(cuts[part], end).trim()));
}

/** Break a long formula before its signs of equality, as a page of mathematics does, between the terms of a sum and between pieces of text. */
function broken(parts) {
  const pieces = [[]];
  for (const part of parts) {
    const isEqual = part.localName === "mo" && /[=≈+]/.test(part.textContent);
    const goesOn = isWords(part) && isWords(pieces.at(-1).at(-1));
    if ((isEqual && pieces[0].length) || goesOn) pieces.push([]);
    pieces.at(-1).push(part);
  }
  return pieces.map(([sign, ...rest]) => formula(m("mrow", sign, rest.length > 0 && space(), ...rest)));
}

function isWords(part) {
  return part?.getAttribute("class") === "words";
}

/** Words do not keep a distance from a sign by themselves. */
function space() {
  const element = m("mspace");
  element.setAttribute("width", "0.25em");
  return element;
}

function symbol({ top, bottom }) {
  return bottom === null ? name(top) : fraction(top, bottom);
}

function call(function_, argument) {
  return m("mrow", m("mtext", shown(function_)), operator("("), argument, operator(")"));
}

function sum(terms, factors) {
  return terms.flatMap((term, place) => {
    const written = term ? factors(term).flatMap((factor, index) => (index ? [operator("·"), factor] : [factor])) : [operator("⋯")];
    return place ? [operator("+"), m("mrow", ...written)] : [m("mrow", ...written)];
  });
}

function abbreviated(terms) {
  return terms.length <= MOST_TERMS ? terms : [...terms.slice(0, 3), null, terms.at(-1)];
}
