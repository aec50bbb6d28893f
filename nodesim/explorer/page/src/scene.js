/** Where everything stands: nodes, collapsed layers, and the curves of connections between them. */

export const RADIUS = 27;
/** How far from the centre of a node its numbers stand, so that those of two rows do not meet. */
export const [ABOVE, BELOW] = [RADIUS + 8, RADIUS + 10];
/** The sign of a node that is no sum: where it stands, and half its width. */
export const BADGE = { left: 26, above: 23, half: 16 };
/** The mark beside an output, by which it is derived: how far to the right of its centre, how far below, how large. */
export const TARGET = { right: RADIUS + 17, below: 11, radius: 10, inner: 4 };
const ROW = 84;
const TOP = 66;
const COLUMN = 190;
const WIDEST = 1.25; // A drawing is at least so many times as wide as high: columns move apart.

/**
 * @typedef {object} Curve
 * @property {number} x1 @property {number} y1
 * @property {number} cx @property {number} cy
 * @property {number} x2 @property {number} y2
 */

/**
 * A collapsed layer.
 * @typedef {object} Block
 * @property {number} layer @property {number} x @property {number} y @property {number} many
 */

/**
 * All connections between a collapsed layer and something else.
 * @typedef {object} Bundle
 * @property {Curve} curve @property {number[]} members
 */

/** One arrangement of a network. */
export class Scene {
  /** @param {import("./network.js").Network} network @param {number[]} collapsed */
  constructor(network, collapsed) {
    this.network = network;
    this.collapsed = new Set(collapsed);
    this.height = this.#height();
    this.stretch = Math.max(1, (this.height * WIDEST) / network.document.size.width);
    this.width = network.document.size.width * this.stretch;
    this.#place();
    // Beside columns of many nodes a block is large, so that it can be read.
    this.blockScale = Math.max(1, this.height / 1100);
    /** @type {Block[]} */
    this.blocks = collapsed.map((layer) => this.#block(layer));
    /** @type {Bundle[]} */
    this.bundles = [];
    this.bundleOf = new Int32Array(network.connections.length).fill(-1);
    if (collapsed.length) this.#bundle();
  }

  /** Whether a node is drawn by itself. @param {number} node */
  isOpen(node) {
    return !this.collapsed.has(this.network.nodes[node].layer);
  }

  /** The middle of a layer's column. @param {number} layer */
  columnX(layer) {
    const first = this.network.columns[layer][0];
    return first === undefined ? 60 + COLUMN * layer : this.network.nodes[first].x * this.stretch;
  }

  /** The curve of a connection between open nodes; over several columns it bends around what stands between. @param {number} c @returns {Curve} */
  curve(c) {
    const { source, target } = this.network.connections[c];
    const columns = this.network.nodes[target].layer - this.network.nodes[source].layer;
    return this.#between(this.x[source], this.y[source], this.x[target], this.y[target], columns, RADIUS);
  }

  #between(x1, y1, x2, y2, columns, radius) {
    let [cx, cy] = [(x1 + x2) / 2, (y1 + y2) / 2];
    if (Math.abs(columns) !== 1) {
      if (columns === 0) cx += 70;
      cy += (cy <= this.height / 2 ? -90 : 90) * Math.max(1, this.stretch / 2);
    }
    const start = towards(x1, y1, cx, cy, radius);
    const end = towards(x2, y2, cx, cy, radius + 2);
    return { x1: start[0], y1: start[1], cx, cy, x2: end[0], y2: end[1] };
  }

  #height() {
    const { columns, nodes, document } = this.network;
    if (!this.collapsed.size) return document.size.height;
    const open = columns.filter((column, layer) => column.length && !this.collapsed.has(layer));
    const tallest = Math.max(0, ...open.map((column) => nodes[column.at(-1)].y - nodes[column[0]].y));
    return Math.max(tallest + 2 * TOP, TOP * 2 + ROW * 2);
  }

  #place() {
    const { columns, nodes, document } = this.network;
    this.x = Float64Array.from(nodes, (node) => node.x * this.stretch);
    const lower = (this.height - document.size.height) / 2;
    this.y = Float64Array.from(nodes, (node) => node.y + lower);
    for (const layer of this.collapsed) {
      for (const node of columns[layer]) this.y[node] = this.height / 2;
    }
  }

  #block(layer) {
    return { layer, x: this.columnX(layer), y: this.height / 2, many: this.network.columns[layer].length };
  }

  #bundle() {
    const { connections, nodes } = this.network;
    const known = new Map();
    connections.forEach(({ source, target }, c) => {
      if (this.isOpen(source) && this.isOpen(target)) return;
      const [a, b] = [source, target].map((node) => (this.isOpen(node) ? node : -1 - nodes[node].layer));
      if (a === b) return;
      const key = `${a} ${b}`;
      if (!known.has(key)) {
        known.set(key, this.bundles.length);
        const columns = nodes[target].layer - nodes[source].layer;
        const curve = this.#between(this.x[source], this.y[source], this.x[target], this.y[target], columns, RADIUS);
        this.bundles.push({ curve, members: [] });
      }
      this.bundleOf[c] = known.get(key);
      this.bundles[known.get(key)].members.push(c);
    });
  }
}

/** How wide a bundle is drawn: more for more connections, less where there are many bundles. @param {Scene} scene @param {Bundle} bundle */
export function bundleWidth({ bundles, blockScale }, { members }) {
  return (1 + Math.min(9, Math.log2(1 + members.length) * 0.7)) * blockScale * (bundles.length > 45 ? 0.4 : 1);
}

/** The bundles that say how many connections they are: few, and of several. @param {Scene} scene */
export function namedBundles({ bundles }) {
  return bundles.length <= 45 ? bundles.filter(({ members }) => members.length > 1) : [];
}

/** The point of a curve at a share of its length. @param {Curve} curve @param {number} t */
export function along({ x1, y1, cx, cy, x2, y2 }, t) {
  const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t * t];
  return [a * x1 + b * cx + c * x2, a * y1 + b * cy + c * y2];
}

/** The corners of the head of an arrow. @param {Curve} curve @param {number} length @param {number} half */
export function head({ cx, cy, x2, y2 }, length, half) {
  const angle = Math.atan2(y2 - cy, x2 - cx);
  const [bx, by] = [x2 - length * Math.cos(angle), y2 - length * Math.sin(angle)];
  const [sx, sy] = [half * Math.sin(angle), -half * Math.cos(angle)];
  return [[x2, y2], [bx + sx, by + sy], [bx - sx, by - sy]];
}

/** How far a point is from a curve, measured on the lines between some of its points. @param {Curve} curve @param {number} x @param {number} y */
export function distance(curve, x, y) {
  let nearest = Infinity;
  let [px, py] = [curve.x1, curve.y1];
  for (const t of [0.25, 0.5, 0.75, 1]) {
    const [qx, qy] = along(curve, t);
    nearest = Math.min(nearest, toSegment(x, y, px, py, qx, qy));
    [px, py] = [qx, qy];
  }
  return nearest;
}

function toSegment(x, y, px, py, qx, qy) {
  const [dx, dy] = [qx - px, qy - py];
  const share = Math.max(0, Math.min(1, ((x - px) * dx + (y - py) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - px - share * dx, y - py - share * dy);
}

function towards(x, y, ox, oy, distance) {
  const [dx, dy] = [ox - x, oy - y];
  const length = Math.hypot(dx, dy) || 1;
  return [x + (dx / length) * distance, y + (dy / length) * distance];
}
