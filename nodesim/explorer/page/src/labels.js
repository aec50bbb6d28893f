/** Places for labels along arrows, so that none covers another. */

import { BELOW } from "./scene.js";

const ALONG = [0.3, 0.22, 0.38, 0.15, 0.46, 0.54, 0.62, 0.7, 0.78];
const HEIGHT = 15;

/** The places that labels take in one picture. */
export class Places {
  /** The numbers under the nodes have their places. @param {import("./scene.js").Scene} scene @param {import("./look.js").Look} look */
  constructor(scene, look) {
    this.taken = [];
    if (!look.numbered) return;
    scene.network.nodes.forEach(({ activation }, node) => {
      // As wide as they get, so that no label moves when one appears.
      const width = widthOf(activation === null ? "−0.123" : "−0.123 → −0.123");
      if (scene.isOpen(node)) this.taken.push({ point: [scene.x[node], scene.y[node] + BELOW], width });
    });
  }

  /** Return where a label goes: the first place where it covers no other, or where it covers least. @param {string} words @param {(t: number) => number[]} along */
  take(words, along) {
    const width = widthOf(words);
    const points = ALONG.map(along);
    const covered = points.map((point) => this.#covered(point, width));
    const point = points[covered.indexOf(Math.min(...covered))];
    this.taken.push({ point, width });
    return point;
  }

  #covered([x, y], width) {
    return this.taken.reduce((sum, { point, width: other }) => {
      const beside = Math.max(0, (width + other) / 2 - Math.abs(x - point[0]));
      return sum + beside * Math.max(0, HEIGHT - Math.abs(y - point[1]));
    }, 0);
  }
}

function widthOf(words) {
  return 7.6 * [...words].length + 5;
}
