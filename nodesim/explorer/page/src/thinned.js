/** A list that grows without end and stays short: evenly spread ones of all that were added, and the newest. */

/** @template T */
export class Thinned {
  /** @param {number} most So many are kept. */
  constructor(most) {
    this.most = most;
    this.clear();
  }

  clear() {
    /** @type {{turn: number, item: T}[]} */
    this.kept = [];
    this.stride = 1;
    this.turns = 0;
  }

  get items() {
    return this.kept.map(({ item }) => item);
  }

  /** @param {T} item */
  add(item) {
    // Of those between two that are kept the newest alone stays.
    if (this.kept.length && this.kept.at(-1).turn % this.stride) this.kept.pop();
    this.kept.push({ turn: this.turns++, item });
    if (this.kept.length <= this.most) return;
    this.stride *= 2;
    const newest = this.kept.at(-1);
    this.kept = this.kept.filter((each) => each === newest || each.turn % this.stride === 0);
  }

  /** Forget all after the last that fulfils a condition. @param {(item: T) => boolean} stays */
  cut(stays) {
    this.kept = this.kept.slice(0, this.kept.findLastIndex(({ item }) => stays(item)) + 1);
    this.turns = this.kept.length ? this.kept.at(-1).turn + 1 : 0;
  }
}
