/** The page's side of a training: it asks a desk for moments, and tells them as fast as they can be shown. */

import { openDesk } from "./desks.js";
import { checkEpochs } from "./options.js";

/** How long one piece of work may take, so that each picture has one, and the page has time to show it. */
const SLICE = 8;

/** How long it is waited for a picture, in milliseconds. */
const UNSEEN = 200;

/** @typedef {import("./desk.js").Told} Told */

/** One training, by promises of its moments; where a moment has a trouble, it stopped. */
export class Course {
  /**
   * @param {import("./trainer.js").Given} given
   * @param {{worker?: boolean, pace?: number|null}} [settings] Whether a worker may be used; how many epochs a second there may be while it plays, null for no limit.
   */
  constructor(given, { worker = true, pace = null } = {}) {
    this.pace = pace;
    this.desk = openDesk(worker);
    // What is asked for before it has begun waits for that; its fault is told to whoever asks.
    this.begun = this.desk.then((desk) => desk.ask("begin", { ...given, document: structureOf(given.document) }));
    this.begun.catch(() => {});
    /** @type {Promise<Told>|null} */
    this.run = null;
    /** The number of the last call that begins or ends a run: it ends those before. */
    this.latest = 0;
  }

  /** Where it stands. @returns {Promise<Told>} */
  moment() {
    return this.set({});
  }

  /** Whether a worker does it. @returns {Promise<boolean>} */
  async inWorker() {
    return "worker" in (await this.desk);
  }

  /** Whether it plays or trains. */
  get playing() {
    return this.run !== null;
  }

  /**
   * Train until it is paused or a trouble comes up; each animation frame tells one moment at most, which is never behind.
   * @param {(moment: Told) => void} told
   * @returns {Promise<Told>} The last moment.
   */
  play(told) {
    const pace = new Pace();
    return this.#during(async (goesOn) => {
      let moment = null;
      while (goesOn() && !moment?.trouble) {
        const most = pace.epochs(this.pace);
        if (most > 0) moment = await this.#ask("work", { ms: SLICE, most });
        await frame();
        if (most > 0) told(moment);
      }
      return moment ?? this.moment();
    });
  }

  /** Stop playing or training. @returns {Promise<Told>} The last moment, which was told by then. */
  pause() {
    this.latest++;
    return this.run ?? this.moment();
  }

  /** Stop what plays or trains, if anything does; of a fault whoever began it is told. */
  async halt() {
    if (this.playing) await this.pause().catch(() => {});
  }

  /**
   * Train so many epochs, as fast as it goes.
   * @param {{epochs: number, told?: (moment: Told) => void}} given
   * @returns {Promise<Told>} The last moment, with the errors of all these epochs.
   */
  async train({ epochs, told }) {
    checkEpochs(epochs);
    return this.#during(async (goesOn) => {
      const passed = { errors: [], means: [], tests: [] };
      let moment = null;
      while (goesOn() && passed.errors.length < epochs && !moment?.trouble) {
        moment = await this.#ask("work", { ms: SLICE, most: epochs - passed.errors.length });
        passed.errors.push(...moment.passed.errors);
        passed.means.push(...moment.passed.means);
        passed.tests.push(...moment.passed.tests);
        told?.(moment);
      }
      return { ...(moment ?? (await this.moment())), passed };
    });
  }

  /** Make one update. @returns {Promise<Told>} */
  async update() {
    await this.pause();
    return this.#ask("update");
  }

  /** Train to the end of an epoch. @returns {Promise<Told>} */
  epoch() {
    return this.train({ epochs: 1 });
  }

  /** Go on with other options, from the next update on. @param {Partial<import("./options.js").Options>} options @returns {Promise<Told>} */
  set(options) {
    return this.#ask("set", options);
  }

  /** Go on with other weights. @param {ArrayLike<number>} weights @returns {Promise<Told>} */
  take(weights) {
    return this.#ask("take", Float64Array.from(weights));
  }

  /** Begin anew, with the first weights or others. @param {ArrayLike<number>} [weights] @returns {Promise<Told>} */
  async reset(weights) {
    await this.pause();
    return this.#ask("reset", weights && Float64Array.from(weights));
  }

  /** End it, and its worker. */
  close() {
    this.latest++;
    this.desk.then((desk) => desk.close());
  }

  async #ask(call, given) {
    await this.begun;
    return (await this.desk).ask(call, given);
  }

  /** One run at a time: it begins when the one before, which ends then, has told its last moment. */
  #during(run) {
    const [own, before] = [++this.latest, this.run];
    const goesOn = () => this.latest === own;
    const result = (async () => {
      await before?.catch(() => {});
      return run(goesOn);
    })().finally(() => {
      if (this.run === result) this.run = null;
    });
    this.run = result;
    return result;
  }
}

/** How many epochs there may be by now. */
class Pace {
  constructor() {
    this.last = performance.now();
    this.due = 1;
  }

  /** @param {number|null} pace Epochs a second. */
  epochs(pace) {
    const now = performance.now();
    const passed = now - this.last;
    this.last = now;
    if (pace === null) return Infinity;
    // After a pause of the page nothing is made up for.
    this.due = Math.min(this.due + (passed * pace) / 1000, Math.max(1, pace / 10));
    const whole = Math.floor(this.due);
    this.due -= whole;
    return whole;
  }
}

/** What of a document a training reads: not the weights of its epochs. */
function structureOf({ nodes, connections, order, loss, programs, counts, editable }) {
  return { nodes, connections, order, loss, programs, counts: { nodes: counts.nodes }, editable };
}

/** The next picture; a page that is not seen has none, and goes on slowly. */
function frame() {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, UNSEEN);
    if (typeof requestAnimationFrame !== "function") return;
    requestAnimationFrame(() => {
      clearTimeout(late);
      resolve();
    });
  });
}
