/** Which samples are held out for a test: a share of each class, drawn by a seed. */

import { mixed, uniform } from "../random.js";

/**
 * The same data set with another share of its samples held out.
 * @param {import("./csv.js").DataSet} data
 * @param {number} share From 0 to 1.
 * @param {number} [seed]
 * @returns {import("./csv.js").DataSet}
 */
export function withTest(data, share, seed = 0) {
  const next = uniform(seed);
  const groups = new Map();
  data.y.forEach((row, place) => {
    const key = data.kind === "classes" ? row.join(" ") : "";
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(place);
  });
  const test = [];
  for (const members of groups.values()) {
    mixed(members, next);
    // One of each is left to learn from.
    test.push(...members.slice(0, Math.min(Math.round(share * members.length), members.length - 1)));
  }
  return { ...data, test: test.sort((a, b) => a - b) };
}
