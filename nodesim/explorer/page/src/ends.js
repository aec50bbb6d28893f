/** Long lists are shown by their two ends. */

/**
 * @template T
 * @param {T[]} items
 * @param {number} most
 * @returns {{first: T[], between: number, last: T[]}} How many are left out between the first and the last.
 */
export function ends(items, most) {
  if (items.length <= most) return { first: items, between: 0, last: [] };
  const half = Math.floor(most / 2);
  return { first: items.slice(0, half), between: items.length - 2 * half, last: items.slice(-half) };
}
