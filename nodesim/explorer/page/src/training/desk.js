/** Where a training is done: it is asked for things by name, here or in a worker. */

import { Trainer } from "./trainer.js";

/**
 * What one piece of work did.
 * @typedef {import("./trainer.js").Moment & {passed: {errors: number[], means: (number|null)[], tests: (number|null)[]}}} Told
 * `passed`: of each epoch that was finished in it, the error, the mean one at its end, and that of the test samples.
 */

export class Desk {
  /** @param {() => number} [now] A clock, in milliseconds. */
  constructor(now = () => performance.now()) {
    this.now = now;
  }

  /**
   * Do what is asked.
   * @param {string} call
   * @param {any} given
   * @returns {Told}
   */
  answer(call, given) {
    const passed = { errors: [], means: [], tests: [] };
    if (call === "begin") this.trainer = new Trainer(given);
    else if (call === "set") this.trainer.set(given);
    else if (call === "take") this.trainer.take(given);
    else if (call === "reset") this.trainer.reset(given);
    else if (call === "update") this.#update(passed);
    else this.#work(given, passed);
    return { ...this.trainer.moment, passed };
  }

  /**
   * Train whole epochs for some time: one at least or, where that takes longer, as much of one as fits in.
   * @param {{ms: number, most: number}} given How long, and how many epochs at most.
   */
  #work({ ms, most }, passed) {
    const { trainer, now } = this;
    const begin = now();
    let latest = begin;
    while (this.#update(passed)) {
      const time = now();
      if (trainer.within > 0) {
        if (time - begin >= ms) return;
        continue;
      }
      // Another epoch as long as this one would take too long.
      if (passed.errors.length >= most || 2 * time - latest - begin > ms) return;
      latest = time;
    }
  }

  #update(passed) {
    const { trainer } = this;
    const { epochs } = trainer;
    const done = trainer.update();
    if (trainer.epochs > epochs) {
      passed.errors.push(trainer.error);
      passed.means.push(trainer.mean);
      passed.tests.push(trainer.testError);
    }
    return done;
  }
}
