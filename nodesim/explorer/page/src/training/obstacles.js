/** Why a network cannot be trained in the page. */

import { shown } from "../names.js";

/** @param {any} document @returns {string} In words for the reader; empty where nothing is in the way. */
export function obstacle({ editable, nodes, connections, counts, loss, programs }) {
  if (editable === false) return "This network has functions or a precision that only Python knows, so the page cannot train it.";
  if (!nodes.some(({ kind }) => kind === "output")) return "The network has no output, so there is no error e to make smaller.";
  if (!connections.some(({ trainable }) => trainable)) return "There is no weight to train: the network has no connections, or all of them are frozen.";
  const flat = nodes.find(({ program }, node) => program !== null && counts.nodes[node] !== "0" && !programs[program].derivative);
  if (flat) return `${shown(flat.name)} is ${shown(flat.activation)}, which has no derivative: no gradient passes it. Give it another activation.`;
  if (loss.program === null || !programs[loss.program].derivative) return `The loss ${shown(loss.name)} has no derivative, so no gradient begins.`;
  return "";
}
