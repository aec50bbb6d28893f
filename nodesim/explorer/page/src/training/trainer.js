/** A training: epochs of updates, each of them forward, backward and a step. Plain data in, so that it can run anywhere. */

import { OptimizerState } from "./optimizers.js";
import { changed, DEFAULTS, TrainingError } from "./options.js";
import { Orders } from "./orders.js";
import { NotFinite, Passes, Room } from "./passes.js";
import { allFinite } from "./program.js";
import { Rows } from "./rows.js";
import { Samples } from "./samples.js";
import { Ties } from "./ties.js";
import { obstacle } from "./obstacles.js";
import { diverged, diverges, notFinite, testNotFinite } from "./troubles.js";
import { worded } from "../words.js";

/**
 * Where a training stands.
 * @typedef {object} Moment
 * @property {number} epoch How many whole epochs were done.
 * @property {number} updates How many updates, in all.
 * @property {number} within How many updates of the epoch that is not whole yet.
 * @property {number|null} error Of the last whole epoch: the mean error of its samples, each taken just before the update that it caused.
 * @property {number|null} mean The mean error of the samples with the weights as they are now, without penalties; null where it is not finite.
 * @property {number|null} test The error of the test samples at its end.
 * @property {Float64Array} weights
 * @property {string} trouble Why it stopped, in words; empty where nothing is wrong.
 */

/**
 * @typedef {object} Given
 * @property {any} document Of which the structure is read.
 * @property {ArrayLike<number>} weights In connection order.
 * @property {number[][]} x @property {number[][]} y
 * @property {{x: number[][], y: number[][]}|null} [test]
 * @property {Partial<import("./options.js").Options>} [options]
 */

/** Trains as nodesim's `fit` does. */
export class Trainer {
  /** @param {Given} given */
  constructor({ document, weights, x, y, test = null, options = {} }) {
    const refused = obstacle(document);
    if (refused) throw new TrainingError(refused);
    this.document = document;
    this.options = changed(DEFAULTS, options);
    this.rows = new Rows(document);
    this.passes = new Passes(this.rows, document);
    this.samples = new Samples(this.rows, x, y);
    this.test = test && test.x.length ? new Samples(this.rows, test.x, test.y) : null;
    this.ties = new Ties(document.connections);
    this.first = Float64Array.from(weights);
    if (this.first.length !== document.connections.length) throw new TrainingError(worded("there must be one weight for each of {count} connections; there are {given}.", { count: document.connections.length, given: this.first.length }));
    [this.gradients, this.following] = [0, 1].map(() => new Float64Array(this.first.length));
    /** @type {Map<number, Room>} */
    this.rooms = new Map();
    this.reset();
  }

  /** Begin anew. @param {ArrayLike<number>} [weights] Others than at first. */
  reset(weights = this.first) {
    this.weights = Float64Array.from(weights);
    this.optimizer = this.#freshOptimizer();
    this.orders = new Orders(this.samples.count, this.options.seed);
    Object.assign(this, { epochs: 0, updates: 0, within: 0, done: 0, share: 0, error: null, testError: null, trouble: "" });
    this.#forget();
  }

  /** Go on with other options, from the next update on. @param {Partial<import("./options.js").Options>} options */
  set(options) {
    const before = this.options;
    this.options = changed(before, options);
    const { optimizer, parameters, seed } = this.options;
    if (optimizer !== before.optimizer || JSON.stringify(parameters) !== JSON.stringify(before.parameters)) this.optimizer = this.#freshOptimizer();
    if (seed !== before.seed) this.orders = new Orders(this.samples.count, seed);
  }

  /** Go on with other weights; what the optimizer remembers stays. @param {ArrayLike<number>} weights */
  take(weights) {
    this.weights.set(weights);
    this.#forget();
  }

  /** See Moment; calculated once for each state of the weights. */
  get mean() {
    if (this.meanOf !== this.updates) {
      this.meanOf = this.updates;
      this.meanError = this.#errorOf((this.whole ??= this.samples.room()), () => {});
    }
    return this.meanError;
  }

  /** @returns {Moment} */
  get moment() {
    const { epochs: epoch, updates, within, error, mean, testError: test, trouble } = this;
    return { epoch, updates, within, error, mean, test, weights: this.weights.slice(), trouble };
  }

  /** Make one update; it ends an epoch where no samples are left. Where a number is not finite, nothing but the trouble changes. @returns {boolean} Whether it could be made. */
  update() {
    // Whoever goes on after a trouble is watched anew, as by another call of `fit`.
    if (this.trouble) this.#forget();
    if (this.done === 0) this.order = this.orders.drawn(this.options.shuffle && this.batch < this.samples.count);
    const chosen = this.order.subarray(this.done, this.done + this.batch);
    try {
      const error = this.#step(chosen);
      this.share += (error * chosen.length) / this.samples.count;
    } catch (fault) {
      this.#stop(fault);
      return false;
    }
    this.updates++;
    this.within++;
    this.done += chosen.length;
    if (this.done === this.samples.count) this.#endEpoch();
    return this.trouble === "";
  }

  /** Make the updates that are left of an epoch. @returns {boolean} Whether they could be made. */
  epoch() {
    const { epochs } = this;
    while (this.epochs === epochs) if (!this.update()) return false;
    return true;
  }

  /** Samples for each update. */
  get batch() {
    const { batch } = this.options;
    return batch === "all" ? this.samples.count : Math.min(batch, this.samples.count);
  }

  /** Forward, backward and a step of all weights at once; returns the error before. */
  #step(chosen) {
    const { passes, weights, gradients, following, optimizer, options } = this;
    const room = this.#room(chosen.length);
    this.samples.into(room, chosen);
    passes.forward(room, weights);
    const error = passes.errorOf(room);
    passes.backward(room, weights, gradients);
    const penalty = options.l2 ? this.#penalty() : 0;
    this.ties.addUp(gradients);
    following.set(weights);
    optimizer.step({ weights, gradients, following, chosen: this.ties.chosen, rate: options.learningRate });
    this.ties.level(following);
    if (!allFinite(following, 0, following.length)) throw this.#badUpdate();
    optimizer.take();
    [this.weights, this.following] = [following, weights];
    return error + penalty;
  }

  /** Add half of the strength times the square of every weight to e, of a tied weight once. */
  #penalty() {
    const { weights, gradients } = this;
    const { l2 } = this.options;
    let penalty = 0;
    for (const c of this.ties.once) {
      penalty += 0.5 * l2 * weights[c] * weights[c];
      gradients[c] += l2 * weights[c];
    }
    if (!allFinite(gradients, 0, gradients.length)) throw this.passes.gradientFault(gradients);
    if (!Number.isFinite(penalty)) throw new NotFinite("error", -1, penalty);
    return penalty;
  }

  #endEpoch() {
    this.before = this.error;
    [this.error, this.share, this.done, this.within] = [this.share, 0, 0, 0];
    this.epochs++;
    this.since++;
    this.start ??= this.error;
    if (diverges(this.start, this.since > 1 ? this.before : null, this.error)) {
      this.trouble = diverged(this.start, this.error, this.since, this.options.learningRate);
    }
    this.testError = this.test && this.#errorOf((this.testRoom ??= this.test.room()), (fault) => {
      this.trouble = testNotFinite(this.document, fault, this.epochs, this.options.learningRate);
    });
  }

  /** The mean error of the samples in a room; null, after telling of it, where it is not finite. */
  #errorOf(room, told) {
    try {
      this.passes.forward(room, this.weights);
      return this.passes.errorOf(room);
    } catch (fault) {
      if (!(fault instanceof NotFinite)) throw fault;
      told(fault);
      return null;
    }
  }

  #stop(fault) {
    if (!(fault instanceof NotFinite)) throw fault;
    const of = Math.ceil((this.samples.count - this.done) / this.batch) + this.within;
    const where = { epoch: this.epochs + 1, update: this.within + 1, of, updates: this.updates, rate: this.options.learningRate };
    this.trouble = notFinite(this.document, fault, where);
  }

  #badUpdate() {
    const bad = this.following.findIndex((value) => !Number.isFinite(value));
    return new NotFinite("update", bad, this.following[bad]);
  }

  #forget() {
    Object.assign(this, { meanOf: null, trouble: "", start: null, before: null, since: 0 });
  }

  #freshOptimizer() {
    return new OptimizerState(this.options.optimizer, this.document.connections.length, this.options.parameters);
  }

  /** Epochs have one size of batch, and a smaller one at the end. */
  #room(samples) {
    if (!this.rooms.has(samples)) {
      if (this.rooms.size === 3) this.rooms.delete(this.rooms.keys().next().value);
      this.rooms.set(samples, new Room(this.rows, samples));
    }
    return this.rooms.get(samples);
  }
}
