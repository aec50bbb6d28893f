/** What a training in the page learns from: the samples of the document, without those that are held out. */

import { obstacle } from "../training/obstacles.js";

/** Why nothing can be trained, in words; "" if it can. @param {any} document */
export function whyNot(document) {
  if (!document.editable) return "This network uses a function that only Python knows: it is trained there, by net.fit.";
  if (!document.samples.some(({ y, test }) => y && !test)) return "There is nothing to learn from: no sample has a desired output. Choose a data set, or pass X and y to explore.";
  if (!document.connections.some(({ trainable }) => trainable)) return "Nothing can be learned: the network has no connection that is trained.";
  return obstacle(document);
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

/** The samples of a data set, as a document has them. @param {any} dataSet */
export function samplesOf({ x, y, test }) {
  const held = new Set(test);
  return x.map((row, index) => ({ name: `sample ${index + 1}${held.has(index) ? " (test)" : ""}`, x: row, y: y[index], ...(held.has(index) && { test: true }) }));
}
