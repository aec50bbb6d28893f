/** Another loss, with what it needs of the outputs. */

import { described } from "./description.js";
import { EditError } from "./error.js";
import { Editing } from "./find.js";
import { activationOf, checkOutputs, lossOf } from "./offered.js";
import { writtenOut } from "./written.js";
import { whyNotLoss } from "../desired.js";
import { plainName } from "../names.js";

/** With another loss; where it needs outputs of some activation, these get it. @param {any} document @param {ArrayLike<number>} weights @param {string} name @returns {import("./description.js").Edited} */
export function withLoss(document, weights, name) {
  const editing = new Editing(document, weights);
  const trouble = whyNotLoss(document, name);
  if (trouble) throw new EditError(trouble);
  return described(editing.graph, document, { loss: lossFor(document, editing.nodes, name) });
}

/**
 * What the document says of a loss; the outputs get its seeds, and the activation that it needs.
 * @param {any} document
 * @param {import("./graph.js").Node[]} nodes
 * @param {string} name
 */
export function lossFor(document, nodes, name) {
  const outputs = nodes.filter(({ kind }) => kind === "output");
  const loss = lossOf(document, name);
  checkOutputs(loss, outputs.length);
  if (loss.outputs) for (const node of outputs) if (plainName(node.activation) !== loss.outputs) Object.assign(node, activationOf(document, loss.outputs));
  const { formula, seeds } = writtenOut(document, loss, outputs.length);
  outputs.forEach((node, place) => (node.seed = seeds[place]));
  return { name: loss.name, of_sums: loss.of_sums, formula, program: loss.program };
}
