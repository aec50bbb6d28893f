/** The samples that a page came with, as a data set. */

import { isOfClasses } from "./scaling.js";

/** The value of their option. */
export const OWN = "own";

/**
 * @param {any} document
 * @returns {import("./csv.js").DataSet|null} Null where no sample has a target.
 */
export function ownSamples({ nodes, samples }) {
  const known = samples.filter(({ y }) => y !== null);
  if (!known.length) return null;
  const named = (kind) => nodes.filter((node) => node.kind === kind).map(({ name }) => name);
  const y = known.map((sample) => sample.y.map(Number));
  return {
    name: "Samples of this page", inputs: named("input"), outputs: named("output"), kind: isOfClasses(y.flat()) ? "classes" : "numbers", note: "",
    x: known.map((sample) => sample.x.map(Number)), y, test: known.flatMap(({ test }, place) => (test ? [place] : [])),
  };
}
