/** A table of text: names and rows of a file, every cell with its line and column for messages. */

import { cut } from "./cells.js";
import { DataError, quoted } from "./errors.js";
import { hasHeader, namesAbove, withoutEdges } from "./headings.js";
import { decimalSign, isMissing, parsed, quantity, truth } from "./numerals.js";
import { marked, worded } from "../words.js";

/** What a page can hold and learn from while somebody looks on. */
const MOST_ROWS = 20000;
const MOST_CELLS = 1000000;

/** The cells of a file. */
export class Table {
  /** @param {string[]} names Empty where a column has none. @param {import("./cells.js").Row[]} rows @param {string} decimal @param {number} skipped How many columns are left out before the first. @param {string[]} said What the reader has to know. */
  constructor(names, rows, decimal, skipped, said) {
    Object.assign(this, { names, rows, decimal, skipped, said });
  }

  /** Name a cell for a message. @param {number} number @param {number} column */
  place(number, column) {
    return worded("Line {line}, {column}", { line: number, column: this.column(column) });
  }

  /** Name a column for a message. @param {number} column */
  column(column) {
    const name = this.names[column];
    return worded("column {number}", { number: column + 1 + this.skipped }) + (name ? ` (${quoted(name, 30)})` : "");
  }

  /** What a column is called. @param {number} column */
  called(column) {
    return this.names[column] || worded("column {number}", { number: column + 1 + this.skipped });
  }

  /** Whether a column is meant to hold numbers: at least half of what is not missing in it are some. @param {number} column */
  isNumeric(column) {
    const present = this.present(column);
    return 2 * present.filter((cell) => parsed(cell, this.decimal) !== null).length >= present.length;
  }

  /** The cells of a column that are not missing. @param {number} column @returns {string[]} */
  present(column) {
    return this.rows.map(({ cells }) => cells[column]).filter((cell) => !isMissing(cell));
  }

  /** Whether all cells of a column say true or false. @param {number} column */
  isTruth(column) {
    return this.rows.every(({ cells }) => truth(cells[column]) !== undefined);
  }

  /** A column as numbers. @param {number} column @returns {number[]} */
  numbers(column) {
    return this.rows.map(({ number, cells }, at) => {
      const value = parsed(cells[column], this.decimal);
      if (value !== null && Number.isFinite(value)) return value;
      throw new DataError(worded("{place}: {cell} is no finite number. {advice}", { place: this.place(number, column), cell: quoted(cells[column]), advice: this.#advice(at, column, value) }));
    });
  }

  /** A column as words, of which none plainly means a quantity. @param {number} column @param {boolean} learned Whether it is the one that is learned. */
  words(column, learned) {
    return this.rows.map(({ number, cells }) => {
      const meant = parsed(cells[column], this.decimal) === null ? quantity(cells[column]) : null;
      if (!meant) return cells[column];
      throw new DataError(worded(learned ? marked("{place}: {cell} is {what}. {advice}, or delete the column if it is not to be learned.") : marked("{place}: {cell} is {what}. {advice}, or delete the column."), { place: this.place(number, column), cell: quoted(cells[column]), ...meant }));
    });
  }

  /** What to do about a cell that is no number. */
  #advice(at, column, value) {
    const { cells } = this.rows[at];
    if (value !== null) return worded("Numbers up to 1.8e308 are read. Correct it, or delete the row.");
    const meant = quantity(cells[column]);
    if (meant) return worded("It is {what}. {advice}, or delete the column.", meant);
    if (cells.every((cell, place) => cell === this.names[place])) return worded("The header stands here once more: delete this row.");
    if (at === 0 && this.rows.length > 1 && cells.every((cell) => parsed(cell, this.decimal) === null)) return worded("If several rows of headings stand above the numbers, keep one.");
    return worded("Other cells of the column are numbers: correct it, or delete the row.");
  }
}

/**
 * Read a table: separated by commas, semicolons, tabs, bars or blanks, with or without a header.
 * @param {string} text
 * @returns {Table}
 */
export function readTable(text) {
  const { rows: all, separator, comments } = cut(text);
  if (!all.length) throw new DataError(worded("The file is empty. A data set has a row for each sample, and a column for each input; what is learned stands in the last column."));
  checkSize(all);
  const { sign: decimal, doubt } = decimalSign(all, separator);
  if (doubt) throw new DataError(doubt);
  const header = hasHeader(all, decimal);
  if (header && all.length === 1) throw new DataError(worded("There is a header, but no data. Below it each sample has a row."));
  let found = withoutEdges(header ? all[0].cells : null, header ? all.slice(1) : all);
  if (!header) {
    const names = namesAbove(comments, separator, found.rows[0].cells.length, decimal);
    if (names) found = { ...withoutEdges(names, found.rows), said: found.said };
  }
  checkWidths(found.rows, found.names?.length ?? found.rows[0].cells.length);
  const names = found.names ?? found.rows[0].cells.map(() => "");
  checkNames(names);
  return new Table(names, found.rows, decimal, found.skipped, found.said);
}

function checkSize(rows) {
  const cells = rows.reduce((sum, row) => sum + row.cells.length, 0);
  if (rows.length > MOST_ROWS + 1) throw new DataError(worded("The file has {count} rows; up to {most} can be learned in a page. Drop some of them, or train in Python: nodesim.datasets.read_csv reads it all.", { count: rows.length, most: MOST_ROWS }));
  if (cells > MOST_CELLS) throw new DataError(worded("The file has {count} cells; up to {most} can be learned in a page. Leave rows or columns out, or train in Python: nodesim.datasets.read_csv reads it all.", { count: cells, most: MOST_CELLS }));
}

function checkWidths(rows, width) {
  const wrong = rows.find(({ cells }) => cells.length !== width);
  if (!wrong) return;
  const advice = [worded(wrong.cells.length === 1 ? marked("Line {line}: it has 1 column, the first row has {width}.") : marked("Line {line}: it has {count} columns, the first row has {width}."), { line: wrong.number, count: wrong.cells.length, width })];
  if (wrong.cells.length < width) advice.push(worded("Complete the row, or delete it; the first row may be no part of the table."));
  else advice.push(worded("What holds a separator, as a number with a decimal comma may, is put in quotes."));
  if (rows.every(({ cells }) => cells.length === width + 1)) advice.push(worded("If the rows begin with numbers of their own, these need a name in the header, too."));
  throw new DataError(advice.join(" "));
}

function checkNames(names) {
  const seen = new Set();
  for (const name of names) {
    if (name && seen.has(name)) throw new DataError(worded("Line 1: two columns are named {name}. Each column has a name of its own: give one another name.", { name: quoted(name) }));
    seen.add(name);
  }
}
