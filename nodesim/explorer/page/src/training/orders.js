/** In which order an epoch goes through the samples. */

/** Orders from a seed, another one each epoch, or that of the samples. */
export class Orders {
  /** @param {number} count @param {number} seed */
  constructor(count, seed) {
    this.plain = Int32Array.from({ length: count }, (_, place) => place);
    this.next = generator(seed);
  }

  /** @param {boolean} mixed @returns {Int32Array} Not to be written into. */
  drawn(mixed) {
    if (!mixed) return this.plain;
    const order = this.plain.slice();
    for (let last = order.length - 1; last > 0; last--) {
      const other = Math.floor(this.next() * (last + 1));
      [order[last], order[other]] = [order[other], order[last]];
    }
    return order;
  }
}

/**
 * Numbers in [0, 1), always the same from one seed: a counter whose bits are mixed by multiplications.
 * @param {number} seed
 * @returns {() => number}
 */
export function generator(seed) {
  let counter = seed | 0;
  return () => {
    counter = (counter + 0x9e3779b9) | 0;
    let bits = Math.imul(counter ^ (counter >>> 16), 0x85ebca6b);
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
    return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
  };
}
