/** What is there already where something is to be written: boxes that may not be covered, and lines that should not be. */

import { along, boxOf, isLine } from "./curves.js";

/** Of more lines than these none can be spared. */
const MOST_LINES = 300;
const [STEP, MOST_STEPS] = [5, 80];
/** What is written hides a little around it. */
const AROUND = 3;
/** How much of a line from its end its head is, and how much more it hurts to hide it. */
const [HEAD, HEADS] = [15, 4];

/**
 * @typedef {{point: number[], width: number, height: number}} Box
 * @typedef {import("./curves.js").Curve} Curve
 */

/** Boxes and lines that writing keeps clear of. */
export class Covering {
  /** @param {Box[]} taken @param {Curve[]} curves */
  constructor(taken, curves) {
    this.taken = taken;
    this.lines = curves.length > MOST_LINES ? [] : curves.map((curve) => ({ curve, box: boxOf(curve), ...sampled(curve) }));
  }

  /** Something is written there. @param {Box} box */
  take(box) {
    this.taken.push(box);
  }

  /** How much of what is taken a box would cover. @param {number[]} point @param {number} width @param {number} height */
  covered([x, y], width, height) {
    return this.taken.reduce((sum, { point, width: other, height: high }) => {
      const beside = Math.max(0, (width + other) / 2 - Math.abs(x - point[0]));
      return sum + beside * Math.max(0, (height + high) / 2 - Math.abs(y - point[1]));
    }, 0);
  }

  /** How much of lines, other than its own, a box would hide; heads count more. @param {number[]} point @param {number} width @param {number} height @param {Curve} [own] */
  crossed([x, y], width, height, own) {
    const [beside, above] = [width / 2 + AROUND, height / 2 + AROUND];
    let sum = 0;
    for (const { curve, box: [left, top, right, bottom], points, step, heads } of this.lines) {
      if (x + beside < left || x - beside > right || y + above < top || y - above > bottom) continue;
      for (let place = curve === own ? heads : 0; place < points.length; place++) {
        const [px, py] = points[place];
        if (Math.abs(px - x) < beside && Math.abs(py - y) < above) sum += place >= heads ? HEADS * step : step;
      }
    }
    return sum;
  }
}

/** Points of a curve, close to each other, and from which on they are its head's. */
function sampled(curve) {
  const parts = isLine(curve) ? 1 : 8;
  const rough = Array.from({ length: parts + 1 }, (_, place) => along(curve, place / parts));
  const long = rough.slice(1).reduce((sum, [x, y], place) => sum + Math.hypot(x - rough[place][0], y - rough[place][1]), 0);
  const many = Math.max(2, Math.min(MOST_STEPS, Math.ceil(long / STEP)));
  const step = long / many;
  return { points: Array.from({ length: many + 1 }, (_, place) => along(curve, place / many)), step, heads: many + 1 - Math.ceil(HEAD / step) };
}
