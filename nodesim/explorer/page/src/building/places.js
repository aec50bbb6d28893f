/** Where nodes stand: layers in columns, few connections crossing, as Python places them in a picture in which one can move. */

import { ordered } from "./ordering.js";

const [RADIUS, COLUMN, ROW, MARGIN, TOP] = [27, 190, 84, 60, 66];
// Beyond so many connections nobody sees which of them cross, and more vertices than these in lanes are not worth their time.
const [MOST_UNCROSSED, MOST_PASSED] = [3000, 4000];
// How far beyond its column a connection within it swings out, for each row, and room for half a label beside it.
const [SWING, SWING_ROW, BESIDE] = [34, 12, 48];

/**
 * Place nodes.
 * @param {number[][]} columns The nodes of each layer, its bias nodes last.
 * @param {[number, number][]} ends Of each connection.
 */
export function placed(columns, ends) {
  const columnOf = new Map(columns.flatMap((column, index) => column.map((node) => [node, index])));
  const order = ends.length > MOST_UNCROSSED ? columns : arranged(columns, columnOf, ends);
  const lowest = Math.min(...order.map(({ length }) => (-ROW * (length - 1)) / 2));
  const places = new Map();
  order.forEach((column, index) => column.forEach((node, row) =>
    places.set(node, { x: MARGIN + COLUMN * index, y: Math.round(10 * (ROW * (row - (column.length - 1) / 2) - lowest + TOP)) / 10 })));
  const level = ends.filter(([source, target]) => columnOf.get(source) === columnOf.get(target));
  const swings = level.map(([source, target]) => RADIUS + SWING + (SWING_ROW * Math.abs(places.get(source).y - places.get(target).y)) / ROW + BESIDE);
  const bottom = [...places.values()].reduce((most, { y }) => Math.max(most, y), TOP);
  return { places, width: MARGIN + COLUMN * (columns.length - 1) + swings.reduce((most, swing) => Math.max(most, swing), MARGIN), height: bottom + TOP };
}

/** The columns in an order in which few connections cross, those included that pass columns. */
function arranged(columns, columnOf, ends) {
  const { grown, edges, size } = chained(columns, columnOf, ends);
  const movable = new Set(grown.flat().filter((vertex) => vertex >= columnOf.size));
  return size ? ordered(grown, edges, movable).map((column) => column.filter((vertex) => vertex < columnOf.size)) : columns;
}

/** Give connections a vertex in every column that they pass, between the nodes where a straight line would pass. */
function chained(columns, columnOf, ends) {
  const height = new Map(columns.flatMap((column) => column.map((node, row) => [node, (row + 0.5) / column.length])));
  const rising = ends.map(([a, b]) => (columnOf.get(b) < columnOf.get(a) ? [b, a] : [a, b]));
  const passed = rising.reduce((sum, [source, target]) => sum + Math.max(columnOf.get(target) - columnOf.get(source) - 1, 0), 0);
  const grown = columns.map((column) => [...column]);
  const edges = [];
  let size = columnOf.size;
  for (const [source, target] of rising) {
    const [first, last] = [columnOf.get(source), columnOf.get(target)];
    const between = passed > MOST_PASSED ? [] : Array.from({ length: Math.max(last - first - 1, 0) }, () => size++);
    between.forEach((vertex, step) => {
      height.set(vertex, height.get(source) + ((step + 1) / (last - first)) * (height.get(target) - height.get(source)));
      grown[first + 1 + step].push(vertex);
    });
    const chain = [source, ...between, target];
    if (last === first + 1 || between.length) for (let step = 1; step < chain.length; step++) edges.push([chain[step - 1], chain[step]]);
  }
  for (const column of grown) column.sort((a, b) => height.get(a) - height.get(b));
  return { grown, edges, size };
}
