/** What of a drawing is seen: the box of what is selected, whether it is in sight, and how to bring it there. */

import { boxOf } from "./curves.js";
import { RADIUS } from "./measures.js";

/** Around what is selected its neighbours are seen, too. */
const AROUND = { node: 150, connection: 50 };
const LARGEST = 2;
const MOST_CIRCLES = 300;

/** The box of a node or a connection in the scene, null where it is collapsed. @param {import("./scene.js").Scene} scene @param {{kind: string, index: number}} element @returns {number[]|null} */
export function boxOfElement(scene, { kind, index }) {
  if (kind === "node") return scene.isOpen(index) ? around([scene.x[index], scene.y[index], scene.x[index], scene.y[index]], RADIUS) : null;
  const curve = scene.curve(index);
  if (!curve) return null;
  const { source, target } = scene.network.connections[index];
  const [left, top, right, bottom] = boxOf(curve);
  const [xs, ys] = [[source, target].map((node) => scene.x[node]), [source, target].map((node) => scene.y[node])];
  return around([Math.min(left, ...xs), Math.min(top, ...ys), Math.max(right, ...xs), Math.max(bottom, ...ys)], RADIUS);
}

/** The boxes on the screen that a tooltip should not hide: circles, and above all some elements. @param {import("./scene.js").Scene} scene @param {{x: number, y: number, k: number}} at @param {({kind: string, index: number}|null)[]} elements @returns {number[][]} */
export function boxesToKeep(scene, { x, y, k }, elements) {
  const own = elements.filter((element) => element?.kind === "node" || element?.kind === "connection").map((element) => [boxOfElement(scene, element), element.kind === "node" ? 5 : 2]);
  const circles = Array.from(scene.radius.length > MOST_CIRCLES ? [] : scene.radius, (_, index) => [boxOfElement(scene, { kind: "node", index }), 1]);
  return [...own, ...circles].filter(([box]) => box).map(([[left, top, right, bottom], weight]) => [x + k * left, y + k * top, x + k * right, y + k * bottom, weight]);
}

/** The box of the scene that is seen. @param {{x: number, y: number, k: number}} at @param {{width: number, height: number}} room @returns {number[]} */
export function seenBox({ x, y, k }, { width, height }) {
  return [-x / k, -y / k, (width - x) / k, (height - y) / k];
}

/** Whether some of a box is seen. @param {number[]} box @param {number[]} seen */
export function isInSight([left, top, right, bottom], seen) {
  return left < seen[2] && right > seen[0] && top < seen[3] && bottom > seen[1];
}

/** How a box fills a room: {x, y, k}. @param {number[]} box @param {{width: number, height: number}} room @param {number} [most] */
export function filling([left, top, right, bottom], { width, height }, most = LARGEST) {
  const k = Math.min(most, width / (right - left), height / (bottom - top));
  return { k, x: (width - k * (left + right)) / 2, y: (height - k * (top + bottom)) / 2 };
}

/** A box with what is around it. @param {number[]} box @param {string} kind */
export function withNeighbours(box, kind) {
  return around(box, AROUND[kind]);
}

function around([left, top, right, bottom], by) {
  return [left - by, top - by, right + by, bottom + by];
}
