/** What a training is asked for. */

import { OPTIMIZERS } from "./optimizers.js";
import { marked, worded } from "../words.js";

/**
 * @typedef {object} Options
 * @property {number} learningRate η.
 * @property {number|"all"} batch Samples for each update.
 * @property {string} optimizer
 * @property {Record<string, number>} parameters Of the optimizer, where they are not its own.
 * @property {number} l2 The strength: half of it times the square of every weight is added to e.
 * @property {boolean} shuffle Whether each epoch has an order of its own.
 * @property {number} seed Of these orders.
 */

/** @type {Options} */
export const DEFAULTS = { learningRate: 0.5, batch: "all", optimizer: "sgd", parameters: {}, l2: 0, shuffle: true, seed: 0 };

/** A training that cannot be done; its message is meant for the reader. */
export class TrainingError extends Error {}

/** @type {Record<string, [(value: any) => boolean, string]>} */
const ALLOWED = {
  learningRate: [isSize, marked("the learning rate must be a number, 0 or more; it was {value}.")],
  batch: [(value) => value === "all" || (Number.isInteger(value) && value >= 1), marked("the batch must be “all” or a whole number, 1 or more; it was {value}.")],
  optimizer: [(value) => Object.hasOwn(OPTIMIZERS, value), marked("the optimizer must be one of {names}; it was {value}.")],
  parameters: [(value) => value !== null && typeof value === "object" && Object.values(value).every(Number.isFinite), marked("the optimizer's parameters must be numbers by name; it was {value}.")],
  l2: [isSize, marked("L2 must be a number, 0 or more; it was {value}.")],
  shuffle: [(value) => typeof value === "boolean", marked("shuffle must be true or false; it was {value}.")],
  seed: [Number.isInteger, marked("the seed must be a whole number; it was {value}.")],
};

function isSize(value) {
  return Number.isFinite(value) && value >= 0;
}

/** Options with some of them changed; what is undefined stays. @param {Options} options @param {Partial<Options>} changes @returns {Options} */
export function changed(options, changes) {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    if (!Object.hasOwn(ALLOWED, name)) throw new TrainingError(worded("there is no option {name}; there are: {names}.", { name, names: Object.keys(ALLOWED).join(", ") }));
    const [isAllowed, words] = ALLOWED[name];
    if (!isAllowed(value)) throw new TrainingError(worded(words, { value: String(value), names: Object.keys(OPTIMIZERS).join(", ") }));
  }
  return { ...options, ...Object.fromEntries(given) };
}

/** @param {any} epochs How many are asked for. */
export function checkEpochs(epochs) {
  if (!Number.isInteger(epochs) || epochs < 1) throw new TrainingError(worded("epochs must be a whole number, 1 or more; it was {value}.", { value: String(epochs) }));
}
