/** Losses that make probabilities of what the outputs send: p = softmax(OA). */

import { factor } from "./numbers.js";
import { runProgram } from "./programs.js";
import { errorWritten, names } from "./written.js";

/** A softmax as a formula has it: exp(a1)/(exp(a1) + exp(a2)). */
const SHARE = /exp\(\{a(\d+)\}\)\/\(exp\(\{a\d+\}\)(?: \+ exp\(\{a\d+\}\))+\)/g;

/**
 * The probabilities that the loss makes of the outputs; null where it makes none.
 * @param {import("./network.js").Network} network
 * @param {import("./sums.js").Run} run
 * @returns {number[]|null}
 */
export function probabilities({ document, outputs, ofSums }, run) {
  const { program } = document.loss;
  const steps = program === null ? [] : document.programs[program].function;
  const place = steps.findIndex(([operation, of]) => /^(log_)?softmax$/.test(operation) && steps[of][0] === "name" && steps[of][1] === "a");
  if (place < 0) return null;
  const a = outputs.map((node) => (ofSums ? run.value : run.activated)[node]);
  const found = runProgram(steps.slice(0, place + 1), { a, y: a.map(() => 0), n: [a.length] }, a.length);
  return steps[place][0] === "softmax" ? found : found.map(Math.exp);
}

/**
 * The error in terms of the probabilities, which is much shorter; null where it is not written so.
 * @param {import("./network.js").Network} network
 * @param {import("./sums.js").Run} run
 * @param {number[]} p
 * @param {number[]} y
 */
export function errorInProbabilities(network, run, p, y) {
  const { formula } = network.document.loss;
  const short = (formula ?? "").replace(SHARE, "{p$1}");
  if (!short.includes("{p") || short.includes("exp(")) return null;
  const named = names(network);
  const number = (letter, place) => factor({ p: p[place], y: y[place], a: run.activated[network.outputs[place]], z: run.value[network.outputs[place]] }[letter]);
  return {
    written: errorWritten(network, (letter, place) => (letter === "p" ? `p${place + 1}` : named(letter, place)), short),
    numbers: errorWritten(network, number, short),
  };
}
