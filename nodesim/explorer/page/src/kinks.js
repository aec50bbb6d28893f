/** Where functions bend sharply: a slope that is another one on the two sides of a point, however close. */

import { functionsOf } from "./engine.js";
import { calculates } from "./network.js";

const HALVINGS = 60;

/**
 * The first node whose sum went over a kink of its function between two runs.
 * @param {import("./network.js").Network} network
 * @param {import("./sums.js").Run} before
 * @param {import("./sums.js").Run} after
 * @returns {{node: number, at: number}|null} Null where there is none, or nobody can say.
 */
export function kinkBetween(network, before, after) {
  if (!network.document.editable) return null;
  const functions = functionsOf(network);
  for (const node of network.order) {
    const { derivative, call, parameters } = (calculates(network.nodes[node]) && functions[node]) || {};
    if (!derivative || before.slope[node] === after.slope[node]) continue;
    const at = kink((z) => derivative(z, call(z, parameters), parameters), before.value[node], after.value[node]);
    if (at !== null) return { node, at };
  }
  return null;
}

/**
 * A point between two others where a slope jumps; null if it does not.
 * @param {(z: number) => number} slope @param {number} from @param {number} to
 */
export function kink(slope, from, to) {
  let [left, right] = [from, to];
  let [atLeft, atRight] = [slope(left), slope(right)];
  const whole = Math.abs(atRight - atLeft);
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = left + (right - left) / 2;
    if (middle === left || middle === right) break;
    const atMiddle = slope(middle);
    if (Math.abs(atMiddle - atLeft) > Math.abs(atRight - atMiddle)) [right, atRight] = [middle, atMiddle];
    else [left, atLeft] = [middle, atMiddle];
  }
  if (!(whole > 0 && Math.abs(atRight - atLeft) > 0.1 * whole)) return null;
  const rounding = 1e-12 * (Math.abs(from) + Math.abs(to));
  return Math.abs(left) < rounding ? 0 : left;
}
