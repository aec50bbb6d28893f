/** e of a loss, and ∂e/∂OA of each output, written for as many outputs as there are. */

import { errorFor, seedFor } from "../functions.js";

/**
 * @param {any} document
 * @param {any} loss As the document offers it, or as it has it itself.
 * @param {number} count How many outputs.
 * @returns {{formula: string|null, seeds: (string|null)[]}}
 */
export function writtenOut(document, loss, count) {
  const places = Array.from({ length: count }, (_, place) => place);
  if (loss.written) return { formula: errorFor(loss, count), seeds: places.map((place) => seedFor(loss, count, place)) };
  // A loss of the reader's own, with other parameters than those offered: known for as many outputs as there were.
  const before = document.nodes.filter(({ kind }) => kind === "output").map(({ seed }) => seed);
  return before.length === count ? { formula: loss.formula, seeds: before } : { formula: null, seeds: places.map(() => null) };
}
