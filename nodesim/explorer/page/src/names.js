/** How names are shown: whatever they contain, they are text. */

import { marked, worded } from "./words.js";

/**
 * Write out what would break a line or turn text around; letters of every script and markup stay as they are.
 * @param {string} name
 */
export function shown(name) {
  return name.replace(/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, escape);
}

/** Cut a name to the size of a label. @param {string} name @param {number} [most] */
export function short(name, most = 9) {
  const letters = [...shown(name)];
  return letters.length <= most ? letters.join("") : `${letters.slice(0, most - 1).join("")}…`;
}

/** The name of a function without its parameters. @param {string} name */
export function plainName(name) {
  return name.replace(/\(.*$/s, "");
}

/** Cut a name so that it differs from others that are cut likewise: at its end, or in its middle. @param {string} name @param {number} most @param {string[]} others */
export function shortApart(name, most, others) {
  const at = (tail) => (other) => {
    const letters = [...shown(other)];
    return letters.length <= most ? letters.join("") : `${letters.slice(0, most - 1 - tail).join("")}…${tail ? letters.slice(-tail).join("") : ""}`;
  };
  const ways = Array.from({ length: Math.max(1, Number.isFinite(most) ? most - 1 : 1) }, (_, tail) => at(tail));
  const apart = (way) => others.every((other) => other === name || way(other) !== way(name));
  return (ways.find(apart) ?? ways[0])(name);
}

const KINDS = { input: marked("input node"), hidden: marked("hidden node"), output: marked("output node"), bias: marked("bias node") };

/** What a node is, in words. @param {"input"|"hidden"|"output"|"bias"} kind */
export function kindWords(kind) {
  return worded(KINDS[kind]);
}

/** Split a name into letters and number, as the article's names are made; null for any other. @param {string} name */
export function numbered(name) {
  const match = /^([A-Za-z]+)(\d+)$/.exec(name);
  return match ? { letters: match[1], index: match[2] } : null;
}

/** Split the name of a quantity into letters and the name in its brackets: HA[gate]; null for any other. @param {string} name */
export function bracketed(name) {
  const match = /^(I|HA?|OA?|B|W|y)\[(.*)\]$/s.exec(name);
  return match ? { letters: match[1], inner: match[2] } : null;
}

/** Write a partial derivative as text. @param {string} top @param {string} bottom */
export function partial(top, bottom) {
  return `∂${shown(top)}/∂${shown(bottom)}`;
}

function escape(letter) {
  const code = letter.codePointAt(0).toString(16);
  if (letter === "\n") return "\\n";
  if (letter === "\t") return "\\t";
  if (letter === "\r") return "\\r";
  if (code.length <= 2) return `\\x${code.padStart(2, "0")}`;
  return code.length <= 4 ? `\\u${code.padStart(4, "0")}` : `\\U${code.padStart(8, "0")}`;
}
