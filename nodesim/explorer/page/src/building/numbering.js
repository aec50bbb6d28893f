/**
 * The numbers of connections: they decide the order of connections, and a new one takes the lowest that is free. A document
 * has names alone. One that was made here is remembered; of any other the numbers are read from names like W5.
 */

const remembered = new WeakMap();

/** Remember the numbers of the connections of a document. @param {any} document @param {number[]} numbers */
export function remember(document, numbers) {
  remembered.set(document.connections, numbers);
}

/** The numbers of the connections of a document, from 0, in their order. @param {any} document @returns {number[]} */
export function numbersOf({ connections }) {
  return remembered.get(connections) ?? inferred(connections.map(({ name }) => name));
}

/**
 * Names like W5 tell the number, 4, as far as they agree with the order, as most do; each of the others has the lowest that is left.
 * @param {string[]} names
 */
function inferred(names) {
  // How many numbers below its own are free, if the name tells it: in connection order that never falls.
  const free = names.map((name, place) => (/^W[1-9]\d{0,14}$/.test(name) ? Number(name.slice(1)) - 1 - place : -1));
  const anchors = rising(free);
  let last = -1;
  return names.map((_, place) => (last = anchors.has(place) ? place + free[place] : last + 1));
}

/** The places of a longest series of values that are not negative and never fall. @param {number[]} values */
function rising(values) {
  const ends = [];
  const before = [];
  values.forEach((value, place) => {
    if (value < 0) return;
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[ends[middle]] <= value) low = middle + 1;
      else high = middle;
    }
    before[place] = low ? ends[low - 1] : -1;
    ends[low] = place;
  });
  const found = new Set();
  for (let place = ends.length ? ends[ends.length - 1] : -1; place >= 0; place = before[place]) found.add(place);
  return found;
}

/** The lowest free of some whole numbers, found quickly while they are taken and given back. */
export class Free {
  /** @param {(number: number) => boolean} taken @param {number} first */
  constructor(taken, first) {
    this.taken = taken;
    this.next = first;
  }

  /** The lowest free one; asking does not take it. */
  lowest() {
    while (this.taken(this.next)) this.next++;
    return this.next;
  }

  /** Give one back. @param {number} number */
  release(number) {
    if (number < this.next) this.next = number;
  }
}
