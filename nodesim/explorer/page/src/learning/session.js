/** A training in the page: it goes on from the weights that are shown, and what it learns is shown as recorded epochs are. */

import { noEdits } from "../runs.js";
import { Course } from "../training/course.js";
import { changed, checkEpochs, DEFAULTS, TrainingError } from "../training/options.js";
import { trainingSet, whyNot } from "./samples.js";

/** How it is trained. @typedef {Pick<import("../training/options.js").Options, "learningRate"|"batch"|"optimizer"|"l2"|"shuffle">} Options */

/** @param {any} document @returns {Options} The article's, and sgd. */
export function usualOptions(document) {
  const { batch, optimizer, l2, shuffle } = DEFAULTS;
  return { learningRate: usualRate(document, optimizer), batch, optimizer, l2, shuffle };
}

/** The learning rate that an optimizer has where none is said. @param {any} document @param {string} optimizer */
export function usualRate({ offered }, optimizer) {
  return offered?.optimizers.find(({ name }) => name === optimizer)?.learning_rate ?? DEFAULTS.learningRate;
}

/** What a training that never began came to. */
const UNTRAINED = { epoch: 0, updates: 0, within: 0, error: null, mean: null, test: null, trouble: "", passed: { errors: [], means: [], tests: [] } };

/** The training of one page's network. What is asked for is done one after the other; what runs ends first. */
export class Session {
  /** @param {import("../app.js").App} app */
  constructor(app) {
    this.app = app;
    /** Why nothing can be trained here, in words; "" if it can: asked for each picture, and another document has another session. */
    this.whyNot = whyNot(app.document);
    this.course = null;
    this.playing = false;
    this.trouble = "";
    /** What Reset goes back to: where the page's training began. */
    this.origin = null;
    this.listeners = [];
    this.closed = false;
    /** Until what was asked for so far is done. */
    this.line = Promise.resolve();
    /** How often something was asked for that ends what runs. */
    this.ends = 0;
    // What the reader changes is to be looked at: the training would go on without it.
    app.state.on(["edits"], ({ edits }) => this.playing && Object.keys(edits.weights).length && this.pause());
  }

  /** @returns {Options} */
  get options() {
    return this.app.bench.options;
  }

  /** Tell of what changes here besides the weights: playing, options, trouble. @param {() => void} listener */
  on(listener) {
    this.listeners.push(listener);
  }

  /** Train otherwise from the next update on; what is not allowed throws, and changes nothing. @param {Partial<Options>} changes */
  set(changes) {
    Object.assign(this.options, changed(this.options, changes));
    this.trouble = "";
    this.course?.set(this.options).catch((error) => this.#stop(error));
    this.app.state.set({ learningRate: this.options.learningRate });
    this.#tell();
  }

  /** How many epochs a second there may be while it plays; null for as many as there can be. @returns {number|null} */
  get pace() {
    return this.app.bench.pace;
  }

  /** Play at another speed. @param {number|null} pace */
  run(pace) {
    this.app.bench.pace = pace;
    if (this.course) this.course.pace = pace;
    this.#tell();
  }

  /** Train until Pause is pressed, or something goes wrong. */
  play() {
    if (this.playing || this.whyNot) return;
    this.#next(() => {
      const course = this.#ready();
      this.playing = true;
      this.#tell();
      course.play((moment) => this.course === course && this.#take(moment)).catch((error) => this.course === course && this.#stop(error));
    });
  }

  /** @returns {Promise<void>} */
  async pause() {
    if (this.playing) await this.#next(() => {});
  }

  /** One change of the weights. */
  update() {
    return this.#next(() => this.#once((course) => course.update())).catch((error) => this.#stop(error));
  }

  /** Every sample once. */
  epoch() {
    const { ends } = this;
    return this.#next(() => this.ends === ends + 1 && this.#once((course) => course.epoch())).catch((error) => this.#stop(error));
  }

  /**
   * Train for some epochs, with these settings from now on, and return the last moment: where something else is asked
   * for meanwhile, what it came to until then. As in `Network.fit` the optimizer starts afresh.
   * @param {Partial<Options> & {epochs?: number}} asked
   */
  async train({ epochs = 1, ...options } = {}) {
    if (this.whyNot) throw new TrainingError(this.whyNot);
    checkEpochs(epochs);
    changed(this.options, options);
    const { ends } = this;
    let told = UNTRAINED;
    const train = async () => {
      if (this.ends !== ends) return told;
      this.#drop();
      this.set(options);
      return this.#once((course) => course.train({ epochs, told: (moment) => this.#keep((told = moment)) }));
    };
    return (await this.#next(train, false)) ?? told;
  }

  /** Look at another epoch: a training that plays stands still. @param {number} epoch */
  leave(epoch) {
    return this.#next(() => this.app.state.set({ epoch: Math.min(epoch, this.app.runs.moments.last) }));
  }

  /** Back to where the page's training began. */
  reset() {
    return this.#next(() => {
      this.#drop();
      const { moments } = this.app.runs;
      const { epoch, edits } = this.origin ?? { epoch: Math.min(this.app.state.values.epoch, moments.last), edits: noEdits() };
      this.origin = null;
      moments.reset();
      this.#show({ epoch, edits, step: -1 });
    });
  }

  /** Go on from weights that were made elsewhere. @param {Float64Array} weights */
  adopt(weights) {
    return this.#next(() => {
      this.#drop();
      const { moments } = this.app.runs;
      const { epoch, edits } = this.app.state.values;
      this.origin ??= { epoch, edits };
      moments.add({ epoch: moments.at(moments.last).epoch, error: null, test: null, weights });
      this.#show({ epoch: moments.last, edits: { ...edits, weights: {} }, step: -1 });
    });
  }

  /** End it: another network is shown. */
  close() {
    this.closed = true;
    this.playing = false;
    this.#drop();
  }

  /**
   * Do something when all that was asked for before is done, and nothing runs.
   * @template T
   * @param {() => T|Promise<T>} job
   * @param {boolean} [ends] Whether what runs ends for it; else it is waited for, unless it plays without end.
   * @returns {Promise<T|null>} Null where the session was closed before.
   */
  #next(job, ends = true) {
    if (ends) {
      this.ends++;
      this.course?.halt();
    }
    const result = this.line.then(async () => {
      await this.#still();
      return this.closed ? null : job();
    });
    this.line = result.catch(() => {});
    return result;
  }

  /** Let what plays come to its end. */
  async #still() {
    await this.course?.halt();
    if (!this.playing) return;
    this.playing = false;
    this.app.settle();
    this.#tell();
  }

  /** @returns {Promise<any>} The last moment; null where the session was closed. */
  async #once(go) {
    if (this.whyNot) return null;
    const course = this.#ready();
    try {
      const moment = await go(course);
      if (this.closed) return moment;
      this.#take(moment);
      this.app.settle();
      return moment;
    } catch (error) {
      if (this.closed) return null;
      throw error;
    }
  }

  /** Show what was not learned. */
  #show(changes) {
    this.trouble = "";
    this.app.state.set(changes, ["epoch"]);
    this.app.settle();
    this.#tell();
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
    this.course = new Course({ document: app.document, weights, ...trainingSet(app.document), options: { ...this.options } }, { pace: this.pace });
    this.#tellStart(this.course, moments);
    return this.course;
  }

  /** The curve of the errors begins where the training does. */
  async #tellStart(course, { errors }) {
    const { mean } = await course.moment().catch(() => ({ mean: null }));
    if (this.course === course && !errors.items.length) errors.add({ epoch: this.first, error: mean, test: null });
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
  #keep({ epoch, updates, mean, test, weights, passed }) {
    const known = this.updates === updates;
    this.updates = updates;
    if (known) return;
    this.reached = weights;
    const { means, tests } = passed;
    const begun = this.first + epoch - means.length + 1;
    const errors = means.map((error, place) => ({ epoch: begun + place, error, test: tests[place] }));
    this.app.runs.moments.add({ epoch: this.first + epoch, error: mean, test, weights }, errors);
  }

  /** It cannot be trained like this. @param {Error} error */
  #stop(error) {
    if (this.closed) return;
    this.playing = false;
    this.#drop();
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
