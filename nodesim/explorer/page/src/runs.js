/** The run that is shown: the page's own, or the engine's where the page cannot calculate. */

import { calculate } from "./engine.js";
import { usesOf } from "./network.js";
import { Moments } from "./moments.js";

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

/**
 * The edits with one more; of connections that share a weight the one that was changed last stands for all.
 * @param {import("./network.js").Network} network
 * @param {Edits} edits
 * @param {"weights"|"inputs"|"targets"} part
 * @param {string} key Of what is changed, as the part has it.
 * @param {number} value
 * @returns {Edits}
 */
export function withEdit(network, edits, part, key, value) {
  const others = { ...edits[part] };
  if (part === "weights") for (const use of usesOf(network, network.byName.get(key).index)) delete others[network.connections[use].name];
  return { ...edits, [part]: { ...others, [key]: value } };
}

/** Finds the run of a sample, an epoch and edits, and keeps the last ones. */
export class Runs {
  /** @param {import("./network.js").Network} network @param {boolean} [python] Whether Python calculates what the page cannot. */
  constructor(network, python = false) {
    this.network = network;
    this.python = python;
    this.error = "";
    this.moments = new Moments(network.document.epochs);
    this.engines = new Map(network.document.runs.map((run) => [this.#keyOf(run.epoch, run.sample, {}), run]));
    this.kept = new Map();
  }

  /** Whether values can be changed. */
  get editable() {
    return (this.network.document.editable || this.python) && this.network.document.samples.length > 0;
  }

  /** Take a run that Python has calculated. @param {any} edits With epoch and sample. @param {any} run Null if it failed. @param {string} error */
  answer({ epoch, sample, ...edits }, run, error) {
    this.error = error;
    if (run) this.kept.set(this.#keyOf(epoch, sample, edits), this.#engines(run, epoch, sample, edits));
  }

  /**
   * @param {number} epoch Index into the recorded epochs.
   * @param {number} sample
   * @param {Edits} edits
   * @returns {import("./sums.js").Run|null}
   */
  get(epoch, sample, edits) {
    const key = this.#keyOf(epoch, sample, edits);
    if (!this.kept.has(key)) {
      if (this.kept.size >= 8) this.kept.delete(this.kept.keys().next().value);
      this.kept.set(key, this.#make(epoch, sample, edits));
    }
    return this.kept.get(key);
  }

  /** The weights of an epoch, with the reader's changes. @param {number} epoch @param {Edits} edits */
  weights(epoch, edits) {
    if (!Object.keys(edits.weights).length) return this.moments.of(epoch);
    const weights = this.moments.of(epoch).slice();
    for (const [name, value] of Object.entries(edits.weights)) {
      for (const use of usesOf(this.network, this.network.byName.get(name).index)) weights[use] = value;
    }
    return weights;
  }

  /** Inputs and targets of a sample, with the reader's changes. @param {number} sample @param {Edits} edits */
  sample(sample, edits) {
    const { x, y } = this.network.document.samples[sample];
    const { nodes, inputs, outputs } = this.network;
    const changed = (values, places, changes) =>
      values.map((value, place) => changes[nodes[places[place]].name] ?? Number(value));
    const targets = y ?? (Object.keys(edits.targets).length === outputs.length ? outputs.map(() => 0) : null);
    return { x: changed(x, inputs, edits.inputs), y: targets && changed(targets, outputs, edits.targets) };
  }

  /** By the moment itself, since a training in the page changes which one stands at a place. */
  #keyOf(epoch, sample, edits) {
    return keyOf(this.moments.keyOf(epoch), sample, edits);
  }

  #make(epoch, sample, edits) {
    const { document } = this.network;
    if (!document.samples.length) return null;
    const kept = this.engines.get(this.#keyOf(epoch, sample, edits));
    if (kept) return this.#engines(kept, epoch, sample, edits);
    if (!document.editable) return null;
    const { x, y } = this.sample(sample, edits);
    return sound(this.network, calculate(this.network, this.weights(epoch, edits), x, y));
  }

  /** A run of the engine's, as it travels, as a run that is shown. */
  #engines(run, epoch, sample, edits) {
    const shown = { error: run.error === null ? null : Number(run.error), weights: this.weights(epoch, edits), targets: this.sample(sample, edits).y, by: "engine" };
    for (const part of ["value", "activated", "slope", "parts", "seed", "delta", "gradient"]) shown[part] = decoded(run[part]);
    return sound(this.network, shown);
  }
}

/** As in the engine, a run with a number that is not finite has neither error nor gradients; `bad` says which it was. */
function sound(network, run) {
  const bad = notFinite(network, run);
  return bad ? { ...run, bad, error: null, seed: null, delta: null, gradient: null } : run;
}

function keyOf(epoch, sample, { weights = {}, inputs = {}, targets = {} }) {
  return JSON.stringify([epoch, sample, weights, inputs, targets].map((part) => typeof part === "object" ? Object.entries(part).sort() : part));
}

/** The name of the first quantity of a run that is not finite, with its value; null if all are. */
function notFinite(network, run) {
  for (const part of ["value", "activated", "delta", "gradient"]) {
    const place = run[part]?.findIndex((value) => !Number.isFinite(value)) ?? -1;
    if (place >= 0) return { name: quantity(network, part, place), value: run[part][place] };
  }
  return run.error === null || Number.isFinite(run.error) ? null : { name: "e", value: run.error };
}

function quantity({ nodes, connections }, part, place) {
  if (part === "gradient") return `∂e/∂${connections[place].quantity}`;
  if (part === "delta") return `∂e/∂${nodes[place].quantity}`;
  return part === "value" ? nodes[place].quantity : nodes[place].activated;
}

/** Numbers of a run as numbers: NaN and infinities come as text. */
function decoded(values) {
  return values && Float64Array.from(values, Number);
}
