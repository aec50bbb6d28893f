/** Functions by name: those that the document offers, and those that its network has already. */

import { EditError } from "./error.js";
import { shown } from "../names.js";
import { whyPython } from "../network.js";
import { worded } from "../words.js";

/** What a node has of an activation. @param {any} document @param {string} name */
export function activationOf(document, name) {
  const { activations } = offeredBy(document);
  const found = activations.find((each) => each.name === name);
  if (found) return named(found);
  const having = document.nodes.find((node) => node.activation === name);
  if (having) return functionsLike(having);
  throw new EditError(worded("There is no activation “{name}” here. There are: {names}.", { name: shown(String(name)), names: listed(activations) }));
}

/** What a node has of the functions of another one. @param {any} node */
export function functionsLike({ activation, program, formula, derivative }) {
  return { activation, program, formula, derivative };
}

/** A loss. @param {any} document @param {string} name */
export function lossOf(document, name) {
  const { losses } = offeredBy(document);
  const found = losses.find((each) => each.name === name) ?? (document.loss.name === name ? document.loss : null);
  if (found) return found;
  throw new EditError(worded("There is no loss “{name}” here. There are: {names}.", { name: shown(String(name)), names: listed(losses) }));
}

/** The name of the activation that a loss needs its outputs to have; null where it takes any. @param {any} document @param {string} loss */
export function outputsOf(document, loss) {
  return lossOf(document, loss).outputs ?? null;
}

/** Refuse a loss that needs more outputs. @param {{name: string, least_outputs?: number}} loss @param {number} count */
export function checkOutputs({ name, least_outputs: least = 1 }, count) {
  if (count < least) throw new EditError(worded("The loss {loss} needs at least {least} outputs, one for each class; the network has {count}. Choose another loss.", { loss: shown(name), least, count }));
}

/** What a document offers; one that only Python calculates offers nothing, and cannot be edited. @param {any} document */
export function offeredBy(document) {
  if (document.offered) return document.offered;
  throw new EditError(worded("It cannot be changed here: {reason}. Change it in Python, and explore it again.", { reason: whyPython(document) }));
}

function named({ name, ...rest }) {
  return { ...rest, activation: name };
}

function listed(functions) {
  return functions.map(({ name }) => shown(name)).join(", ");
}
