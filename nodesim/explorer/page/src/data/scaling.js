/** Numbers as training needs them: columns standardised, classes as columns of 0 and 1. */

const PLACES = 1e4;
const DIGITS = 5;

/** In few digits: all that training needs. @param {number} value */
export function rounded(value) {
  return Number(value.toPrecision(DIGITS));
}

/** Whether numbers are 0 and 1 only. @param {number[]} values */
export function isOfClasses(values) {
  return values.every((value) => value === 0 || value === 1);
}

/**
 * A column less its mean, in its standard deviations; 0 and 1 stay as they are, and what is the same everywhere is 0.
 * @param {number[]} column
 * @returns {{values: number[], scaled: boolean}}
 */
export function standardised(column) {
  if (isOfClasses(column)) return { values: column, scaled: false };
  // By a power of two, so that the sums of large numbers are finite and nothing is rounded.
  const most = column.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const unit = 2 ** Math.floor(Math.log2(most) / 2);
  const own = column.map((value) => value / unit / unit);
  const mean = own.reduce((sum, value) => sum + value / own.length, 0);
  const deviation = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2 / own.length, 0));
  if (!(deviation > 1e-14 * Math.abs(mean))) return { values: column.map(() => 0), scaled: true };
  return { values: own.map((value) => Math.round(((value - mean) / deviation) * PLACES) / PLACES + 0), scaled: true };
}

/**
 * Words as classes, in order: a column of 0 and 1 for each.
 * @param {string[]} words
 * @param {(string|number)[]} order What each word is ordered by.
 * @returns {{labels: string[], values: number[][]}}
 */
export function asClasses(words, order) {
  const found = new Map();
  words.forEach((word, place) => found.has(word) || found.set(word, order[place]));
  const labels = [...found.keys()].sort((a, b) => compared(found.get(a), found.get(b)));
  return { labels, values: labels.map((label) => words.map((word) => Number(word === label))) };
}

/** By number, or letter by letter as their code points are. */
function compared(a, b) {
  if (typeof a === "number") return a - b;
  const [left, right] = [[...a], [...b]];
  for (let place = 0; place < Math.min(left.length, right.length); place++) {
    const difference = left[place].codePointAt(0) - right[place].codePointAt(0);
    if (difference) return difference;
  }
  return left.length - right.length;
}
