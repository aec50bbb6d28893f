/** Places for labels along arrows, so that none covers another. */

const ALONG = [0.3, 0.22, 0.38, 0.15, 0.46, 0.54, 0.62, 0.7];
const HEIGHT = 15;

/** The places that labels take in one picture. */
export class Places {
  constructor() {
    this.taken = [];
  }

  /** Return where a label goes: the first place where it covers no other, or where it covers least. @param {string} words @param {(t: number) => number[]} along */
  take(words, along) {
    const width = 7.6 * [...words].length + 5;
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
