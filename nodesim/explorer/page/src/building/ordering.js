/** In which order nodes stand in their columns, so that few of the edges between neighbouring columns cross; as Python finds it. */

import { cost, inversions } from "./crossings.js";
import { mixer } from "./mersenne.js";

const SWEEPS = 10;
// So many sweeps, or beginnings, without a gain are the last.
const PATIENCE = 4;
const EXCHANGES = 3;
// Moving each vertex to its best place looks at all pairs of a column: for so many pairs it is worth it.
const [MOST_PAIRS, SIFTINGS] = [8000, 4];
const [MOST_BEGINNINGS, BEGINNING_PAIRS] = [12, 1000];

/**
 * The columns with few crossings: the given order, if no other that is found has fewer.
 * @param {number[][]} columns The vertices of each column, in their natural order.
 * @param {[number, number][]} edges Each from a vertex to one in the next column.
 * @param {Set<number>} movable Vertices without a natural order, which may move past the others at once.
 * @returns {number[][]}
 */
export function ordered(columns, edges, movable) {
  const graph = new Columns(columns.map((column) => [...column]), edges);
  if (!graph.crossings()) return graph.columns;
  graph.sift(movable);
  let best = graph.columns;
  let fewest = graph.crossings();
  const pairs = columns.reduce((sum, { length }) => sum + length ** 2, 0);
  let idle = 0;
  for (let beginning = 0; beginning < Math.max(1, Math.min(MOST_BEGINNINGS, Math.floor(BEGINNING_PAIRS / pairs))); beginning++) {
    if (!fewest || idle > PATIENCE) break;
    const mixed = beginning ? mixer(beginning) : (column) => [...column];
    graph.arrange(columns.map(mixed));
    graph.improve(beginning % 2 === 1);
    const crossings = graph.crossings();
    idle++;
    if (crossings < fewest) [best, fewest, idle] = [graph.columns, crossings, 0];
  }
  return best;
}

/** Columns in an order that changes. */
class Columns {
  constructor(columns, edges) {
    this.before = new Map(columns.flat().map((vertex) => [vertex, []]));
    this.behind = new Map(columns.flat().map((vertex) => [vertex, []]));
    for (const [source, target] of edges) {
      this.before.get(target).push(source);
      this.behind.get(source).push(target);
    }
    this.arrange(columns);
  }

  arrange(columns) {
    this.columns = columns;
    this.row = new Map();
    columns.forEach((column) => this.#number(column));
  }

  #number(column) {
    column.forEach((vertex, row) => this.row.set(vertex, row));
  }

  crossings() {
    return this.columns.reduce((total, column) => total + inversions(column.map((vertex) => this.behind.get(vertex).map((far) => this.row.get(far)))), 0);
  }

  /** Sweep to and fro as long as it helps, then move single vertices. */
  improve(backwards) {
    let [best, fewest, idle] = [this.columns, this.crossings(), 0];
    for (let sweep = 0; sweep < SWEEPS && fewest && idle <= PATIENCE; sweep++) {
      this.sweep(backwards !== (sweep % 2 === 1), sweep % 4 < 2 ? mean : median);
      this.exchange();
      const crossings = this.crossings();
      idle++;
      if (crossings < fewest) [best, fewest, idle] = [this.columns, crossings, 0];
    }
    this.arrange(best);
    this.sift(new Set(this.row.keys()));
  }

  /** Sort column after column by where its neighbours in the last one stand; what has none keeps its place. */
  sweep(backwards, key) {
    const near = backwards ? this.behind : this.before;
    const columns = [...this.columns];
    const places = columns.map((_, index) => index);
    for (const index of backwards ? places.reverse() : places) {
      const keys = new Map();
      for (const v of columns[index]) if (near.get(v).length) keys.set(v, key(near.get(v).map((far) => this.row.get(far))));
      const bound = [...keys.keys()].sort((a, b) => keys.get(a) - keys.get(b))[Symbol.iterator]();
      columns[index] = columns[index].map((v) => (keys.has(v) ? bound.next().value : v));
      this.#number(columns[index]);
    }
    this.columns = columns;
  }

  /** Exchange neighbours as long as that saves crossings. */
  exchange() {
    const columns = this.columns.map((column) => [...column]);
    let waiting = new Set(columns.keys());
    for (let round = 0; round < EXCHANGES; round++) {
      const changed = [...waiting].sort((a, b) => a - b).filter((index) => this.#exchange(columns[index]));
      waiting = new Set(changed.flatMap((index) => [index - 1, index, index + 1]).filter((near) => near >= 0 && near < columns.length));
    }
    this.columns = columns;
  }

  #exchange(column) {
    const sides = this.#sides(column);
    let changed = false;
    for (let row = 0; row + 1 < column.length; row++) {
      const [upper, lower] = [column[row], column[row + 1]];
      if (cost(sides.get(lower), sides.get(upper)) >= cost(sides.get(upper), sides.get(lower))) continue;
      [column[row], column[row + 1]] = [lower, upper];
      this.row.set(lower, row).set(upper, row + 1);
      changed = true;
    }
    return changed;
  }

  /** For each vertex the rows of its neighbours, before it and behind it. */
  #sides(column) {
    const rows = (near) => near.map((vertex) => this.row.get(vertex)).sort((a, b) => a - b);
    return new Map(column.map((v) => [v, [rows(this.before.get(v)), rows(this.behind.get(v))]]));
  }

  /** Move each of these vertices to the place in its column where it saves most crossings. */
  sift(chosen) {
    const columns = this.columns.map((column) => [...column]);
    const pairs = columns.reduce((sum, column) => sum + column.length * column.filter((v) => chosen.has(v)).length, 0);
    for (let round = 0; round < (pairs <= MOST_PAIRS ? SIFTINGS : 0); round++) {
      let changed = false;
      for (const column of columns) {
        const sides = this.#sides(column);
        for (const v of column.filter((each) => chosen.has(each))) changed = moved(column, v, sides) || changed;
        this.#number(column);
      }
      if (!changed) break;
    }
    this.columns = columns;
  }
}

function moved(column, vertex, sides) {
  const start = column.indexOf(vertex);
  let [best, fewest] = [start, 0];
  for (const step of [-1, 1]) {
    let change = 0;
    for (let row = start + step; row >= 0 && row < column.length; row += step) {
      const passed = cost(sides.get(vertex), sides.get(column[row])) - cost(sides.get(column[row]), sides.get(vertex));
      change -= step * passed;
      if (change < fewest) [best, fewest] = [row, change];
    }
  }
  if (best !== start) column.splice(best, 0, ...column.splice(start, 1));
  return best !== start;
}

function mean(rows) {
  return rows.reduce((sum, row) => sum + row, 0) / rows.length;
}

function median(rows) {
  const sorted = rows.sort((a, b) => a - b);
  return (sorted[sorted.length >> 1] + sorted[(sorted.length - 1) >> 1]) / 2;
}
