/** Why a network cannot be trained in the page. */

import { shown } from "../names.js";
import { whyPython } from "../network.js";

/** @param {any} document @returns {string} In words for the reader; empty where nothing is in the way. */
export function obstacle(document) {
  const { nodes, connections, counts, loss, programs } = document;
  const python = whyPython(document);
  if (python) return `It cannot be trained here: ${python}. Train it in Python, by net.fit.`;
  if (!nodes.some(({ kind }) => kind === "output")) return "The network has no output, so there is no error e to make smaller.";
  if (!connections.some(({ trainable }) => trainable)) return "There is no weight to train: the network has no connections, or all of them are frozen.";
  const flat = nodes.find(({ program }, node) => program !== null && counts.nodes[node] !== "0" && !programs[program].derivative);
  if (flat) return `${shown(flat.name)} is ${shown(flat.activation)}, which has no derivative: no gradient passes it. Give it another activation.`;
  if (loss.program === null || !programs[loss.program].derivative) return `The loss ${shown(loss.name)} has no derivative, so no gradient begins.`;
  return "";
}
