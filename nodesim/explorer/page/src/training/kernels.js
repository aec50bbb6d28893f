/** Sums over whole rows of samples: where nearly all of a training's time goes. Row r of n samples begins at r·n. */

/**
 * Add Σ weight·row, over some rows of a table, to a row that begins at `at` and may be one of the same table.
 * @param {Float64Array} out @param {number} at @param {number} n
 * @param {Float64Array} table
 * @param {Int32Array} rows
 * @param {Float64Array} weights
 * @param {Int32Array} links For each of the rows the place of its weight.
 */
export function addWeighted(out, at, n, table, rows, weights, links) {
  const count = rows.length;
  let k = 0;
  // Four at a time: each number of the sum is read and written a quarter as often.
  for (; k + 3 < count; k += 4) {
    const [a, b, c, d] = [rows[k] * n, rows[k + 1] * n, rows[k + 2] * n, rows[k + 3] * n];
    const [p, q, r, t] = [weights[links[k]], weights[links[k + 1]], weights[links[k + 2]], weights[links[k + 3]]];
    for (let s = 0; s < n; s++) out[at + s] += p * table[a + s] + q * table[b + s] + r * table[c + s] + t * table[d + s];
  }
  for (; k < count; k++) {
    const [from, weight] = [rows[k] * n, weights[links[k]]];
    for (let s = 0; s < n; s++) out[at + s] += weight * table[from + s];
  }
}

/**
 * Write the mean over the samples of each row times one row of another table.
 * @param {Float64Array} means @param {Int32Array} links Where each mean is written.
 * @param {number} n
 * @param {Float64Array} table @param {Int32Array} rows
 * @param {Float64Array} other @param {number} at Where the one row begins.
 */
export function meanProducts(means, links, n, table, rows, other, at) {
  const count = rows.length;
  let k = 0;
  for (; k + 3 < count; k += 4) {
    const [a, b, c, d] = [rows[k] * n, rows[k + 1] * n, rows[k + 2] * n, rows[k + 3] * n];
    let [p, q, r, t] = [0, 0, 0, 0];
    for (let s = 0; s < n; s++) {
      const factor = other[at + s];
      p += table[a + s] * factor;
      q += table[b + s] * factor;
      r += table[c + s] * factor;
      t += table[d + s] * factor;
    }
    means[links[k]] = p / n;
    means[links[k + 1]] = q / n;
    means[links[k + 2]] = r / n;
    means[links[k + 3]] = t / n;
  }
  for (; k < count; k++) {
    const from = rows[k] * n;
    let sum = 0;
    for (let s = 0; s < n; s++) sum += table[from + s] * other[at + s];
    means[links[k]] = sum / n;
  }
}
