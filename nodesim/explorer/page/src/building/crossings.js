/** How many edges cross. */

/** How many edges of two vertices cross if one stands above the other; each has the rows before it and behind it, sorted. @param {number[][]} upper @param {number[][]} lower */
export function cost(upper, lower) {
  return pairs(upper[0], lower[0]) + pairs(upper[1], lower[1]);
}

/** How many pairs there are with the first of one sorted list and the second, smaller, of another. */
function pairs(above, below) {
  let [total, place] = [0, 0];
  for (const end of above) {
    while (place < below.length && below[place] < end) place++;
    total += place;
  }
  return total;
}

/** How many edges cross between two columns. @param {number[][]} ends For each vertex of one, from top to bottom, the rows of its neighbours in the other. */
export function inversions(ends) {
  const size = ends.reduce((most, rows) => rows.reduce((high, row) => Math.max(high, row), most), 0) + 1;
  // How many edges seen so far end at each row, in a tree of sums.
  const tree = new Int32Array(size + 1);
  let [seen, found] = [0, 0];
  for (const rows of ends) {
    for (const row of rows) {
      let before = 0;
      for (let place = row + 1; place > 0; place &= place - 1) before += tree[place];
      found += seen - before;
    }
    for (const row of rows) for (let place = row + 1; place <= size; place += place & -place) tree[place]++;
    seen += rows.length;
  }
  return found;
}
