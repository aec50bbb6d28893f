/** A training in the page: it goes on from the weights that are shown, and what it learns is shown as recorded epochs are. */

import { noEdits } from "../runs.js";
import { checkEpochs, Course } from "../training/course.js";
import { changed, DEFAULTS } from "../training/options.js";
import { trainingSet, whyNot } from "./samples.js";

/**
 * How it is trained.
 * @typedef {object} Options
 * @property {number} learningRate η
 * @property {number|"all"} batch Samples of an update.
 * @property {string} optimizer
 * @property {number} l2 The strength of the penalty l2.
 * @property {boolean} shuffle Whether each epoch has an order of its own.
 */

/** @param {any} document @returns {Options} The article's, and sgd. */
export function usualOptions(document) {
  return { learningRate: usualRate(document, "sgd"), batch: "all", optimizer: "sgd", l2: 0, shuffle: true };
}

/** The learning rate that an optimizer has where none is said. @param {any} document @param {string} optimizer */
export function usualRate({ offered }, optimizer) {
  return offered?.optimizers.find(({ name }) => name === optimizer)?.learning_rate ?? 0.5;
}

/** The training of one page's network. */
export class Session {
  /** @param {import("../app.js").App} app */
  constructor(app) {
    this.app = app;
    this.course = null;
    this.playing = false;
    this.trouble = "";
    /** What Reset goes back to: where the page's training began. */
    this.origin = null;
    this.listeners = [];
    app.state.on(["edits"], ({ edits }) => this.playing && Object.keys(edits.weights).length && this.#again());
  }

  /** @returns {Options} */
  get options() {
    return this.app.bench.options;
  }

  /** Why nothing can be trained here, in words; "" if it can. */
  get whyNot() {
    return whyNot(this.app.document);
  }

  /** Tell of what changes here besides the weights: playing, options, trouble. @param {() => void} listener */
  on(listener) {
    this.listeners.push(listener);
  }

  /** Train otherwise from the next update on. @param {Partial<Options>} changes */
  set(changes) {
    Object.assign(this.options, changes);
    this.trouble = "";
    this.course?.set(this.options).catch((error) => this.#stop(error));
    this.app.state.set({ learningRate: this.options.learningRate });
    this.#tell();
  }

  /** Train until Pause is pressed, or something goes wrong. */
  play() {
    if (this.playing || this.whyNot) return;
    const course = this.#ready();
    this.playing = true;
    this.#tell();
    course.play((moment) => this.course === course && this.#take(moment)).catch((error) => this.#stop(error));
  }

  /** @returns {Promise<void>} */
  async pause() {
    if (!this.playing) return;
    const { course } = this;
    await course?.pause();
    // A weight that was changed meanwhile has begun another.
    if (this.course !== course) return this.pause();
    this.playing = false;
    this.app.settle();
    this.#tell();
  }

  /** One change of the weights. */
  update() {
    return this.#once((course) => course.update()).catch((error) => this.#stop(error));
  }

  /** Every sample once. */
  epoch() {
    return this.#once((course) => course.epoch()).catch((error) => this.#stop(error));
  }

  /**
   * Train for some epochs, with these settings from now on, and return the last moment. As in `Network.fit` the
   * optimizer starts afresh.
   * @param {Partial<Options> & {epochs?: number}} asked
   */
  async train({ epochs = 1, ...options } = {}) {
    if (this.whyNot) throw new Error(this.whyNot);
    // What is refused changes nothing.
    checkEpochs(epochs);
    const wanted = changed({ ...DEFAULTS, ...this.options }, options);
    await this.pause();
    this.#drop();
    this.set(wanted);
    return this.#once((course) => course.train({ epochs, told: (moment) => this.course === course && this.#keep(moment) }));
  }

  /** Look at another epoch: a training that plays stands still. @param {number} epoch */
  async leave(epoch) {
    await this.pause();
    this.app.state.set({ epoch: Math.min(epoch, this.app.runs.moments.last) });
  }

  /** Back to where the page's training began. */
  async reset() {
    await this.pause();
    this.#drop();
    const { moments } = this.app.runs;
    const { epoch, edits } = this.origin ?? { epoch: Math.min(this.app.state.values.epoch, moments.last), edits: noEdits() };
    this.origin = null;
    this.trouble = "";
    moments.reset();
    this.app.state.set({ epoch, edits, step: -1 }, ["epoch"]);
    this.app.settle();
    this.#tell();
  }

  /** Go on from weights that were made elsewhere. @param {Float64Array} weights */
  async adopt(weights) {
    await this.pause();
    this.#drop();
    const { moments } = this.app.runs;
    const { epoch, edits } = this.app.state.values;
    this.origin ??= { epoch, edits };
    this.trouble = "";
    moments.add({ epoch: moments.at(moments.last).epoch, error: null, test: null, weights });
    this.app.state.set({ epoch: moments.last, edits: { ...edits, weights: {} }, step: -1 }, ["epoch"]);
    this.app.settle();
    this.#tell();
  }

  /** End it: another network is shown. */
  close() {
    this.playing = false;
    this.#drop();
  }

  /** A weight is changed by hand while it plays: it goes on from there. */
  async #again() {
    const { course } = this;
    await course.pause();
    if (!this.playing || this.course !== course) return;
    this.playing = false;
    this.play();
  }

  async #once(go) {
    if (this.whyNot) return null;
    await this.pause();
    const course = this.#ready();
    const moment = await go(course);
    if (course !== this.course) return moment;
    this.#take(moment);
    this.app.settle();
    return moment;
  }

  /** The course that goes on from what is shown: the one that led there, or a new one. */
  #ready() {
    const { app, course } = this;
    const { epoch, edits } = app.state.values;
    const { moments } = app.runs;
    const goesOn = course && epoch === moments.last && moments.of(epoch) === this.reached && !Object.keys(edits.weights).length;
    return goesOn ? course : this.#begin();
  }

  #begin() {
    const { app } = this;
    const { epoch, edits } = app.state.values;
    const { moments } = app.runs;
    this.#drop();
    this.trouble = "";
    this.origin ??= { epoch, edits };
    const weights = Float64Array.from(app.weights);
    this.first = moments.at(epoch).epoch;
    moments.cut(epoch);
    if (Object.keys(edits.weights).length) {
      moments.add({ epoch: this.first, error: null, test: null, weights });
      app.state.set({ epoch: moments.last, edits: { ...edits, weights: {} } }, ["epoch"]);
    }
    this.reached = moments.of(moments.last);
    this.updates = 0;
    this.course = new Course({ document: app.document, weights, ...trainingSet(app.document), options: { ...this.options } });
    return this.course;
  }

  /** Show what was learned. @param {any} moment */
  #take(moment) {
    this.#keep(moment);
    const { trouble } = moment;
    this.trouble = trouble;
    if (trouble) this.playing = false;
    this.app.state.set({ epoch: this.app.runs.moments.last, step: -1 }, ["epoch"]);
    if (trouble) this.app.settle();
    this.#tell();
  }

  /** Add it to the epochs; the last one of a run comes twice. */
  #keep({ epoch, updates, error, test, weights, passed }) {
    const known = this.updates === updates;
    this.updates = updates;
    if (known) return;
    this.reached = weights;
    this.app.runs.moments.add({ epoch: this.first + epoch, error, test, weights }, passed);
  }

  /** It cannot be trained like this. @param {Error} error */
  #stop(error) {
    this.playing = false;
    this.trouble = error.message;
    this.app.settle();
    this.#tell();
  }

  #drop() {
    this.course?.close();
    this.course = null;
  }

  #tell() {
    this.listeners.forEach((listener) => listener());
  }
}
