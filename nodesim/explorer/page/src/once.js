/** What is calculated of a run, each once, for as long as the run is there. */

const remembered = new WeakMap();

/** @template T @param {import("./sums.js").Run} run @param {string} what @param {() => T} make @returns {T} */
export function once(run, what, make) {
  if (!remembered.has(run)) remembered.set(run, {});
  const known = remembered.get(run);
  return (known[what] ??= make());
}
