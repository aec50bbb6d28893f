/** What a training is asked for. */

import { OPTIMIZERS } from "./optimizers.js";

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
  learningRate: [isSize, "the learning rate must be a number, 0 or more"],
  batch: [(value) => value === "all" || (Number.isInteger(value) && value >= 1), "the batch must be “all” or a whole number, 1 or more"],
  optimizer: [(value) => Object.hasOwn(OPTIMIZERS, value), `the optimizer must be one of ${Object.keys(OPTIMIZERS).join(", ")}`],
  parameters: [(value) => value !== null && typeof value === "object" && Object.values(value).every(Number.isFinite), "the optimizer's parameters must be numbers by name"],
  l2: [isSize, "L2 must be a number, 0 or more"],
  shuffle: [(value) => typeof value === "boolean", "shuffle must be true or false"],
  seed: [Number.isInteger, "the seed must be a whole number"],
};

function isSize(value) {
  return Number.isFinite(value) && value >= 0;
}

/** Options with some of them changed; what is undefined stays. @param {Options} options @param {Partial<Options>} changes @returns {Options} */
export function changed(options, changes) {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    if (!Object.hasOwn(ALLOWED, name)) throw new TrainingError(`there is no option ${name}; there are: ${Object.keys(ALLOWED).join(", ")}.`);
    const [isAllowed, words] = ALLOWED[name];
    if (!isAllowed(value)) throw new TrainingError(`${words}; it was ${String(value)}.`);
  }
  return { ...options, ...Object.fromEntries(given) };
}

/** @param {any} epochs How many are asked for. */
export function checkEpochs(epochs) {
  if (!Number.isInteger(epochs) || epochs < 1) throw new TrainingError(`epochs must be a whole number, 1 or more; it was ${String(epochs)}.`);
}
