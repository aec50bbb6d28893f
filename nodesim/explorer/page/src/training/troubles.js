/** Why a training stopped, and what to do: in words for the reader. */

import { partial, shown } from "../names.js";
import { number } from "../numbers.js";

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
  return `The learning rate ${number(rate, 3)} is too large here: try ${number(rate / 10, 3)}, then reset.`;
}

/**
 * The error grew and grew.
 * @param {number} first @param {number} error @param {number} epochs @param {number} rate
 */
export function diverged(first, error, epochs, rate) {
  return `The training diverges: e grew from ${number(first, 3)} to ${number(error, 3)} in ${epochs} epochs. ${advice(rate)}`;
}

/**
 * A number left the finite ones.
 * @param {any} document
 * @param {import("./passes.js").NotFinite} fault
 * @param {{epoch: number, update: number, of: number, updates: number, rate: number}} where
 */
export function notFinite(document, fault, { epoch, update, of, updates, rate }) {
  const at = of > 1 ? `epoch ${epoch}, update ${update} of ${of}` : `epoch ${epoch}`;
  // Where nothing was changed yet the learning rate is not to blame.
  const todo = updates > 0 ? advice(rate) : "No update was made yet: the weights or the inputs are too large. Make them smaller.";
  return `The training stopped in ${at}: ${quantity(document, fault)}, and the numbers of a computer end there. The weights are those before it. ${todo}`;
}

/** The error of samples that are not trained with. @param {any} document @param {import("./passes.js").NotFinite} fault @param {number} epoch @param {number} rate */
export function testNotFinite(document, fault, epoch, rate) {
  return `The training stopped after epoch ${epoch}: with the test samples ${quantity(document, fault)}. ${advice(rate)}`;
}

/** Which quantity left the finite numbers. */
function quantity({ nodes, connections }, { what, index, value }) {
  const node = nodes[index];
  const became = Number.isNaN(value) ? "is no number any more" : `became ${number(value)}`;
  if (what === "sum") return `${shown(node.quantity)}, ${ofSums(node)}, ${became}`;
  if (what === "activated") return `${shown(node.activated)}, the output of ${shown(node.activation ?? "its function")}, ${became}`;
  if (what === "error") return `the error e ${became}`;
  if (what === "entering") return `${partial("e", node.activated)} ${became}`;
  if (what === "delta") return `${partial("e", node.quantity)} ${became}`;
  const weight = connections[index].quantity;
  return what === "gradient" ? `${partial("e", weight)} ${became}` : `${shown(weight)} ${became}`;
}

function ofSums({ aggregation }) {
  return aggregation === null ? "the weighted sum" : `the ${shown(aggregation.name)} of what comes in`;
}
