/** The sizes of a drawing, and of what is written in it. */

export const RADIUS = 27;
/** The circle of e. */
export const ERROR_RADIUS = 22;
/** How far from the centre of a node its numbers stand, so that those of two rows do not meet. */
export const [ABOVE, BELOW] = [RADIUS + 8, RADIUS + 10];
/** The sign of a node that is no sum: where its right end stands. */
export const BADGE = { left: 12, above: 25 };
/** The mark beside an output, by which it is derived: how far to the right of its centre, how far below, how large. */
export const TARGET = { right: RADIUS + 20, below: 14, radius: 10, inner: 4 };
/** How far from its middle the mark can be hit, on the screen: a finger is wide. But never as far as the circle. */
export const targetReach = (k) => Math.min(Math.max(TARGET.radius, 11 / k), Math.hypot(TARGET.right, TARGET.below) - RADIUS - 2);

/** Nobody reads smaller letters on a screen. */
export const LEAST = 11;
/** How wide a letter is, measured in its height. */
const LETTER = 0.6;

/** How large something is written in a drawing that is shown k times as large: readable, and never like a headline. @param {number} size @param {number} k @param {number} [most] On the screen. */
export function fontSize(size, k, most = 14) {
  return Math.min(Math.max(size * k, LEAST), most) / k;
}

/** How wide words are. @param {string} words @param {number} size */
export function wordsWidth(words, size) {
  return LETTER * size * [...words].length;
}

/** How many letters fit into a width. @param {number} width @param {number} size */
export function lettersIn(width, size) {
  return Math.floor(width / (LETTER * size) + 0.05);
}
