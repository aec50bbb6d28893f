/** Which desired outputs a loss takes: some take shares alone, from 0 to 1. */

import { shown } from "./names.js";
import { number } from "./numbers.js";

/** @param {any} document @param {string} [loss] Its name; by default that of the network. @returns {[number, number]} */
function rangeOf({ offered, loss: { name } }, loss = name) {
  const [low, high] = offered?.losses.find((each) => each.name === loss)?.targets ?? [null, null];
  return [low ?? -Infinity, high ?? Infinity];
}

/** Whether the loss of a network takes them. @param {any} document @param {number[]} desired */
export function takes(document, desired) {
  const [low, high] = rangeOf(document);
  return desired.every((y) => y >= low && y <= high);
}

/** Why a loss cannot be used with the samples of a document, in words; "" where it can. @param {any} document @param {string} loss */
export function whyNotLoss(document, loss) {
  const [low, high] = rangeOf(document, loss);
  for (const { name, y } of document.samples) {
    const outside = y?.map(Number).find((value) => !(value >= low && value <= high));
    if (outside !== undefined) return `The loss ${shown(loss)} takes ${rangeWords(low, high)}; ${shown(name)} has ${number(outside)}. Choose another loss, or other data.`;
  }
  return "";
}

/** Why a desired output cannot be another one, in words; "" where it can. @param {any} document @param {number} wanted */
export function whyNotDesired(document, wanted) {
  return takes(document, [wanted]) ? "" : `The loss ${shown(document.loss.name)} takes ${rangeWords(...rangeOf(document))}, and this is ${number(wanted)}.`;
}

function rangeWords(low, high) {
  return high === Infinity ? `desired outputs of ${number(low)} or more` : `desired outputs from ${number(low)} to ${number(high)}`;
}
