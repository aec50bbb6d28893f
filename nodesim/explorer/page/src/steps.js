/** The whole calculation, one quantity at a time: forward, error, backward, update. */

import { isJoin, joinWritten, partWritten } from "./joins.js";
import { calculates, usesOf } from "./network.js";
import { partial, short } from "./names.js";
import { factor, number } from "./numbers.js";
import { DEFAULTS } from "./training/options.js";
import { canUpdate, directionOf, errorAfter, trained } from "./updates.js";
import { activationWritten, errorWritten, names, seedWritten, slopeWritten } from "./written.js";
import { worded } from "./words.js";

/**
 * One quantity.
 * @typedef {object} Step
 * @property {"forward"|"error"|"backward"|"update"} phase
 * @property {Quantity} quantity
 * @property {Term[]} terms What it is the sum of; none for what is given.
 * @property {string|null} call The function that is applied to the one term, instead of a sum.
 * @property {string|null} written Its formula, where it is no sum of products; of a function that of the function.
 * @property {string|null} numbers The same with the numbers put in.
 * @property {number} value
 * @property {{kind: "node"|"connection"|"error", index: number}} element
 *
 * A quantity by name; a derivative has a denominator as well.
 * @typedef {{top: string, bottom: string|null}} Quantity
 * @typedef {{symbols: Quantity[], values: number[]}} Term
 */

const [GIVEN, SUM, ACTIVATED, ERROR, ARRIVING, SLOPE, DELTA, GRADIENT, UPDATE, AFTER] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const MOST_SHARED = 3;

/** The steps of one run; each is made when it is looked at. */
export class Steps {
  /**
   * @param {import("./network.js").Network} network
   * @param {import("./sums.js").Run} run
   * @param {number[]|null} targets
   * @param {number} [rate] η of the update.
   */
  constructor(network, run, targets, rate = DEFAULTS.learningRate) {
    this.targets = targets;
    this.rate = rate;
    this.network = network;
    this.run = run;
    /** @type {{what: number, index: number}[]} */
    this.list = [];
    for (const node of network.order) this.#forward(node);
    this.when = new Map(this.list.map(({ what, index }, step) => [`${what} ${index}`, step]));
    if (run.seed) this.#backward();
    if (run.gradient) this.#updates();
  }

  get length() {
    return this.list.length;
  }

  /** @param {number} step @returns {Step} */
  at(step) {
    const { what, index } = this.list[Math.min(step, this.length - 1)];
    const kind = what === GRADIENT || what === UPDATE ? "connection" : "node";
    const element = what === ERROR || what === AFTER ? { kind: "error", index: 0 } : { kind, index };
    const phase = what < ERROR ? "forward" : what === ERROR ? "error" : what < UPDATE ? "backward" : "update";
    return { phase, element, ...this.#whole(what, index) };
  }

  /** What a node calculates: H, HA and ∂HA/∂H; of inputs and bias nodes what they send. @param {number} node */
  of(node) {
    return (calculates(this.network.nodes[node]) ? [SUM, ACTIVATED, SLOPE] : [GIVEN]).map((what) => this.#whole(what, node));
  }

  /** e, or null without a desired output. */
  get error() {
    return this.run.error === null ? null : this.#whole(ERROR, 0);
  }

  #whole(what, index) {
    return { terms: [], call: null, written: null, numbers: null, ...this.#made(what, index) };
  }

  /** What is known of a node after a step, for the drawing. @param {number} step */
  below(step) {
    return (node) => {
      const sum = this.#done(SUM, node, step) ? number(this.run.value[node], 3) : "";
      const activated = this.#done(ACTIVATED, node, step) ? ` → ${number(this.run.activated[node], 3)}` : "";
      return this.#done(GIVEN, node, step) ? number(this.run.value[node], 3) : sum + activated;
    };
  }

  /** The derivative of e by the sum of a node, once it is known. @param {number} step */
  above(step) {
    const { nodes } = this.network;
    return (node) => this.#done(DELTA, node, step) ? `${partial("e", short(nodes[node].quantity, 20))} ${number(this.run.delta[node], 3)}` : "";
  }

  /** Whether e is known after a step. @param {number} step */
  hasError(step) {
    return this.#done(ERROR, 0, step);
  }

  #done(what, node, step) {
    return (this.when.get(`${what} ${node}`) ?? Infinity) <= step;
  }

  #forward(node) {
    const kinds = calculates(this.network.nodes[node]) ? [SUM, ACTIVATED] : [GIVEN];
    kinds.forEach((what) => this.list.push({ what, index: node }));
  }

  /** Layer by layer from the output, each from its first node: the order of the article. */
  #backward() {
    const { network } = this;
    this.when.set(`${ERROR} 0`, this.list.length);
    this.list.push({ what: ERROR, index: 0 });
    const depth = depths(network);
    const nodes = network.order.filter((node) => calculates(network.nodes[node]));
    for (const node of nodes.sort((a, b) => depth[b] - depth[a] || a - b)) {
      if (this.#arrives(node)) this.list.push({ what: ARRIVING, index: node }, { what: SLOPE, index: node });
      this.when.set(`${DELTA} ${node}`, this.list.length);
      this.list.push({ what: DELTA, index: node });
      for (const c of network.incoming[node]) this.list.push({ what: GRADIENT, index: c });
    }
  }

  /** All weights change at once, after all gradients are known: the article's step 3. */
  #updates() {
    const { network, run } = this;
    for (const c of trained(network)) this.list.push({ what: UPDATE, index: c });
    if (canUpdate(network, run) && trained(network).length) this.list.push({ what: AFTER, index: 0 });
  }

  /** Whether a path leads from e to OA. */
  #arrives(node) {
    return this.#onwards(node).length > 0 || (this.network.place[node] >= 0 && !this.network.ofSums);
  }

  #onwards(node) {
    const { outgoing, connections, alive } = this.network;
    return outgoing[node].filter((c) => alive[connections[c].target]);
  }

  #made(what, index) {
    const makers = [this.#given, this.#sum, this.#activated, this.#error, this.#arriving, this.#slope, this.#delta, this.#gradient, this.#update, this.#after];
    return makers[what].call(this, index);
  }

  #given(node) {
    return { quantity: named(this.network.nodes[node].quantity), value: this.run.activated[node] };
  }

  #sum(node) {
    const { nodes, connections, incoming } = this.network;
    const terms = incoming[node].map((c) => {
      const { source, quantity } = connections[c];
      return { symbols: [named(nodes[source].activated), named(quantity)], values: [this.run.activated[source], this.run.weights[c]] };
    });
    const quantity = named(nodes[node].quantity);
    const value = this.run.value[node];
    const { aggregation } = nodes[node];
    if (terms.length && isJoin(aggregation)) {
      const written = joinWritten(aggregation, terms.map(({ symbols }) => symbols.map(quantityText).join("·")));
      const numbers = joinWritten(aggregation, terms.map(({ values }) => values.map((each) => factor(each)).join("·")));
      return { quantity, written, numbers, value };
    }
    const written = terms.length ? null : worded("0 (nothing feeds it)");
    return { quantity, terms, written, value };
  }

  #activated(node) {
    const { quantity, activated, activation } = this.network.nodes[node];
    const terms = [{ symbols: [named(quantity)], values: [this.run.value[node]] }];
    const written = activationWritten(this.network, node);
    const numbers = activationWritten(this.network, node, () => factor(this.run.value[node]));
    return { quantity: named(activated), call: activation, terms, written, numbers, value: this.run.activated[node] };
  }

  #error() {
    const { network } = this;
    return { quantity: named("e"), written: errorWritten(network, names(network)), numbers: errorWritten(network, this.#numbers), value: this.run.error };
  }

  /** The numbers of the outputs. @type {import("./written.js").Said} */
  #numbers = (letter, place) => {
    const { run, targets } = this;
    const node = this.network.outputs[place];
    return factor({ y: targets[place], a: run.activated[node], z: run.value[node] }[letter]);
  };

  /** What the loss adds to ∂e/∂OA, or to ∂e/∂O. */
  #seed(node) {
    const { network } = this;
    return { written: seedWritten(network, node, names(network)), numbers: seedWritten(network, node, this.#numbers), value: this.run.seed[network.place[node]] };
  }

  #arriving(node) {
    const { nodes, connections, place, ofSums } = this.network;
    const { activated } = nodes[node];
    const terms = this.#onwards(node).map((c) => {
      const { target: above, quantity } = connections[c];
      return this.#through(c, [by(nodes[above].quantity), named(quantity)], [this.run.delta[above], this.run.weights[c]]);
    });
    const seed = place[node] >= 0 && !ofSums ? this.#seed(node) : null;
    if (seed && !terms.length) return { quantity: by(activated), ...seed };
    const value = terms.reduce((sum, { values: [a, b, part = 1] }) => sum + a * b * part, seed?.value ?? 0);
    if (seed) terms.unshift({ symbols: [named(seed.written)], values: [seed.value] });
    return { quantity: by(activated), terms, value };
  }

  /** A term over a connection: with ∂H/∂(HA·W) as its last factor, where H is no sum. */
  #through(c, symbols, values) {
    const part = partWritten(this.network, c);
    return part ? { symbols: [...symbols, named(part)], values: [...values, this.run.parts[c]] } : { symbols, values };
  }

  #slope(node) {
    const { network, run } = this;
    const { quantity, activated } = network.nodes[node];
    const numbers = slopeWritten(network, node, (letter) => factor((letter === "a" ? run.activated : run.value)[node]));
    return { quantity: { top: activated, bottom: quantity }, written: slopeWritten(network, node), numbers, value: run.slope[node] };
  }

  #delta(node) {
    const { nodes, place, ofSums } = this.network;
    const { quantity: bottom, activated } = nodes[node];
    const quantity = by(bottom);
    const value = this.run.delta[node];
    const seed = place[node] >= 0 && ofSums ? this.#seed(node) : null;
    if (!this.#arrives(node)) return seed ? { quantity, ...seed, value } : { quantity, written: worded("0 (no path leads here)"), value };
    const terms = [{ symbols: [by(activated), { top: activated, bottom }], values: [this.#arriving(node).value, this.run.slope[node]] }];
    if (seed) terms.unshift({ symbols: [named(seed.written)], values: [seed.value] });
    return { quantity, terms, value };
  }

  #gradient(c) {
    const { nodes, connections } = this.network;
    const { quantity, source, target } = connections[c];
    const values = [this.run.delta[target], this.run.activated[source]];
    const terms = [this.#through(c, [by(nodes[target].quantity), named(nodes[source].activated)], values)];
    return { quantity: by(quantity), terms, value: this.run.gradient[c] };
  }

  /** W − η·∂e/∂W; of a weight that several connections share with the sum over them. */
  #update(c) {
    const { network, run, rate } = this;
    const { quantity, tie } = network.connections[c];
    const uses = usesOf(network, c);
    const sum = directionOf(network, run.gradient, c);
    const [parts, values] = uses.length > MOST_SHARED
      ? [[partial("e", tie)], [factor(sum)]]
      : [uses.map((use) => partial("e", network.connections[use].quantity)), uses.map((use) => factor(run.gradient[use]))];
    return {
      quantity: named(`${quantity}(k+1)`),
      written: `${quantity} − η·${added(parts)}`,
      numbers: `${number(run.weights[c])} − ${number(rate)}·${added(values)}`,
      value: run.weights[c] - rate * sum,
    };
  }

  /** e with the weights of the update. */
  #after() {
    return { quantity: named("e(k+1)"), written: worded("e with all these weights"), value: errorAfter(this.network, this.run, this.rate) };
  }
}

/** A quantity as text. @param {Quantity} quantity */
export function quantityText({ top, bottom }) {
  return bottom === null ? top : partial(top, bottom);
}

function added(parts) {
  return parts.length === 1 ? parts[0] : `(${parts.join(" + ")})`;
}

function named(name) {
  return { top: name, bottom: null };
}

function by(name) {
  return { top: "e", bottom: name };
}

/** How many connections lie at most between an input and each node. */
function depths({ order, incoming, connections, nodes }) {
  const depth = new Int32Array(nodes.length);
  for (const node of order) {
    for (const c of incoming[node]) depth[node] = Math.max(depth[node], depth[connections[c].source] + 1);
  }
  return depth;
}
