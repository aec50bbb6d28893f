/** Where everything stands: nodes, e, collapsed layers, and the curves of connections between them. */

import { beforeError, linesOf, lineHeight, MARGINS, MOST_ROWS, shapeFor, sidesOf, sizeOf } from "./arrangement.js";
import { curveOf } from "./curves.js";
import { errorForms, hasError } from "./errornode.js";
import { ERROR_RADIUS, RADIUS } from "./measures.js";
import { Routes } from "./routes.js";

/** A circle takes at most this share of the way to the next one. */
const SHARE = 0.44;
/** A collapsed layer takes the room of so many nodes. */
const BLOCK = 2;
const ROOM = { width: 900, height: 600 };

/**
 * @typedef {import("./curves.js").Curve} Curve
 *
 * A collapsed layer.
 * @typedef {object} Block
 * @property {number} layer @property {number} x @property {number} y @property {number} many
 *
 * All connections between a collapsed layer and something else.
 * @typedef {object} Bundle
 * @property {Curve} curve @property {number[]} members
 */

/** One arrangement of a network. */
export class Scene {
  /** @param {import("./network.js").Network} network @param {number[]} collapsed @param {{width: number, height: number}} [room] What there is to fill. */
  constructor(network, collapsed, room = ROOM) {
    this.network = network;
    this.collapsed = new Set(collapsed);
    this.errorForms = hasError(network) ? errorForms(network) : null;
    this.given = this.#given();
    this.reshape(room);
  }

  /** Fill another room; returns whether anything has moved. @param {{width: number, height: number}} room */
  reshape(room) {
    const shape = shapeFor(this.given, room);
    if (this.shape && JSON.stringify(shape) === JSON.stringify(this.shape)) return false;
    this.shape = shape;
    Object.assign(this, sizeOf(shape, this.given));
    // Beside columns of many nodes a block is large, so that it can be read.
    this.blockScale = Math.max(1, this.height / 1100);
    this.#place();
    this.#connect();
    return true;
  }

  /** Whether a node is drawn by itself. @param {number} node */
  isOpen(node) {
    return !this.collapsed.has(this.network.nodes[node].layer);
  }

  /** The curve of a connection between open nodes. @param {number} c @returns {Curve} */
  curve(c) {
    return this.curves[c];
  }

  #given() {
    const { columns, connections, nodes } = this.network;
    const sizes = columns.map((column, layer) => (this.collapsed.has(layer) ? Math.min(BLOCK, column.length) : Math.min(MOST_ROWS, column.length)));
    const passing = connections.filter(({ source, target }) => Math.abs(nodes[target].layer - nodes[source].layer) !== 1).length;
    return { sizes: [...sizes, ...(this.errorForms ? [1] : [])], error: Boolean(this.errorForms), skips: passing / Math.max(1, connections.length) };
  }

  /** Give every column its place in its line, and every node its place in its column. */
  #place() {
    const { shape, given } = this;
    const lines = linesOf(shape, given.sizes.length);
    this.plan = { columns: [], lineOf: [], heading: lines.map((_, line) => (line % 2 ? -1 : 1)) };
    let top = 0;
    lines.forEach((columns, line) => {
      const most = Math.max(...columns.map((column) => given.sizes[column]));
      columns.forEach((column, place) => {
        this.plan.lineOf[column] = line;
        const farther = column === this.network.columns.length && place > 0 ? beforeError(shape, given.error) : 0;
        this.plan.columns[column] = { at: this.#at(place, lines.length, line) + farther * this.plan.heading[line], top, ...this.#column(column, top, most) };
      });
      top += lineHeight(shape, most);
    });
    this.#put();
  }

  #at(place, lines, line) {
    const { shape, width, given } = this;
    if (shape.down) return MARGINS.top + place * shape.column;
    const { left, right } = sidesOf(lines, given.error);
    return line % 2 ? width - right - place * shape.column : left + place * shape.column;
  }

  /** The middle of a column, and where its nodes stand. */
  #column(column, top, most) {
    const { shape, given } = this;
    const members = this.network.columns[column] ?? [];
    const reach = (most - 1) * shape.row;
    const middle = shape.down ? this.width / 2 : top + MARGINS.top + reach / 2;
    if (this.collapsed.has(column)) return { middle, nodes: [middle], members };
    const many = members.length || given.sizes[column];
    const squeezed = many > 1 ? (given.sizes[column] - 1) / (many - 1) : 1;
    const far = squeezed < 1 ? squeezed * shape.row : shape.spread && many > 1 ? Math.min((reach + shape.row) / many, reach / (many - 1)) : shape.row;
    // What stands alone beside others that stand alone does not stand in their way.
    const aside = shape.spread && column < this.network.columns.length && many < most ? (column % 2 ? 1 : -1) * Math.min(0.25 * Math.min(far, shape.row), (reach - (many - 1) * far) / 2) : 0;
    return { middle, nodes: Array.from({ length: many }, (_, place) => middle + aside + (place - (many - 1) / 2) * far), members };
  }

  #put() {
    const { nodes, columns, document } = this.network;
    const { down } = this.shape;
    this.x = new Float64Array(nodes.length);
    this.y = new Float64Array(nodes.length);
    this.radius = new Float64Array(nodes.length).fill(RADIUS);
    this.placeOf = new Array(nodes.length);
    this.plan.columns.forEach(({ at, nodes: besides, members }, column) => {
      members.forEach((node, row) => {
        const beside = besides[Math.min(row, besides.length - 1)];
        if (besides.length > 1) this.radius[node] = Math.min(RADIUS, SHARE * (besides[1] - besides[0]));
        this.placeOf[node] = { column, at, beside, radius: this.radius[node] };
        [this.x[node], this.y[node]] = down ? [beside, at] : [at, beside];
      });
    });
    /** @type {Block[]} */
    this.blocks = [...this.collapsed].map((layer) => ({ layer, ...this.#point(layer), many: columns[layer].length }));
    this.titles = document.layers.map(({ name }, layer) => ({ layer, name, ...this.#title(layer), arrow: this.#arrow(layer) }));
    this.error = this.errorForms && { ...this.#point(columns.length), forms: this.errorForms };
  }

  /** The middle of a column in the drawing. */
  #point(column) {
    const { at, middle } = this.plan.columns[column];
    return this.shape.down ? { x: middle, y: at } : { x: at, y: middle };
  }

  #title(layer) {
    const { at, top } = this.plan.columns[layer];
    if (this.shape.down) return { x: 6, y: at - 42, room: this.width, start: true };
    const { lineOf, heading } = this.plan;
    // Where connections turn into a line, its first title makes room for them.
    const turn = lineOf[layer] > 0 && lineOf[layer - 1] !== lineOf[layer];
    return { x: at + (turn ? 14 * heading[lineOf[layer]] : 0), y: top + 16, room: this.shape.column - (turn ? 14 : 0), start: false };
  }

  /** Which way a line of several runs, said at its first title. */
  #arrow(layer) {
    const { lineOf, heading } = this.plan;
    if (heading.length < 2 || lineOf[layer - 1] === lineOf[layer]) return "";
    return heading[lineOf[layer]] < 0 ? "←" : "→";
  }

  #connect() {
    const { connections } = this.network;
    const routes = new Routes(this.plan);
    const open = ({ source, target }) => this.isOpen(source) && this.isOpen(target);
    this.curves = connections.map((c) => (open(c) ? this.#curve(routes, this.placeOf[c.source], this.placeOf[c.target]) : null));
    /** @type {Bundle[]} */
    this.bundles = [];
    this.bundleOf = new Int32Array(connections.length).fill(-1);
    if (this.collapsed.size) this.#bundle(routes);
    this.errorEdges = this.error ? this.#errorEdges(routes) : [];
  }

  #curve(routes, from, to) {
    const turned = ([at, beside]) => (this.shape.down ? [beside, at] : [at, beside]);
    const bends = routes.bends(from, to).map(turned);
    return curveOf(turned([from.at, from.beside]), turned([to.at, to.beside]), bends, from.radius, to.radius + 2);
  }

  #bundle(routes) {
    const { connections, nodes } = this.network;
    const known = new Map();
    connections.forEach(({ source, target }, c) => {
      if (this.isOpen(source) && this.isOpen(target)) return;
      const [a, b] = [source, target].map((node) => (this.isOpen(node) ? node : -1 - nodes[node].layer));
      if (a === b) return;
      const key = `${a} ${b}`;
      if (!known.has(key)) {
        known.set(key, this.bundles.length);
        this.bundles.push({ curve: this.#curve(routes, this.placeOf[source], this.placeOf[target]), members: [] });
      }
      this.bundleOf[c] = known.get(key);
      this.bundles[known.get(key)].members.push(c);
    });
  }

  /** An edge from every output to e, or one from all that are collapsed. */
  #errorEdges(routes) {
    const { x, y, network, plan } = this;
    const column = network.columns.length;
    const { at, middle } = plan.columns[column];
    const edges = new Map();
    for (const node of network.outputs) {
      const key = `${x[node]} ${y[node]}`;
      if (!edges.has(key)) edges.set(key, { nodes: [], curve: this.#curve(routes, this.placeOf[node], { column, at, beside: middle, radius: ERROR_RADIUS }) });
      edges.get(key).nodes.push(node);
    }
    return [...edges.values()];
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
