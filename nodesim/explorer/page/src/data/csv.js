/** A data set from a file of the reader's: CSV or TSV, the last column is what is learned. */

import { DataError, quoted } from "./errors.js";
import { isMissing } from "./numerals.js";
import { asClasses, isOfClasses, rounded, standardised } from "./scaling.js";
import { readTable } from "./table.js";
import { textOf } from "./text.js";
import { marked, worded } from "../words.js";

export { DataError };

/** Larger files are not read at all: a page would stand still. */
const MOST_BYTES = 20000000;
const MOST_CLASSES = 50;
/** A column of words has so many different ones, or else it names the rows. */
const MOST_WORDS = 10;
const MOST_INPUTS = 1000;

/**
 * Samples to learn from.
 * @typedef {object} DataSet
 * @property {string} name
 * @property {string[]} inputs Names.
 * @property {string[]} outputs Names.
 * @property {"classes"|"numbers"} kind
 * @property {string} note What the numbers are.
 * @property {number[][]} x A row for each sample.
 * @property {number[][]} y
 * @property {number[]} test The rows that are held out.
 */

/**
 * Read a data set.
 * @param {ArrayBuffer|Uint8Array} given The file.
 * @param {string} [file] Its name.
 * @param {{classes?: boolean}} [options] Whether whole numbers in the last column are the numbers of classes.
 * @returns {{data: DataSet, said: string[], numbered: boolean}} What the reader has to know; whether the last column may number classes.
 */
export function readData(given, file = "data.csv", { classes = false } = {}) {
  const bytes = given instanceof Uint8Array ? given : new Uint8Array(given);
  if (bytes.length > MOST_BYTES) throw new DataError(worded("The file has {size} MB; up to {most} MB can be learned in a page. Leave rows out, or train in Python: nodesim.datasets.read_csv reads it all.", { size: Math.round(bytes.length / 1e6), most: MOST_BYTES / 1e6 }));
  const table = readTable(textOf(bytes));
  const columns = whole(table);
  const target = columns.pop();
  const inputs = columns.flatMap((column) => inputsOf(table, column));
  if (inputs.length > MOST_INPUTS) throw new DataError(worded("The file has {count} inputs; up to {most} can be learned in a page. Leave columns out.", { count: inputs.length, most: MOST_INPUTS }));
  const learned = targetsOf(table, target, classes);
  const notes = [inputs.some(({ scaled }) => scaled) ? worded("Inputs are standardised: 0 is the mean, 1 a standard deviation.") : "", learned.note].filter(Boolean);
  const data = {
    name: file.replace(/^.*[\\/]/s, "").replace(/(?!^)\.[^.]*$/, "") || "data", inputs: unique(inputs.map(({ name }) => name)), outputs: learned.names, kind: learned.kind,
    note: notes.join(" "), x: rowsOf(inputs.map(({ values }) => values)), y: rowsOf(learned.values), test: [],
  };
  return { data, said: table.said, numbered: learned.numbered };
}

/** Leave out rows with missing values; return the columns that are left. @param {import("./table.js").Table} table */
function whole(table) {
  const { rows, names } = table;
  const all = names.map((_, column) => column);
  const columns = all.filter((column) => table.present(column).length > 0);
  const empty = all.filter((column) => !columns.includes(column));
  if (empty.includes(all.length - 1)) throw new DataError(worded("Every value is missing in {column}, the last one, which is learned. Fill it in, or delete the column.", { column: table.column(all.length - 1) }));
  if (empty.length) table.said.push(worded(empty.length > 1 ? marked("Every value is missing in {column} and {count} more: left out.") : marked("Every value is missing in {column}: left out."), { column: table.column(empty[0]), count: empty.length - 1 }));
  if (columns.length < 2) throw new DataError(worded("No column is left for the inputs: the file has {count}, and the last one is learned. Columns are separated by commas, semicolons, tabs, bars or blanks.", { count: names.length }));
  const kept = rows.filter(({ cells }) => columns.every((column) => !isMissing(cells[column])));
  const less = rows.length - kept.length;
  if (2 * kept.length < rows.length) {
    const most = columns.reduce((a, b) => (table.present(b).length < table.present(a).length ? b : a));
    throw new DataError(worded("Values are missing in {less} of {count} rows; the first in line {line}. Rows without them are learned, if they are half of all or more. Most are missing in {column}: fill it in, or delete the column.", { less, count: rows.length, line: rows.find((row) => !kept.includes(row)).number, column: table.column(most) }));
  }
  if (less) table.said.push(worded("{less} of {count} rows have missing values: left out.", { less, count: rows.length }));
  table.rows = kept;
  return columns;
}

/** The inputs that a column becomes: one of numbers, or of words one for each. */
function inputsOf(table, column) {
  const name = table.called(column);
  if (table.isTruth(column)) return [{ name, values: table.rows.map(({ cells }) => Number(cells[column].toLowerCase() === "true")), scaled: false }];
  if (table.isNumeric(column)) return [{ name, ...standardised(table.numbers(column)) }];
  const words = table.words(column, false);
  const { labels, values } = asClasses(words, words);
  if (labels.length > MOST_WORDS) throw new DataError(worded("{column} holds {count} different words, as {word}. An input is a number, or one of up to {most} words: delete the column, or write numbers.", { column: capital(table.column(column)), count: labels.length, word: quoted(labels[0], 20), most: MOST_WORDS }));
  const marks = labels.length > 2 ? labels : labels.slice(-1);
  return marks.map((label, place) => ({ name: `${name} = ${label}`, values: labels.length > 2 ? values[place] : values.at(-1), scaled: false }));
}

/** What is learned. */
function targetsOf(table, column, classes) {
  const name = table.called(column);
  if (!table.isNumeric(column)) {
    const words = table.words(column, true);
    return classesOf(table, column, words, words);
  }
  const numbers = table.numbers(column);
  const different = new Set(numbers);
  const numbered = different.size > 1 && different.size <= MOST_CLASSES && numbers.every(Number.isInteger) && !isOfClasses([...different]);
  if (classes && numbered) return { ...classesOf(table, column, numbers.map(String), numbers), numbered };
  if (isOfClasses([...different])) return { names: [name], kind: "classes", values: [numbers], note: "", numbered };
  const { values, scaled } = standardised(numbers);
  const small = numbers.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (small <= 1 && small >= 0.1) return { names: [name], kind: "numbers", values: [numbers.map(rounded)], note: "", numbered };
  return { names: [name], kind: "numbers", values: [values], note: scaled ? worded("So is {name}.", { name: quoted(name, 30) }) : "", numbered };
}

function classesOf(table, column, words, order) {
  const { labels, values } = asClasses(words, order);
  if (labels.length < 2) throw new DataError(worded("{column}, the last one, holds {word} in every row. It is what is learned: it has two different values or more. Put the column to be learned last.", { column: capital(table.column(column)), word: quoted(labels[0]) }));
  if (labels.length > MOST_CLASSES) throw new DataError(worded("{column}, the last one, holds {count} different words. It is what is learned: numbers, or up to {most} classes. Put the column to be learned last.", { column: capital(table.column(column)), count: labels.length, most: MOST_CLASSES }));
  if (labels.length > 2) return { names: labels, kind: "classes", values, note: "", numbered: false };
  const note = worded("The output is 1 for {one}, 0 for {zero}.", { one: quoted(labels[1], 30), zero: quoted(labels[0], 30) });
  return { names: [table.names[column] || labels[1]], kind: "classes", values: [values[1]], note, numbered: false };
}

/** Names of which no two are the same: words of a column may make one that another has. */
function unique(names) {
  const seen = new Set();
  return names.map((name) => {
    let own = name;
    for (let number = 2; seen.has(own); number++) own = `${name} (${number})`;
    seen.add(own);
    return own;
  });
}

function rowsOf(columns) {
  return columns[0].map((_, row) => columns.map((column) => column[row]));
}

function capital(words) {
  return words[0].toUpperCase() + words.slice(1);
}
