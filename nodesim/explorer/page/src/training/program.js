/** A program of the document over columns: the same steps as for one sample, for some hundred at a time. */

import { runProgram } from "../programs.js";
import { hides, operation } from "./operations.js";

/** So many numbers of every step stay in the processor's nearest memory. */
const AT_A_TIME = 256;

/** Where a program finds and leaves numbers: those of output k and sample s stand at `at + k·stride + s`. */
/** @typedef {{at: number, stride: number, samples: number}} Place */

/** One program, with room for its steps. */
export class ColumnProgram {
  /**
   * @param {Array<[string, ...(number|string)[]]>} steps
   * @param {number} [outputs] Of how many numbers a sample consists.
   */
  constructor(steps, outputs = 1) {
    this.steps = steps;
    this.outputs = outputs;
    this.most = Math.max(1, Math.floor(AT_A_TIME / outputs));
    this.columns = steps.map(() => new Float64Array(this.most * outputs));
    /** @type {{name: string, column: Float64Array}[]} */
    this.names = [];
    /** @type {{call: import("./operations.js").Operation, out: Float64Array, from: Float64Array[]}[]} */
    this.calls = [];
    steps.forEach((step, place) => this.#add(step, this.columns[place]));
    this.looked = lookedAt(steps).map((place) => this.columns[place]);
  }

  #add([name, ...operands], column) {
    if (name === "number") column.fill(operands[0]);
    else if (name === "name" && operands[0] === "n") column.fill(this.outputs);
    else if (name === "name") this.names.push({ name: operands[0], column });
    else {
      const from = operands.map((place) => this.columns[place]);
      this.calls.push({ call: operation(name), out: column, from: [0, 1, 2].map((place) => from[place] ?? from[0]) });
    }
  }

  /**
   * Calculate many samples.
   * @param {Record<string, Float64Array>} given A table for each name.
   * @param {Place} place Where they stand in all tables.
   * @param {Float64Array} into
   * @param {number} [results] How many numbers of a sample are wanted.
   */
  run(given, place, into, results = this.outputs) {
    const { at, stride, samples } = place;
    for (let first = 0; first < samples; first += this.most) {
      const part = { at: at + first, stride, samples: Math.min(this.most, samples - first) };
      const n = part.samples * this.outputs;
      for (const { name, column } of this.names) copied(given[name], part, column, this.outputs);
      for (const { call, out, from } of this.calls) call(out, n, from[0], from[1], from[2], part.samples);
      placed(this.columns[this.columns.length - 1], part, into, results);
      if (!this.looked.every((column) => allFinite(column, 0, n))) this.#again(given, part, into, results);
    }
  }

  /** The samples in which something was not finite: one by one, with numbers of a wider range where it matters. */
  #again(given, { at, stride, samples }, into, results) {
    for (let s = 0; s < samples; s++) {
      if (!this.looked.some((column) => this.#isLost(column, s, samples))) continue;
      const values = Object.fromEntries(this.names.map(({ name }) => [name, this.#all((k) => given[name][at + k * stride + s])]));
      const found = runProgram(this.steps, { n: [this.outputs], ...values }, this.outputs);
      for (let k = 0; k < results; k++) into[at + k * stride + s] = found[found.length === 1 ? 0 : k];
    }
  }

  #isLost(column, s, samples) {
    return this.#all((k) => column[k * samples + s]).some((value) => !Number.isFinite(value));
  }

  #all(make) {
    return Array.from({ length: this.outputs }, (_, k) => make(k));
  }
}

/** Whether all numbers of a part of a table are finite. @param {Float64Array} table @param {number} from @param {number} to */
export function allFinite(table, from, to) {
  let rest = 0;
  for (let i = from; i < to; i++) rest += table[i] * 0;
  return rest === 0;
}

/** Which results tell whether all is sound: the last one, and what goes into steps that could hide it. */
function lookedAt(steps) {
  const places = steps.filter(([name]) => name !== "number" && name !== "name" && hides(name)).flatMap(([, ...operands]) => operands);
  const calculated = places.filter((place) => steps[place][0] !== "number" && steps[place][0] !== "name");
  return [...new Set([...calculated, steps.length - 1])];
}

function copied(table, { at, stride, samples }, column, outputs) {
  for (let k = 0; k < outputs; k++) {
    const [from, to] = [at + k * stride, k * samples];
    for (let s = 0; s < samples; s++) column[to + s] = table[from + s];
  }
}

function placed(column, { at, stride, samples }, table, results) {
  for (let k = 0; k < results; k++) {
    const [from, to] = [k * samples, at + k * stride];
    for (let s = 0; s < samples; s++) table[to + s] = column[from + s];
  }
}
