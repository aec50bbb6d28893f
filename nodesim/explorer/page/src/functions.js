/** The activations and losses of a document, by its programs: those of its network, and those that it offers. */

import { ofNumbers, runProgram } from "./programs.js";

/**
 * @typedef {object} ActivationCalls
 * @property {(z: number) => number} call HA from H.
 * @property {((z: number, a: number) => number)|null} derivative ∂HA/∂H from H and HA; null where there is none.
 */
/**
 * @typedef {object} LossCalls
 * @property {(y: ArrayLike<number>, a: ArrayLike<number>) => number} error From what is desired, and OA, or O of a loss of sums.
 * @property {(y: ArrayLike<number>, a: ArrayLike<number>) => number[]} seed ∂e/∂OA, or ∂e/∂O, of every output.
 * @property {boolean} ofSums Whether it takes O in place of OA.
 */

/** What was made of each program. @type {WeakMap<any, any>} */
const known = new WeakMap();

/** What a node calculates, or an activation that is offered; null for inputs and bias nodes. @param {any} document @param {{program: number|null}} node @returns {ActivationCalls|null} */
export function activationOf({ programs }, { program }) {
  if (program === null) return null;
  return made(programs[program], ({ function: steps, derivative }) => ({
    call: ofNumbers(steps),
    derivative: derivative && ofNumbers(derivative),
  }));
}

/** What the network's loss calculates, or one that is offered. @param {any} document @param {any} [loss] @returns {LossCalls} */
export function lossOf({ programs, loss: own }, loss = own) {
  const { function: steps, derivative } = programs[loss.program];
  const letters = (y, a) => ({ y: [...y], a: [...a], n: [y.length] });
  return {
    error: (y, a) => runProgram(steps, letters(y, a), y.length)[0],
    seed: (y, a) => {
      const seed = runProgram(derivative, letters(y, a), y.length);
      return Array.from(y, (_, place) => seed[seed.length === 1 ? 0 : place]);
    },
    ofSums: loss.of_sums,
  };
}

/** e of a loss that is offered, for a network of so many outputs, as a document's loss has it. @param {any} loss @param {number} count @returns {string|null} */
export function errorFor({ written: { errors, error } }, count) {
  return count <= errors.length ? (errors[count - 1] ?? null) : filled(error, count, 0);
}

/** ∂e/∂OA, or ∂e/∂O, of one of so many outputs, as a document's node has it. @param {any} loss @param {number} count @param {number} place @returns {string|null} */
export function seedFor({ written: { seeds, seed } }, count, place) {
  return count <= seeds.length ? seeds[count - 1][place] : filled(seed, count, place);
}

function filled(text, count, place) {
  return text && text.replaceAll("{n}", String(count)).replace(/\{([yaz])\}/g, `{$1${place + 1}}`);
}

function made(program, make) {
  if (!known.has(program)) known.set(program, make(program));
  return known.get(program);
}
