/** Curves: from a point to a point, drawn towards others on the way. */

/**
 * A smooth curve of quadratic pieces, one for each bend; pieces meet halfway between two bends.
 * @typedef {object} Curve
 * @property {number} x1 @property {number} y1
 * @property {number[][]} bends
 * @property {number} x2 @property {number} y2
 */

/**
 * The curve between two circles.
 * @param {number[]} from @param {number[]} to Their centres.
 * @param {number[][]} bends None for a line.
 * @param {number} leaving @param {number} arriving How far from the centres it begins and ends.
 * @returns {Curve}
 */
export function curveOf(from, to, bends, leaving, arriving) {
  const [x1, y1] = towards(from, bends[0] ?? to, leaving);
  const [x2, y2] = towards(to, bends.at(-1) ?? from, arriving);
  return { x1, y1, bends: bends.length ? bends : [[(x1 + x2) / 2, (y1 + y2) / 2]], x2, y2 };
}

/** Whether a curve is a line: then it is drawn faster. @param {Curve} curve */
export function isLine({ x1, y1, bends: [[x, y], ...others], x2, y2 }) {
  return !others.length && Math.abs((x - x1) * (y2 - y1) - (y - y1) * (x2 - x1)) < 1e-6 * (Math.abs(x2 - x1) + Math.abs(y2 - y1)) ** 2;
}

/** The pieces of a curve: where each is drawn to, and where it ends. @param {Curve} curve @returns {number[][]} [bend x, bend y, end x, end y] */
export function pieces({ bends, x2, y2 }) {
  return bends.map(([x, y], place) => {
    const next = bends[place + 1];
    return next ? [x, y, (x + next[0]) / 2, (y + next[1]) / 2] : [x, y, x2, y2];
  });
}

/** The point of a curve at a share of its way. @param {Curve} curve @param {number} share */
export function along(curve, share) {
  const parts = pieces(curve);
  const place = Math.min(parts.length - 1, Math.floor(share * parts.length));
  const t = share * parts.length - place;
  const [cx, cy, x2, y2] = parts[place];
  const [x1, y1] = place ? parts[place - 1].slice(2) : [curve.x1, curve.y1];
  const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t * t];
  return [a * x1 + b * cx + c * x2, a * y1 + b * cy + c * y2];
}

/** The corners of the head of an arrow. @param {Curve} curve @param {number} length @param {number} half */
export function head({ bends, x2, y2 }, length, half) {
  const [x, y] = bends.at(-1);
  const angle = Math.atan2(y2 - y, x2 - x);
  const [bx, by] = [x2 - length * Math.cos(angle), y2 - length * Math.sin(angle)];
  const [sx, sy] = [half * Math.sin(angle), -half * Math.cos(angle)];
  return [[x2, y2], [bx + sx, by + sy], [bx - sx, by - sy]];
}

/** How far a point is from a curve, measured on the lines between some of its points. @param {Curve} curve @param {number} x @param {number} y */
export function distance(curve, x, y) {
  const steps = isLine(curve) ? 1 : 4 * curve.bends.length;
  let nearest = Infinity;
  let last = [curve.x1, curve.y1];
  for (let step = 1; step <= steps; step++) {
    const next = along(curve, step / steps);
    nearest = Math.min(nearest, toSegment([x, y], last, next));
    last = next;
  }
  return nearest;
}

/** The box around a curve: [left, top, right, bottom]. @param {Curve} curve */
export function boxOf({ x1, y1, bends, x2, y2 }) {
  const [xs, ys] = [[x1, x2, ...bends.map(([x]) => x)], [y1, y2, ...bends.map(([, y]) => y)]];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function toSegment([x, y], [px, py], [qx, qy]) {
  const [dx, dy] = [qx - px, qy - py];
  const share = Math.max(0, Math.min(1, ((x - px) * dx + (y - py) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - px - share * dx, y - py - share * dy);
}

function towards([x, y], [ox, oy], distance) {
  const [dx, dy] = [ox - x, oy - y];
  const length = Math.hypot(dx, dy) || 1;
  return [x + (dx / length) * distance, y + (dy / length) * distance];
}
