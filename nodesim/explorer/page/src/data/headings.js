/** The edges of a table: which row holds names, which columns count rows or are empty. */

import { tried } from "./cells.js";
import { DataError, quoted } from "./errors.js";
import { isMissing, isWhole, parsed, truth } from "./numerals.js";
import { marked, worded } from "../words.js";

/** @typedef {import("./cells.js").Row} Row */

/** Whether the first row holds names; where that is not plain, the reader is asked to make it so. @param {Row[]} rows @param {string} decimal */
export function hasHeader(rows, decimal) {
  const first = rows[0].cells;
  const below = rows.slice(1).map(({ cells }) => cells);
  const values = first.map((cell) => isValue(cell, decimal));
  let doubt = "";
  if (!values.some(Boolean)) {
    if (first.some((cell) => cell && isMissing(cell))) doubt = marked("Line {line}: the first row, {row}, may be names, or a sample with missing values. If it holds names, begin each with a letter; if it is a sample, write a row of names above it.");
  } else if (below.length && !first[0] && counts(below.map((cells) => cells[0]))) return true;
  else if (first.some((cell, place) => standsOut(place, cell, below, decimal))) doubt = marked("Line {line}: the first row, {row}, holds numbers, but also words where numbers stand below. If it holds names, begin each with a letter; if it is a sample, write a row of names above it.");
  else if (numbered(first, below)) doubt = marked("Line {line}: the first row, {row}, counts, as names of columns may. If it holds names, begin each with a letter; if it is a sample, write a row of names above it.");
  if (!doubt) return !values.some(Boolean);
  throw new DataError(worded(doubt, { line: rows[0].number, row: quoted(first.join(", ")) }));
}

/** The names in a comment above a table without others, as NumPy writes them; null if there are none. */
export function namesAbove(comments, separator, width, decimal) {
  if (!comments.length || width < 2) return null;
  const names = tried(comments.slice(-1), separator)[0]?.map((cell) => cell.trim()) ?? [];
  return names.length === width && !names.some((cell) => isValue(cell, decimal)) ? names : null;
}

/**
 * Leave out columns that are no data: empty ones after trailing separators, and those that count or name rows.
 * @param {string[]|null} names
 * @param {Row[]} rows
 * @returns {{names: string[]|null, rows: Row[], skipped: number, said: string[]}} How many columns are left out before the first, and what is said of it.
 */
export function withoutEdges(names, rows) {
  const said = [];
  [names, rows] = withoutTrailing(names, rows, said);
  const width = rows.reduce((most, { cells }) => Math.max(most, cells.length), 0);
  if (names === null || width < 2 || rows.some(({ cells }) => cells.length !== width)) return { names, rows, skipped: 0, said };
  const first = rows.map(({ cells }) => cells[0]);
  const rest = () => rows.map(({ number, cells }) => ({ number, cells: cells.slice(1) }));
  if (width === names.length + 1 && width > 2 && (counts(first) || areWords(first))) {
    // R writes rows with names below a header that has none for them.
    return { names, rows: rest(), skipped: 0, said: [...said, worded("The first column has no heading and names the rows: it is left out.")] };
  }
  const unnamed = !names[0] && (counts(first) || (names.slice(1).every(Boolean) && areRowNames(first)));
  if (width === names.length && (unnamed || (names[0] === "Unnamed: 0" && counts(first)))) {
    return { names: names.slice(1), rows: rest(), skipped: 1, said: [...said, worded("The first column has no name and counts or names the rows: it is left out.")] };
  }
  return { names, rows, skipped: 0, said };
}

/** Leave out what trailing separators seem to begin, in the header, in the rows, or in both. */
function withoutTrailing(names, rows, said) {
  const all = [names ?? [], ...rows.map(({ cells }) => cells)];
  const widest = all.reduce((most, cells) => Math.max(most, cells.length), 0);
  const kept = all.reduce((most, cells) => Math.max(most, filledLength(cells)), 0);
  // Without a header a row with a separator too many may lack its last number.
  if (kept === widest || (names === null && new Set(rows.map(({ cells }) => cells.length)).size > 1)) return [names, rows];
  said.push(worded("What follows column {number} is empty: it is left out.", { number: kept }));
  return [names && names.slice(0, kept), rows.map(({ number, cells }) => ({ number, cells: cells.slice(0, kept) }))];
}

function filledLength(cells) {
  return cells.reduce((length, cell, place) => (cell ? place + 1 : length), 0);
}

function counts(cells) {
  return [0, 1].some((first) => cells.every((cell, place) => cell === String(place + first)));
}

/** Whether cells are all different, and whole numbers all, or words all. */
function areRowNames(cells) {
  return areWords(cells) || (new Set(cells).size === cells.length && cells.every((cell) => /^\d+$/.test(cell)));
}

function areWords(cells) {
  return !cells.some((cell) => isMissing(cell) || isValue(cell, ".")) && new Set(cells).size === cells.length;
}

function isValue(cell, decimal) {
  return parsed(cell, decimal) !== null || truth(cell) !== undefined;
}

/** Whether a cell of the first row is a word, and nothing but numbers stands below. */
function standsOut(place, cell, below, decimal) {
  if (isMissing(cell) || isValue(cell, decimal)) return false;
  const others = below.filter((cells) => place < cells.length && !isMissing(cells[place]));
  return others.length > 0 && others.every((cells) => isValue(cells[place], decimal));
}

/** Whether the first row counts columns or years: from 0, from 1900 on, or where no whole number is below. */
function numbered(first, below) {
  if (first.length < 2 || !first.every(isWhole)) return false;
  const start = Number(first[0]);
  if (first.some((cell, place) => cell !== String(start + place))) return false;
  if ((start >= 1900 && start <= 2100) || (start === 0 && first.length > 2)) return true;
  return first.length > 2 && below.length > 1 && !below.some((cells) => cells.some((cell) => /^\d+$/.test(cell)));
}
