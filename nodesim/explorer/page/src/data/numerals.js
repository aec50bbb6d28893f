/** Numbers as people and programs write them: decimal commas and points, digits in groups, what is missing. */

import { marked, worded } from "../words.js";

const MISSING = new Set([
  "", "na", "n/a", "#n/a", "#n/a n/a", "#na", "<na>", "nan", "-nan", "null", "none", "nil", "missing", "?", ".", "-", "--", "–", "—",
  "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan", "#value!", "#div/0!", "#ref!", "#name?", "#num!", "#null!",
]);
const PLAIN = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const ENDLESS = /^[+-]?inf(inity)?$/i;
// Marks between groups of three digits that are never decimal signs.
const MARKS = /[\u00a0\u2009\u202f'’]/g;
const MARKED = /^[+-]?\d{1,3}([\u00a0\u2009\u202f'’])\d{3}(\1\d{3})*([.,]\d*)?$/;
const GROUPED = { ",": /^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/, ".": /^[+-]?\d{1,3}(\.\d{3})+(,\d*)?$/ };
// Written so, one sign is decimal beyond doubt: 1.234,5 and 1.234.567; or 1,5 and 0,125. What is left is like 1,234.
const GROUPS = { ",": /^[+-]?\d{1,3}((\.\d{3})+,\d*|(\.\d{3}){2,})$/, ".": /^[+-]?\d{1,3}((,\d{3})+\.\d*|(,\d{3}){2,})$/ };
const FRACTION = { ",": /^[+-]?\d*,\d+(e[+-]?\d+)?$/i, ".": /^[+-]?\d*\.\d+(e[+-]?\d+)?$/i };
const DOUBTFUL = { ",": /^[+-]?[1-9]\d{0,2},\d{3}$/, ".": /^[+-]?[1-9]\d{0,2}\.\d{3}$/ };

/** What else looks like a number: how it looks, what it is, what to do. @type {[RegExp, string, string][]} */
const QUANTITIES = [
  [/^(\d{4}-\d\d?-\d\d?([T ].*)?|\d\d?([./-])\d\d?\3(\d{4}|\d\d)( .*)?)$/, marked("a date"), marked("Turn it into a number of days")],
  [/^\d\d?:\d\d(:\d\d(\.\d*)?)?$/, marked("a time"), marked("Turn it into a number of seconds")],
  [/^[+-]?[\d.,]+\s*%$/, marked("a percentage"), marked("Take the % away")],
  [/^([+-]?[$€£¥]\s*[+-]?[\d.,]+|[+-]?[\d.,]+\s*[$€£¥])$/, marked("a price"), marked("Take the currency away")],
  [/^\([\d.,]+\)$/, marked("a negative number of bookkeepers"), marked("Write it with a minus")],
  [/^[+-]?0x[0-9a-f]+$/i, marked("a hexadecimal number"), marked("Write it in decimals")],
  [/^[+-]?\d*\.?\d*d[+-]?\d+$/i, marked("a number of Fortran"), marked("Write e for d")],
  [/^[+-]?\d{1,3}( \d{3})+([.,]\d*)?$/, marked("a number with blanks in it"), marked("Take them away")],
  [/^[+-]?[\d.,]*[.,]\d+(e[+-]?\d+)?$/i, marked("a number with another decimal sign"), marked("Write all with the same")],
  [/^[+-]?\d[\d.,]*\s*([nµmck]?m|[mk]?g|[mµ]?s|min|h|[kMG]?Hz|[mk]?[VAW]|m?[lL]|°[CF]|EUR|USD|GBP|CHF)$/, marked("a number with a unit"), marked("Take the unit away")],
];

/** Whether a cell stands for a value that is not there. @param {string} cell */
export function isMissing(cell) {
  return MISSING.has(cell.toLowerCase());
}

/** 1 and 0 for true and false, else undefined. @param {string} cell */
export function truth(cell) {
  const word = cell.toLowerCase();
  return word === "true" ? 1 : word === "false" ? 0 : undefined;
}

/** Whether a cell is a whole number in plain digits. @param {string} cell */
export function isWhole(cell) {
  return /^\d{1,18}$/.test(cell);
}

/** The number that a cell holds, which may be infinite; null if it is none. @param {string} cell @param {string} decimal "." or "," @returns {number|null} */
export function parsed(cell, decimal) {
  if (isMissing(cell)) return null;
  let written = cell.replaceAll("−", "-");
  if (MARKED.test(written)) written = written.replace(MARKS, "");
  const between = decimal === "." ? "," : ".";
  if (written.includes(between)) {
    if (!GROUPED[between].test(written)) return null;
    written = written.replaceAll(between, "");
  }
  if (decimal === ",") written = written.replace(",", ".");
  if (PLAIN.test(written)) return Number(written);
  return ENDLESS.test(written) ? (written.startsWith("-") ? -Infinity : Infinity) : null;
}

/** What a cell is, and what to do about it, if it means a quantity but is no plain number. @param {string} cell @returns {{what: string, advice: string}|null} */
export function quantity(cell) {
  const found = QUANTITIES.find(([pattern]) => pattern.test(cell));
  return found ? { what: worded(found[1]), advice: worded(found[2]) } : null;
}

/**
 * Find out whether numbers have decimal points or decimal commas.
 * @param {{number: number, cells: string[]}[]} rows
 * @param {string} separator Beside decimal points nobody writes a decimal comma into a file that has commas between columns.
 * @returns {{sign: string, doubt: string}} A sign, or why it is not plain.
 */
export function decimalSign(rows, separator) {
  if (!rows.some(({ cells }) => cells.some((cell) => cell.includes(",") || cell.indexOf(".") !== cell.lastIndexOf(".")))) return { sign: ".", doubt: "" };
  const seen = new Map();
  for (const { number, cells } of rows) cells.forEach((cell, place) => note(seen, { number, place: place + 1, cell }, cell));
  const proof = (sign) => seen.get(`groups${sign}`) ?? seen.get(`fraction${sign}`) ?? null;
  const [comma, point] = [proof(","), proof(".")];
  if (comma && point) return { sign: "", doubt: worded("Are decimals written with a point or a comma? {comma} has a decimal comma, {point} a decimal point. Write all numbers alike, and no sign between thousands.", { comma: called(comma), point: called(point) }) };
  const sign = comma ? "," : ".";
  const plain = seen.has(`groups${sign}`) || (point && separator === ",");
  const doubtful = seen.get(`doubtful${sign === "," ? "." : ","}`);
  if (doubtful && !plain) return { sign: "", doubt: worded("Are decimals written with a point or a comma? {cell} can mean thousands or a fraction. Write all numbers alike, and no sign between thousands.", { cell: called(doubtful) }) };
  return { sign, doubt: "" };
}

/** A cell, for a message. */
function called({ number, place, cell }) {
  return worded("Line {line}, column {column}: “{cell}”", { line: number, column: place, cell });
}

function note(seen, where, cell) {
  if (!/[.,]/.test(cell)) return;
  const bare = cell.replaceAll("−", "-").replace(MARKS, "");
  for (const sign of ",.") {
    const kind = GROUPS[sign].test(bare) ? "groups" : !FRACTION[sign].test(bare) ? "" : DOUBTFUL[sign].test(bare) ? "doubtful" : "fraction";
    if (kind && !seen.has(kind + sign)) seen.set(kind + sign, where);
  }
}
