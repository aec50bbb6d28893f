/** Other start weights for the same network. */

import { described } from "./description.js";
import { Editing } from "./find.js";
import { normal } from "../random.js";

/** With all weights drawn anew that are trained; those of a tie are one. @param {any} document @param {ArrayLike<number>} weights @param {number} seed @returns {import("./description.js").Edited} */
export function withNewWeights(document, weights, seed) {
  const { graph, connections } = new Editing(document, weights);
  const draw = normal(seed);
  const shared = new Map();
  for (const connection of connections) {
    const { tie, trainable } = connection;
    if (trainable) connection.weight = draw();
    if (tie !== null && !shared.has(tie)) shared.set(tie, connection.weight);
    if (tie !== null) connection.weight = shared.get(tie);
  }
  return described(graph, document);
}
