/** What the reader has chosen: one object, changed in one place; whoever shows it is told. */

import { noEdits } from "./runs.js";
import { DEFAULTS } from "./training/options.js";

/**
 * @typedef {object} Values
 * @property {{kind: "node"|"connection", index: number}|null} selected
 * @property {number|null} to The output whose OA is derived; null: e is.
 * @property {{nodes: number[], connections: number[]}|null} only A path that is pointed at.
 * @property {{kind: "node"|"connection", index: number}|null} pointed A factor that is pointed at.
 * @property {number} sample
 * @property {number} epoch Index into the recorded epochs.
 * @property {number} step The step that is shown, from 0; -1 when not stepping.
 * @property {"chain"|"paths"|"tree"|"factors"} view Of the derivative.
 * @property {"article"|"strongest"|null} sort Null: the article's order as long as it shows all paths.
 * @property {number} shown How many paths are listed.
 * @property {"names"|"numbers"} labels
 * @property {number} threshold Connections of smaller |weight| are left out.
 * @property {boolean} onlySelected
 * @property {number[]} collapsed Layers.
 * @property {"light"|"dark"|null} theme Null: as the reader's system has it.
 * @property {import("./runs.js").Edits} edits
 * @property {number} learningRate η, with which an update is written.
 */

/** @returns {Values} */
export function initial() {
  return {
    selected: null, to: null, only: null, pointed: null, sample: 0, epoch: 0, step: -1, view: "chain", sort: null, shown: 10, labels: "names",
    threshold: 0, onlySelected: false, collapsed: [], theme: null, edits: noEdits(), learningRate: DEFAULTS.learningRate,
  };
}

/** The state of one page. */
export class State {
  /** @param {Partial<Values>} values */
  constructor(values) {
    /** @type {Values} */
    this.values = { ...initial(), ...values };
    this.listeners = [];
  }

  /**
   * Change some values and tell those who show them.
   * @param {Partial<Values>} changes
   * @param {(keyof Values)[]} [moved] What counts as changed in any case: the number of an epoch, say, at which another one stands now.
   */
  set(changes, moved = []) {
    const changed = new Set([...moved, ...Object.keys(changes).filter((key) => !same(changes[key], this.values[key]))]);
    if (!changed.size) return;
    this.values = { ...this.values, ...changes };
    for (const { keys, listener } of this.listeners) {
      if (keys.some((key) => changed.has(key))) listener(this.values, changed);
    }
  }

  /** Listen to some of the values, in the order of subscription. @param {(keyof Values)[]} keys @param {(values: Values, changed: Set<string>) => void} listener */
  on(keys, listener) {
    this.listeners.push({ keys, listener });
  }
}

function same(a, b) {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
