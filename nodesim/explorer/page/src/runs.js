/** The run that is shown: the engine's, as the document has it, or the page's own after an edit. */

import { calculate } from "./engine.js";
import { calculates, indices } from "./network.js";

/**
 * What the reader has changed.
 * @typedef {object} Edits
 * @property {Record<string, number>} weights By name of the connection.
 * @property {Record<string, number>} inputs By name of the input.
 * @property {Record<string, number>} targets By name of the output.
 */

/** @returns {Edits} */
export function noEdits() {
  return { weights: {}, inputs: {}, targets: {} };
}

/** @param {Edits} edits */
export function isEdited(edits) {
  return Object.values(edits).some((changed) => Object.keys(changed).length > 0);
}

/** Finds the run of a sample, an epoch and edits, and keeps the last ones. */
export class Runs {
  /** @param {import("./network.js").Network} network @param {boolean} [python] Whether Python calculates what the page cannot. */
  constructor(network, python = false) {
    this.network = network;
    this.python = python;
    this.error = "";
    this.inputs = indices(network.nodes, ({ kind }) => kind === "input");
    this.kept = new Map();
  }

  /** Whether values can be changed. */
  get editable() {
    return (this.network.document.editable || this.python) && this.network.document.samples.length > 0;
  }

  /** Take a run that Python has calculated. @param {any} edits With epoch and sample. @param {any} run Null if it failed. @param {string} error */
  answer({ epoch, sample, ...edits }, run, error) {
    this.error = error;
    if (run) this.kept.set(keyOf(epoch, sample, edits), { ...this.#decoded(run), weights: this.weights(epoch, edits), by: "engine" });
  }

  /**
   * @param {number} epoch Index into the recorded epochs.
   * @param {number} sample
   * @param {Edits} edits
   * @returns {import("./sums.js").Run|null}
   */
  get(epoch, sample, edits) {
    const key = keyOf(epoch, sample, edits);
    if (!this.kept.has(key)) {
      if (this.kept.size >= 8) this.kept.delete(this.kept.keys().next().value);
      this.kept.set(key, this.#make(epoch, sample, edits));
    }
    return this.kept.get(key);
  }

  /** The weights of an epoch, with the reader's changes. @param {number} epoch @param {Edits} edits */
  weights(epoch, edits) {
    const weights = decoded(this.network.document.epochs[epoch].weights);
    for (const [name, value] of Object.entries(edits.weights)) weights[this.network.byName.get(name).index] = value;
    return weights;
  }

  /** Inputs and targets of a sample, with the reader's changes. @param {number} sample @param {Edits} edits */
  sample(sample, edits) {
    const { x, y } = this.network.document.samples[sample];
    const { nodes, outputs } = this.network;
    const changed = (values, places, changes) =>
      values.map((value, place) => changes[nodes[places[place]].name] ?? Number(value));
    const targets = y ?? (Object.keys(edits.targets).length === outputs.length ? outputs.map(() => 0) : null);
    return { x: changed(x, this.inputs, edits.inputs), y: targets && changed(targets, outputs, edits.targets) };
  }

  #make(epoch, sample, edits) {
    const { document } = this.network;
    if (!document.samples.length) return null;
    const kept = document.runs[epoch]?.[sample];
    if (kept && !isEdited(edits)) return { ...this.#decoded(kept), weights: this.weights(epoch, edits), by: "engine" };
    if (!this.network.document.editable) return null;
    const { x, y } = this.sample(sample, edits);
    return calculate(this.network, this.weights(epoch, edits), x, y, this.#constants());
  }

  #decoded(kept) {
    const run = { error: kept.error === null ? null : Number(kept.error) };
    for (const part of ["value", "activated", "slope", "seed", "delta", "gradient"]) run[part] = decoded(kept[part]);
    return run;
  }

  /** What bias nodes send, from any run of the engine's; without one they send 1, as they normally do. */
  #constants() {
    const any = this.network.document.runs.flat().find(Boolean);
    return any ? decoded(any.activated) : this.network.nodes.map((node) => (calculates(node) ? 0 : 1));
  }
}

function keyOf(epoch, sample, { weights = {}, inputs = {}, targets = {} }) {
  return JSON.stringify([epoch, sample, weights, inputs, targets].map((part) => typeof part === "object" ? Object.entries(part).sort() : part));
}

/** The name of the first quantity of a run that is not finite, with its value; null if all are. */
export function notFinite(network, run) {
  for (const part of ["value", "activated", "delta", "gradient"]) {
    const place = run[part]?.findIndex((value) => !Number.isFinite(value)) ?? -1;
    if (place >= 0) return { name: quantity(network, part, place), value: run[part][place] };
  }
  return run.error === null || Number.isFinite(run.error) ? null : { name: "e", value: run.error };
}

function quantity({ nodes, connections }, part, place) {
  if (part === "gradient") return `∂e/∂${connections[place].name}`;
  if (part === "delta") return `∂e/∂${nodes[place].name}`;
  return part === "value" ? nodes[place].name : nodes[place].activated;
}

/** Numbers of a document as numbers: NaN and infinities come as text. */
function decoded(values) {
  return values && Float64Array.from(values, Number);
}
