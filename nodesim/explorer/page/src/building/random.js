/** Random numbers from a seed: the same seed gives the same ones, in every browser. */

/**
 * Numbers in [0, 1), by Johannes Baagøe's and Tommy Ettinger's way of mixing 32 bits.
 * @param {number} seed
 * @returns {() => number}
 */
export function uniform(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Numbers of the normal distribution with mean 0 and deviation 1, as nodesim draws start weights; by Box and Muller. @param {number} seed @returns {() => number} */
export function normal(seed) {
  const next = uniform(seed);
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** A seed that some numbers give: the same edit of the same network draws the same weights. @param {Float64Array} numbers */
export function seedOf(numbers) {
  let seed = 0x811c9dc5 ^ numbers.length;
  for (const byte of new Uint8Array(Float64Array.from(numbers).buffer)) seed = Math.imul(seed ^ byte, 0x01000193);
  return seed >>> 0;
}
