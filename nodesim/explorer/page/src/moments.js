/** The epochs that are known: those that the document brings, and those that a training in this page adds. */

import { plain } from "./numbers.js";
import { Thinned } from "./thinned.js";

/**
 * One epoch.
 * @typedef {object} Moment
 * @property {number} epoch
 * @property {number|null} error Of the samples that are trained, or as the document has it.
 * @property {number|null} [test] Of the samples that are held out.
 * @property {boolean} [learned] Whether this page has learned it.
 * @property {string|Float64Array} weights In a document base64 of float64, the low byte first.
 */

/** So many of those that were learned are kept. */
const MOST = 600;
/** So many errors are drawn: more than a screen has columns. */
const MOST_OF_CURVE = 4000;

/** The epochs in their order. */
export class Moments {
  /** @param {{epoch: number, error: any, weights: string|Float64Array}[]} epochs Of the document. */
  constructor(epochs) {
    /** @type {Moment[]} */
    this.list = epochs.map((each) => ({ ...each, error: each.error === null ? null : Number(each.error) }));
    this.brought = [...this.list];
    /** How many of them are shown: a training goes on from the last one. */
    this.first = this.list.length;
    /** @type {Thinned<Moment>} */
    this.added = new Thinned(MOST);
    /** The errors of the epochs that the page has learned. @type {Thinned<{epoch: number, error: number|null, test: number|null}>} */
    this.errors = new Thinned(MOST_OF_CURVE);
    /** @type {WeakMap<Moment, number>} */
    this.numbers = new WeakMap();
    this.given = 0;
  }

  get length() {
    return this.list.length;
  }

  get last() {
    return this.list.length - 1;
  }

  /** Whether the page has learned any of them. */
  get learned() {
    return Boolean(this.list.at(-1).learned);
  }

  /** @param {number} index @returns {Moment} */
  at(index) {
    return this.list[Math.min(index, this.last)];
  }

  /** The weights of the connections, in their order; not to be written into. @param {number} index @returns {Float64Array} */
  of(index) {
    const moment = this.at(index);
    if (typeof moment.weights === "string") moment.weights = unpacked(moment.weights);
    return moment.weights;
  }

  /** What tells a moment from all others, also when places have changed. @param {number} index */
  keyOf(index) {
    const moment = this.at(index);
    if (!this.numbers.has(moment)) this.numbers.set(moment, this.given++);
    return this.numbers.get(moment);
  }

  /** Forget what comes after a moment: a training goes on from there. @param {number} index */
  cut(index) {
    const moment = this.at(index);
    this.first = Math.min(this.first, index + 1);
    this.added.cut((each) => this.list.indexOf(each) <= index);
    this.errors.cut((each) => moment.learned && each.epoch <= moment.epoch);
    this.#join();
  }

  /**
   * Add what was learned.
   * @param {Omit<Moment, "learned">} moment
   * @param {{epoch: number, error: number|null, test: number|null}[]} [errors] Of the epochs that were finished since the last moment.
   */
  add(moment, errors = []) {
    errors.forEach((each) => this.errors.add(each));
    this.added.add({ ...moment, learned: true });
    this.#join();
  }

  /** Back to those that the document brought. */
  reset() {
    this.first = this.brought.length;
    this.added.clear();
    this.errors.clear();
    this.#join();
  }

  #join() {
    this.list = [...this.brought.slice(0, this.first), ...this.added.items];
  }

  /** All of them as a document has them. */
  described() {
    return this.list.map(({ epoch, error, weights }) => ({ epoch, error: error === null ? null : plain(error), weights: typeof weights === "string" ? weights : packed(weights) }));
  }
}

/** Text from numbers. @param {Float64Array} numbers */
export function packed(numbers) {
  const view = new DataView(new ArrayBuffer(8 * numbers.length));
  numbers.forEach((value, place) => view.setFloat64(8 * place, value, true));
  return btoa(Array.from(new Uint8Array(view.buffer), (byte) => String.fromCharCode(byte)).join(""));
}

/** Numbers from text. @param {string} text */
export function unpacked(text) {
  const bytes = atob(text);
  const view = new DataView(new ArrayBuffer(bytes.length));
  for (let place = 0; place < bytes.length; place++) view.setUint8(place, bytes.charCodeAt(place));
  return Float64Array.from({ length: bytes.length / 8 }, (_, place) => view.getFloat64(8 * place, true));
}
