/** How columns of nodes fill the room there is: side by side, in several rows like lines of text, or one below the other. */

import { RADIUS } from "./measures.js";

/** Between nodes of a column, where they are close, and at most; where connections pass between them, farther. */
const [ROW, WIDE_ROW, WIDEST_ROW] = [76, 140, 230];
/** Columns of more nodes than these are squeezed into their room, so that the others are not tiny. */
export const MOST_ROWS = 24;
/** Between columns, where they are close; with room they move apart. */
const COLUMNS = [72, 88, 104, 120, 150, 190];
const WIDE_COLUMN = 230;
/** From the outputs to e there is room for the desired outputs. */
const TO_ERROR = 118;
/** Around the nodes: for titles and numbers above, for numbers below, for half a number beside, for the formula of e. */
const [TOP, BOTTOM, SIDE, ERROR_SIDE] = [70, 44, 56, 84];
/** Where columns lie one below the other: between nodes, between layers. */
const [BESIDE, LAYERS] = [112, [108, 124, 150]];
/** Beside the nodes, where connections turn to another line. */
const TURN = 112;
const LARGEST = 1.7;
const MOST_LINES = 8;
const NARROW = 560;

/**
 * @typedef {object} Shape
 * @property {boolean} down Whether layers lie one below the other.
 * @property {number} line How many columns lie side by side.
 * @property {number} column How far columns are from each other.
 * @property {number} row How far the nodes of a column are.
 * @property {boolean} spread Whether every column fills the whole height, so that connections find a way between its nodes.
 *
 * @typedef {object} Given
 * @property {number[]} sizes How many nodes each column has; that of e is the last.
 * @property {boolean} error Whether e is shown.
 * @property {number} skips The share of the connections that pass columns.
 */

/**
 * Choose the shape in which nodes are large, and connections have room.
 * @param {Given} given
 * @param {{width: number, height: number}} room
 * @returns {Shape}
 */
export function shapeFor(given, room) {
  const shapes = [...across(given), ...(room.width < NARROW ? down(given) : [])];
  const worth = shapes.map((shape) => worthOf(shape, given, room));
  return stretched(shapes[worth.indexOf(Math.max(...worth))], given, room);
}

/** The columns of each line. @param {Shape} shape @param {number} many */
export function linesOf({ line }, many) {
  const lines = [];
  for (let first = 0; first < many; first += line) lines.push(Array.from({ length: Math.min(line, many - first) }, (_, place) => first + place));
  return lines;
}

/** How high a line of columns is. @param {Shape} shape @param {number} most Nodes of its largest column. */
export function lineHeight({ row }, most) {
  return TOP + Math.max(0, most - 1) * row + BOTTOM;
}

/** How large everything is. @param {Shape} shape @param {Given} given @returns {{width: number, height: number}} */
export function sizeOf(shape, { sizes, error }) {
  const most = Math.max(...sizes);
  const right = error ? ERROR_SIDE : SIDE;
  if (shape.down) return { width: Math.max(0, most - 1) * shape.row + 2 * Math.max(SIDE, right), height: TOP + (sizes.length - 1) * shape.column + BOTTOM + (error ? 28 : 0) };
  const lines = linesOf(shape, sizes.length);
  const height = lines.reduce((sum, columns) => sum + lineHeight(shape, Math.max(...columns.map((column) => sizes[column]))), 0);
  const sides = sidesOf(lines.length, error);
  return { width: sides.left + (Math.min(shape.line, sizes.length) - 1) * shape.column + beforeError(shape, error) + sides.right, height };
}

/** How much farther e is from the outputs than they are from what feeds them. @param {Shape} shape @param {boolean} error */
export function beforeError({ column, down }, error) {
  return error && !down ? Math.max(0, TO_ERROR - column) : 0;
}

/** Above the nodes of a line. */
export const MARGINS = { top: TOP };

/** Beside the nodes: with two lines connections turn at the right, with more at both sides. @param {number} lines @param {boolean} error */
export function sidesOf(lines, error) {
  const end = error ? ERROR_SIDE : SIDE;
  if (lines === 1) return { left: SIDE, right: end };
  return { left: lines === 2 ? end : TURN, right: TURN };
}

function across({ sizes, skips }) {
  const found = [];
  const spread = skips > 0.3;
  for (let lines = 1; lines <= Math.min(MOST_LINES, sizes.length); lines++) {
    const line = Math.ceil(sizes.length / lines);
    if (Math.ceil(sizes.length / line) !== lines || (line < 3 && lines > 1)) continue;
    for (const column of COLUMNS) found.push({ down: false, line, column, row: ROW, spread });
  }
  return found;
}

function down({ sizes }) {
  return LAYERS.map((column) => ({ down: true, line: sizes.length, column, row: BESIDE, spread: false }));
}

/** Large nodes, room for arrows, few lines. */
function worthOf(shape, given, room) {
  const gap = (shape.column - (shape.down ? 24 : 0) - 2 * RADIUS) / 100;
  const arrows = Math.min(1, gap ** (given.skips > 0.3 ? 0.2 : 0.5));
  const turned = linesOf(shape, given.sizes.length).length > 1 ? 0.8 * (1 - given.skips) ** 2 : shape.down ? 0.9 : 1;
  return Math.min(1, scaleOf(shape, given, room)) * arrows * turned;
}

function scaleOf(shape, given, room) {
  const { width, height } = sizeOf(shape, given);
  return Math.min(LARGEST, room.width / width, room.height / height);
}

/** Use what room is left. */
function stretched(shape, given, room) {
  const k = scaleOf(shape, given, room);
  const { width, height } = sizeOf(shape, given);
  const most = Math.max(...given.sizes);
  const [columns, rows] = [Math.min(shape.line, given.sizes.length) - 1, most - 1];
  if (shape.down) return { ...shape, column: grown(shape.column, room.height / k - height, columns, 190), row: grown(shape.row, room.width / k - width, rows, 150) };
  const tallest = lineHeight(shape, most);
  const lines = linesOf(shape, given.sizes.length).length;
  const widest = shape.spread ? shape.column : Math.max(WIDE_COLUMN, 0.6 * tallest);
  const row = grown(shape.row, (room.height / k - height) / lines, rows, shape.spread ? WIDEST_ROW : WIDE_ROW);
  return { ...shape, column: grown(shape.column, room.width / k - width, columns, widest), row };
}

function grown(size, left, gaps, most) {
  return gaps > 0 && left > 0 ? Math.max(size, Math.min(most, size + left / gaps)) : size;
}
