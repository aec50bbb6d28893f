/** What a map or a curve shows: which node, over which inputs, and the samples as points. */

import { calculate } from "../engine.js";
import { calculates, whyPython } from "../network.js";
import { noEdits } from "../runs.js";
import { Field } from "./field.js";
import { bounds, span } from "./range.js";
import { worded } from "../words.js";

/** Points of a side of a map, and of a curve. */
const SIDE = 64;
const LENGTH = 257;
/** So many products are calculated for a picture without anybody having to wait; larger networks have coarser maps. */
const WORK = 8e6;
const LEAST_SIDE = 20;
/** Of more connections than these not even a coarse map is drawn in time. */
const MOST_CONNECTIONS = 200000;
/** More points would be a blot. */
const MOST_POINTS = 2000;

/** Why there is nothing to show, in words; "" if there is. @param {any} document */
export function whyNoMap(document) {
  const inputs = document.nodes.filter(({ kind }) => kind === "input").length;
  const python = whyPython(document);
  if (python) return worded("There is no map: {reason}.", { reason: python });
  if (!inputs) return worded("There is no map: the network has no input.");
  if (!document.nodes.some(calculates)) return worded("There is no map: the network has no node that calculates.");
  return document.connections.length > MOST_CONNECTIONS ? worded("There is no map: with {count} connections it would take too long.", { count: document.connections.length }) : "";
}

/** A node over one or two inputs. */
export class Subject {
  /**
   * @param {import("../app.js").App} app
   * @param {number} node
   * @param {number[]} axes Places among the inputs: across, and up.
   */
  constructor(app, node, axes) {
    Object.assign(this, { app, node, axes });
    const { network } = app;
    this.network = network;
    this.place = network.place[node];
    this.samples = points(app.document.samples);
    this.spans = axes.map((axis) => span(this.samples.map(({ x }) => x[axis])));
    this.bounded = bounds(network.document.programs[network.nodes[node].program].function);
    this.#prepare();
  }

  #prepare() {
    const { size } = new Field(this.network, this.node, 0);
    this.side = this.axes.length === 1 ? LENGTH : Math.min(SIDE, Math.max(LEAST_SIDE, Math.floor(Math.sqrt(WORK / Math.max(size, 1)))));
    const count = this.side ** this.axes.length;
    this.field = new Field(this.network, this.node, count);
    const at = (axis, place) => this.at(axis, place / (this.side - 1));
    // Pictures begin at the top.
    this.moving = new Map(this.axes.map((input, axis) => [input, Float64Array.from({ length: count }, (_, i) => at(axis, axis === 0 ? i % this.side : this.side - 1 - Math.floor(i / this.side)))]));
  }

  /** The number at a share of an axis. @param {number} axis @param {number} share */
  at(axis, share) {
    const [least, most] = this.spans[axis];
    return least * (1 - share) + most * share;
  }

  /** The share of an axis at a number. @param {number} axis @param {number} value */
  share(axis, value) {
    const [least, most] = this.spans[axis];
    return (value - least) / (most - least);
  }

  /** The sample that is shown, whose inputs stay where no axis moves them: with what the reader has changed. @returns {number[]} */
  get still() {
    const { sample, edits } = this.app.state.values;
    return this.app.document.samples.length ? this.app.runs.sample(sample, edits).x : this.network.inputs.map(() => 0);
  }

  /** What the node sends at all points of the picture. */
  values() {
    return this.field.values(this.app.weights, this.still, this.moving);
  }

  /** What the node sends at one point. @param {number[]} numbers Of the axes. */
  value(numbers) {
    const x = [...this.still];
    this.axes.forEach((input, axis) => (x[input] = numbers[axis]));
    return calculate(this.network, this.app.weights, x, null).activated[this.node];
  }

  /** The output whose desired number samples are coloured by: the node itself, what is derived, or the first. */
  get output() {
    const { to } = this.app.state.values;
    return this.place >= 0 ? this.place : Math.max(0, this.network.place[to] ?? 0);
  }

  /** The samples as points; the one that is shown comes last, with what the reader has changed. */
  points() {
    const { sample, edits } = this.app.state.values;
    const { output } = this;
    const all = this.samples.filter(({ index }) => index !== sample);
    const made = all.map(({ index, x, y, test }) => ({ index, test, shown: false, at: this.axes.map((axis) => x[axis]), target: y ? y[output] : null, x }));
    if (!this.app.document.samples[sample]) return made;
    const { x, y } = this.app.runs.sample(sample, edits ?? noEdits());
    return [...made, { index: sample, test: Boolean(this.app.document.samples[sample].test), shown: true, at: this.axes.map((axis) => x[axis]), target: y ? y[output] : null, x }];
  }
}

/** Numbers of the samples, of many every so manieth. */
function points(samples) {
  const step = Math.ceil(samples.length / MOST_POINTS) || 1;
  return samples.flatMap(({ x, y, test }, index) => (index % step ? [] : [{ index, x: x.map(Number), y: y && y.map(Number), test: Boolean(test) }]));
}
