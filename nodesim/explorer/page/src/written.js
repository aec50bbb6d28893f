/** The error, and its derivative by an output, written out, where that is short. */

const MOST_WRITTEN = 3;

/** The losses that are a mean or a half of a sum of squares. */
const DIVISORS = { mse: (n) => n, half_squared_error: () => 2 };

/**
 * Write the error of targets and outputs.
 * @param {string} loss
 * @param {[string, string][]} pairs Of each output its target and what it is, as names or as numbers.
 */
export function errorWritten(loss, pairs) {
  const divisor = DIVISORS[loss]?.(pairs.length);
  if (divisor && pairs.length <= MOST_WRITTEN) {
    const sum = pairs.map(([y, a]) => `(${y} − ${a})²`).join(" + ");
    return divisor === 1 ? sum : `${pairs.length === 1 ? sum : `(${sum})`}/${divisor}`;
  }
  const shown = pairs.length <= MOST_WRITTEN ? pairs : [pairs[0], ["…", "…"], pairs.at(-1)];
  return `${loss}(${shown.map((pair) => [...new Set(pair)].join(", ")).join(", ")})`;
}

/**
 * Write the derivative of the error by an output, OA, or by its sum, O, of n outputs.
 * @param {string} loss @param {string} y @param {string} a @param {number} n @param {boolean} [ofSums]
 */
export function seedWritten(loss, y, a, n, ofSums = false) {
  const each = n === 1 ? "" : `/${n}`;
  const known = {
    mse: `−2${each}·(${y} − ${a})`,
    half_squared_error: `${a} − ${y}`,
    mae: `sign(${a} − ${y})${each}`,
    log_cosh: `tanh(${a} − ${y})${each}`,
    binary_cross_entropy: ofSums ? `(${a} − ${y})${each}` : null,
  };
  return known[loss] ?? `${loss}′(${y}, ${a})`;
}
