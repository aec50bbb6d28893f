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
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Numbers of the normal distribution with mean 0 and deviation 1, as nodesim draws start weights; by Box and Muller. @param {number} seed @returns {() => number} */
export function normal(seed) {
  const next = uniform(seed);
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** Mix a list in place; every order is as likely. @template {any[]|Int32Array} T @param {T} items @param {() => number} next Numbers in [0, 1). @returns {T} */
export function mixed(items, next) {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(next() * (last + 1));
    [items[last], items[other]] = [items[other], items[last]];
  }
  return items;
}

/** A seed that some numbers give: the same edit of the same network draws the same weights. @param {Float64Array} numbers */
export function seedOf(numbers) {
  let seed = 0x811c9dc5 ^ numbers.length;
  for (const byte of new Uint8Array(Float64Array.from(numbers).buffer)) seed = Math.imul(seed ^ byte, 0x01000193);
  return seed >>> 0;
}
