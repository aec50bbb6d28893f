/** Why a training stopped, and what to do: in words for the reader. */

import { partial, shown } from "../names.js";
import { number } from "../numbers.js";
import { marked, worded } from "../words.js";

/** So many times the first error, and rising: that is no detour any more. */
const DIVERGED = 1e6;

/**
 * Whether a training diverges, by the errors of its first epoch, of the last but one and of the last.
 * @param {number|null} first @param {number|null} before @param {number} error
 */
export function diverges(first, before, error) {
  return first !== null && before !== null && error > before && first > 0 && error > DIVERGED * first;
}

/** What to do about the learning rate. @param {number} rate */
function advice(rate) {
  return worded("The learning rate {rate} is too large here: try {smaller}, then reset.", { rate: number(rate, 3), smaller: number(rate / 10, 3) });
}

/**
 * The error grew and grew.
 * @param {number} first @param {number} error @param {number} epochs @param {number} rate
 */
export function diverged(first, error, epochs, rate) {
  return worded("The training diverges: e grew from {first} to {error} in {epochs} epochs. {advice}", { first: number(first, 3), error: number(error, 3), epochs, advice: advice(rate) });
}

/**
 * A number left the finite ones.
 * @param {any} document
 * @param {import("./passes.js").NotFinite} fault
 * @param {{epoch: number, update: number, of: number, updates: number, rate: number}} where
 */
export function notFinite(document, fault, { epoch, update, of, updates, rate }) {
  const at = worded(of > 1 ? marked("epoch {epoch}, update {update} of {of}") : marked("epoch {epoch}"), { epoch, update, of });
  // Where nothing was changed yet the learning rate is not to blame.
  const todo = updates > 0 ? advice(rate) : worded("No update was made yet: the weights or the inputs are too large. Make them smaller.");
  return worded("The training stopped in {at}: {quantity}, and the numbers of a computer end there. The weights are those before it. {advice}", { at, quantity: quantity(document, fault), advice: todo });
}

/** The error of samples that are not trained with. @param {any} document @param {import("./passes.js").NotFinite} fault @param {number} epoch @param {number} rate */
export function testNotFinite(document, fault, epoch, rate) {
  return worded("The training stopped after epoch {epoch}: with the test samples {quantity}. {advice}", { epoch, quantity: quantity(document, fault), advice: advice(rate) });
}

/** Which quantity left the finite numbers. */
function quantity({ nodes, connections }, { what, index, value }) {
  const node = nodes[index];
  const became = (name) => worded(Number.isNaN(value) ? marked("{name} is no number any more") : marked("{name} became {number}"), { name, number: number(value) });
  if (what === "sum") return became(ofSums(node));
  if (what === "activated") return became(worded("{name}, the output of {activation},", { name: shown(node.activated), activation: shown(node.activation ?? worded("its function")) }));
  if (what === "error") return became(worded("the error e"));
  if (what === "entering") return became(partial("e", node.activated));
  if (what === "delta") return became(partial("e", node.quantity));
  const weight = connections[index].quantity;
  return became(what === "gradient" ? partial("e", weight) : shown(weight));
}

function ofSums({ quantity, aggregation }) {
  if (aggregation === null) return worded("{name}, the weighted sum,", { name: shown(quantity) });
  return worded("{name}, the {aggregation} of what comes in,", { name: shown(quantity), aggregation: shown(aggregation.name) });
}
