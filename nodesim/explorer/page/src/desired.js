/** Which desired outputs a loss takes: some take shares alone, from 0 to 1. */

import { shown } from "./names.js";
import { number } from "./numbers.js";
import { marked, worded } from "./words.js";

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
    if (outside !== undefined) return worded("The loss {loss} takes {range}; {sample} has {number}. Choose another loss, or other data.", { loss: shown(loss), range: rangeWords(low, high), sample: shown(name), number: number(outside) });
  }
  return "";
}

/** Why a desired output cannot be another one, in words; "" where it can. @param {any} document @param {number} wanted */
export function whyNotDesired(document, wanted) {
  return takes(document, [wanted]) ? "" : worded("The loss {loss} takes {range}, and this is {number}.", { loss: shown(document.loss.name), range: rangeWords(...rangeOf(document)), number: number(wanted) });
}

function rangeWords(low, high) {
  return worded(high === Infinity ? marked("desired outputs of {low} or more") : marked("desired outputs from {low} to {high}"), { low: number(low), high: number(high) });
}
