/** The ways of connections: past the nodes of the columns between their ends, and around the ends of lines. */

import { RADIUS } from "./measures.js";

/** How far a connection stays from a node that it passes, and from others in the same gap. */
const [CLEAR, NEXT] = [RADIUS + 9, 5];
const BENT = 1.4;
/** Around the end of a line connections run in lanes: where the first one is, how far the next, and how wide all are at most. */
const [FIRST, LANE, LANES] = [RADIUS + 14, 13, 62];
const LEVEL = 78;

/**
 * A place in the drawing, in the coordinates of its layers: `at` runs on along the layers, `beside` across them.
 * @typedef {{column: number, at: number, beside: number, radius: number}} Place
 */

/** Finds ways one after the other, so that those in one gap lie beside each other. */
export class Routes {
  /** @param {{columns: {at: number, nodes: number[]}[], lineOf: number[], heading: number[]}} plan Columns with what their nodes are beside, sorted; to which line each belongs, and in which direction each line runs. */
  constructor(plan) {
    this.plan = plan;
    this.used = new Map();
  }

  /** The bends of a way. @param {Place} from @param {Place} to @returns {number[][]} [at, beside] */
  bends(from, to) {
    const { lineOf } = this.plan;
    if (from.column === to.column) return [[from.at + LEVEL * this.#heading(from), (from.beside + to.beside) / 2]];
    if (lineOf[from.column] !== lineOf[to.column]) return this.#around(from, to);
    return this.#past(from, to);
  }

  #heading({ column }) {
    return this.plan.heading[this.plan.lineOf[column]];
  }

  /** To another line: around the end of this one, from the top of the upper line to the bottom of the lower one outside of all others. */
  #around(from, to) {
    const { columns, lineOf } = this.plan;
    const heading = this.#heading(from);
    const ends = [columns[lineOf.lastIndexOf(lineOf[from.column])].at, columns[lineOf.indexOf(lineOf[to.column])].at];
    const outermost = heading > 0 ? Math.max(...ends) : Math.min(...ends);
    const [upper, lower] = [columns[from.column].nodes, columns[to.column].nodes];
    const below = upper.filter((node) => node > from.beside).length;
    const above = lower.filter((node) => node < to.beside).length;
    const many = upper.length * lower.length;
    const lane = (below * lower.length + above) * Math.min(LANE, LANES / many);
    const at = outermost + heading * (FIRST + lane);
    return [[at, from.beside + 0.1 * (to.beside - from.beside)], [at, to.beside - 0.1 * (to.beside - from.beside)]];
  }

  /** Past the columns between: a bend where a node is in the way, towards the nearest gap. */
  #past(from, to) {
    const { columns } = this.plan;
    const bends = [];
    let [at, beside] = [from.at, from.beside];
    for (let column = from.column + 1; column < to.column; column++) {
      const here = columns[column];
      const straight = beside + ((to.beside - beside) * (here.at - at)) / (to.at - at);
      const free = this.#free(column, here.nodes, straight);
      if (free === straight) continue;
      [at, beside] = [here.at, free];
      // A curve does not reach what it is bent towards.
      bends.push([at, straight + BENT * (free - straight)]);
    }
    return bends;
  }

  #free(column, nodes, wanted) {
    if (nodes.every((node) => Math.abs(node - wanted) >= CLEAR)) return wanted;
    const gaps = [nodes[0] - CLEAR - 6, nodes.at(-1) + CLEAR + 6];
    for (let place = 1; place < nodes.length; place++) if (nodes[place] - nodes[place - 1] >= 1.6 * CLEAR) gaps.push((nodes[place] + nodes[place - 1]) / 2);
    const nearest = gaps.reduce((best, gap) => (Math.abs(gap - wanted) < Math.abs(best - wanted) ? gap : best));
    return nearest + this.#aside(`${column} ${nearest}`, nearest < nodes[0] ? -1 : nearest > nodes.at(-1) ? 1 : 0, this.#room(nodes, nearest));
  }

  #room(nodes, gap) {
    return Math.max(0, Math.min(...nodes.map((node) => Math.abs(node - gap))) - CLEAR + 4);
  }

  /** How far from the middle of a gap the next one goes: outside to one side, between nodes to both. */
  #aside(gap, side, room) {
    const before = this.used.get(gap) ?? 0;
    this.used.set(gap, before + 1);
    if (side) return side * NEXT * (before % 12);
    const step = Math.ceil(before / 2) * NEXT * (before % 2 ? 1 : -1);
    return room > 0 ? step % (room + 1) : 0;
  }
}
