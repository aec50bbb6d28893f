/** Which samples are held out for a test: a share of each class, drawn by a seed. */

/**
 * A generator of numbers in [0, 1) that always gives the same.
 * @param {number} seed
 */
function drawn(seed) {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * The same data set with another share of its samples held out.
 * @param {import("./csv.js").DataSet} data
 * @param {number} share From 0 to 1.
 * @param {number} [seed]
 * @returns {import("./csv.js").DataSet}
 */
export function withTest(data, share, seed = 0) {
  const next = drawn(seed);
  const groups = new Map();
  data.y.forEach((row, place) => {
    const key = data.kind === "classes" ? row.join(" ") : "";
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(place);
  });
  const test = [];
  for (const members of groups.values()) {
    for (let last = members.length - 1; last > 0; last--) {
      const other = Math.floor(next() * (last + 1));
      [members[last], members[other]] = [members[other], members[last]];
    }
    // One of each is left to learn from.
    test.push(...members.slice(0, Math.min(Math.round(share * members.length), members.length - 1)));
  }
  return { ...data, test: test.sort((a, b) => a - b) };
}
