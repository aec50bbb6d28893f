/** Why a network cannot be trained in the page. */

import { shown } from "../names.js";
import { whyPython } from "../network.js";
import { worded } from "../words.js";

/** @param {any} document @returns {string} In words for the reader; empty where nothing is in the way. */
export function obstacle(document) {
  const { nodes, connections, counts, loss, programs } = document;
  const python = whyPython(document);
  if (python) return worded("It cannot be trained here: {reason}. Train it in Python, by net.fit.", { reason: python });
  if (!nodes.some(({ kind }) => kind === "output")) return worded("The network has no output, so there is no error e to make smaller.");
  if (!connections.some(({ trainable }) => trainable)) return worded("There is no weight to train: the network has no connections, or all of them are frozen.");
  const flat = nodes.find(({ program }, node) => program !== null && counts.nodes[node] !== "0" && !programs[program].derivative);
  if (flat) return worded("{node} is {activation}, which has no derivative: no gradient passes it. Give it another activation.", { node: shown(flat.name), activation: shown(flat.activation) });
  if (loss.program === null || !programs[loss.program].derivative) return worded("The loss {loss} has no derivative, so no gradient begins.", { loss: shown(loss.name) });
  return "";
}
