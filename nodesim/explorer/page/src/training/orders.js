/** In which order an epoch goes through the samples. */

import { mixed, uniform } from "../random.js";

/** Orders from a seed, another one each epoch, or that of the samples. */
export class Orders {
  /** @param {number} count @param {number} seed */
  constructor(count, seed) {
    this.plain = Int32Array.from({ length: count }, (_, place) => place);
    this.next = uniform(seed);
  }

  /** @param {boolean} shuffle @returns {Int32Array} Not to be written into. */
  drawn(shuffle) {
    return shuffle ? mixed(this.plain.slice(), this.next) : this.plain;
  }
}
