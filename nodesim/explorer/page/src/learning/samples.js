/** What a training in the page learns from: the samples of the document, without those that are held out. */

import { obstacle } from "../training/obstacles.js";
import { worded } from "../words.js";

/** Why nothing can be trained, in words; "" if it can. @param {any} document */
export function whyNot(document) {
  const found = obstacle(document);
  if (found || document.samples.some(({ y, test }) => y && !test)) return found;
  return worded("There is nothing to learn from: no sample has a desired output. Choose a data set, or pass X and y to explore.");
}

/** @param {any} document @returns {{x: number[][], y: number[][], test: {x: number[][], y: number[][]}|null}} */
export function trainingSet({ samples }) {
  const known = samples.filter(({ y }) => y);
  const held = known.filter(({ test }) => test);
  return { ...columns(known.filter(({ test }) => !test)), test: held.length ? columns(held) : null };
}

function columns(samples) {
  const numbers = (part) => samples.map((sample) => sample[part].map(Number));
  return { x: numbers("x"), y: numbers("y") };
}
