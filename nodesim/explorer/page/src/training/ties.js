/** Connections that share a weight: the first use stands for all, with the sum of their gradients. */

export class Ties {
  /** @param {{tie: string|null, trainable: boolean}[]} connections */
  constructor(connections) {
    const first = new Map();
    /** Further uses with the first one of each. @type {[number, number][]} */
    this.copies = [];
    const once = [];
    connections.forEach(({ tie }, c) => {
      if (tie !== null && first.has(tie)) return this.copies.push([c, first.get(tie)]);
      if (tie !== null) first.set(tie, c);
      return once.push(c);
    });
    /** Every weight, where it is used first. */
    this.once = Int32Array.from(once);
    /** Those of them that are trained. */
    this.chosen = Int32Array.from(once.filter((c) => connections[c].trainable));
  }

  /** @param {Float64Array} gradients */
  addUp(gradients) {
    for (const [copy, first] of this.copies) gradients[first] += gradients[copy];
  }

  /** Let all uses have what the first one has. @param {Float64Array} weights */
  level(weights) {
    for (const [copy, first] of this.copies) weights[copy] = weights[first];
  }
}
