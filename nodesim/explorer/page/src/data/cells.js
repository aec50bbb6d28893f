/** How a text of a table is cut into rows and cells: its separator, its comments, and what Excel writes above them. */

import { DataError } from "./errors.js";
import { isMissing } from "./numerals.js";
import { marked, worded } from "../words.js";

/** The first of those that fit best: a comma may also be a decimal comma. */
const SEPARATORS = ["\t", ";", "|", ",", " "];
const LOOKED_AT = 40;
const NUMERIC = /^[+-]?(\d[\d.,]*|[.,]\d+)(e[+-]?\d+)?$/i;
const SEP = /^"?sep=([^"\r\n\0])"?\s*$/i;

/** @typedef {{number: number, cells: string[]}} Row Its number in the file, as a spreadsheet counts. */

/**
 * Cut a text into rows; empty ones are left out.
 * @param {string} text
 * @returns {{rows: Row[], separator: string, comments: string[]}} Comments: what stands in lines that begin with #, above the first row.
 */
export function cut(text) {
  const { lines, comments } = withoutComments(text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? []);
  const first = Math.max(0, lines.findIndex((line) => line.trim()));
  const said = lines.length ? SEP.exec(lines[first]) : null;
  if (said) lines[first] = "\n";
  const separator = said?.[1] ?? separatorOf(lines);
  const rows = [];
  let number = 0;
  split(lines, separator, (cells) => {
    number++;
    const stripped = cells.map((cell) => cell.trim());
    if (stripped.some(Boolean)) rows.push({ number, cells: stripped });
  }, (trouble) => {
    throw new DataError(worded(trouble, { line: number + 1 }));
  });
  return { rows, separator, comments };
}

/** Split lines into cells as far as that goes. @param {string[]} lines @param {string} separator @returns {string[][]} */
export function tried(lines, separator) {
  const rows = [];
  // Quotes may close below what is looked at; wrong ones are told when all is read.
  split(lines, separator, (cells) => rows.push(cells), () => {});
  return rows;
}

/**
 * Split lines into cells: in quotes separators and line ends are letters; several blanks separate like one.
 * @param {string[]} lines
 * @param {string} separator
 * @param {(cells: string[]) => void} take
 * @param {(trouble: string) => void} fail Told where it cannot go on.
 */
function split(lines, separator, take, fail) {
  let open = null;
  for (const whole of lines) {
    const line = separator !== " " ? whole : whole.includes('"') ? whole.trim() : whole.trim().split(/\s+/).join(" ");
    open = splitLine(line, separator, open ?? { cells: [], cell: "", quoted: false });
    if (open.trouble) return fail(open.trouble);
    if (open.quoted) continue;
    take(open.cells);
    open = null;
  }
  return open ? fail(marked("Line {line}: this is no CSV, a quote is not closed. A quote that is opened has to be closed, and one within quotes is doubled.")) : undefined;
}

/** Split one line; where a cell in quotes goes on in the next, the answer goes on there. */
function splitLine(line, separator, { cells, cell, quoted }) {
  const end = line.replace(/[\r\n]+$/, "").length;
  let place = 0;
  if (!quoted && end === 0) return { cells, cell, quoted: false };
  for (;;) {
    if (!quoted) {
      while (line[place] === " " && place < end) place++;
      if (line[place] === '"' && place < end) [quoted, place] = [true, place + 1];
    }
    if (quoted) {
      const close = line.indexOf('"', place);
      if (close < 0) return { cells, cell: cell + line.slice(place), quoted: true };
      cell += line.slice(place, close);
      place = close + 1;
      if (line[place] === '"') {
        [cell, place] = [`${cell}"`, place + 1];
        continue;
      }
      if (place < end && line[place] !== separator) return { cells, trouble: marked("Line {line}: this is no CSV, letters follow a closed quote. A quote that is opened has to be closed, and one within quotes is doubled.") };
    } else {
      const next = line.indexOf(separator, place);
      const stop = next < 0 || next > end ? end : next;
      cell += line.slice(place, stop);
      place = stop;
    }
    cells.push(cell);
    [cell, quoted] = ["", false];
    if (place >= end) return { cells, cell, quoted: false };
    place++;
  }
}

/** Empty the lines that begin with #: the others keep their numbers. Errors of Excel do so, too. */
function withoutComments(given) {
  const comments = [];
  let above = true;
  const lines = given.map((line) => {
    if (line.startsWith("#") && !isMissing(line.split(/[,;|\s]/, 1)[0])) {
      if (above) comments.push(line.slice(1).trim());
      return "\n";
    }
    if (line.trim()) above = false;
    return line;
  });
  return { lines, comments };
}

/** The separator that cuts all rows alike, and the most cells so that they are numbers. */
function separatorOf(lines) {
  const looked = [];
  for (const line of lines) {
    if (line.trim()) looked.push(line);
    if (looked.length === LOOKED_AT) break;
  }
  let [best, highest] = ["", -1];
  for (const candidate of SEPARATORS) {
    const rows = tried(looked, candidate);
    const first = rows[0]?.length ?? 0;
    const widths = new Set(rows.length > 1 ? rows.slice(1).map((row) => row.length) : [first]);
    const [width] = widths;
    if (widths.size > 1 || width < 2 || first < 2 || first > width + 1 || width + 1 > first + 2) continue;
    const cells = rows.flat().map((cell) => cell.trim());
    const share = cells.filter((cell) => NUMERIC.test(cell)).length / cells.length;
    if (share > highest) [best, highest] = [candidate, share];
  }
  if (best || !looked.length) return best || ",";
  // Rows of several lengths: what is in all of them is what shall be said to be missing in some.
  const everywhere = SEPARATORS.find((mark) => looked.every((line) => line.trim().includes(mark)));
  const numbers = looked[0].trim().includes(" ") && looked[0].trim().split(/\s+/).every((cell) => NUMERIC.test(cell));
  return everywhere ?? (numbers ? " " : ",");
}
