/** The error function, and what is left of 1 beside it. */

/** The complementary error function: a series of positive terms near 0, a continued fraction beyond. @param {number} x */
export function erfc(x) {
  if (x < 0) return 2 - erfc(-x);
  if (x > 27.3) return 0;
  return x < 2 ? 1 - series(x) : fraction(x);
}

/** The error function; near 0 from its own series, as 1 − erfc(x) would cancel. @param {number} x */
export function erf(x) {
  if (Math.abs(x) >= 2) return x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
  return Math.abs(x) < 1e-150 ? (2 / Math.sqrt(Math.PI)) * x : Math.sign(x) * series(Math.abs(x));
}

function series(x) {
  let term = x;
  let sum = x;
  for (let n = 1; term > sum * 1e-18; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

function fraction(x) {
  let below = 0;
  for (let n = 80; n > 0; n--) below = n / 2 / (x + below);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + below);
}
