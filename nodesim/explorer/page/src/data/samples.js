/** The samples of a document as a data set, and those of a data set as a document has them. */

import { isOfClasses } from "./scaling.js";
import { marked, worded } from "../words.js";

/**
 * The samples that a page came with.
 * @param {any} document
 * @returns {import("./csv.js").DataSet|null} Null where no sample has a target.
 */
export function dataSetOf({ nodes, samples }) {
  const known = samples.filter(({ y }) => y !== null);
  if (!known.length) return null;
  const named = (kind) => nodes.filter((node) => node.kind === kind).map(({ name }) => name);
  const y = known.map((sample) => sample.y.map(Number));
  return {
    name: worded("Samples of this page"), inputs: named("input"), outputs: named("output"), kind: isOfClasses(y.flat()) ? "classes" : "numbers", note: "",
    x: known.map((sample) => sample.x.map(Number)), y, test: known.flatMap(({ test }, place) => (test ? [place] : [])),
  };
}

/** @param {import("./csv.js").DataSet} dataSet @returns {{name: string, x: number[], y: number[], test?: true}[]} */
export function samplesOf({ x, y, test }) {
  const held = new Set(test);
  return x.map((row, index) => ({ name: worded(held.has(index) ? marked("sample {number} (test)") : marked("sample {number}"), { number: index + 1 }), x: row, y: y[index], ...(held.has(index) && { test: true }) }));
}
