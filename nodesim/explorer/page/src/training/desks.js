/** A desk that answers by promises: in a worker or, where none can start, in the page's own time. */

import { Desk } from "./desk.js";
import { TrainingError } from "./options.js";
import { spoken, worded } from "../words.js";

/** How long it may take a worker to start. */
const LONGEST = 5000;

/** The source of the worker, which the build puts in; sources by themselves have none. */
const SCRIPT = typeof WORKER_SCRIPT === "string" ? WORKER_SCRIPT : "";

/** A desk in the page: before each piece of work all else has its turn. */
class OwnDesk {
  constructor() {
    this.desk = new Desk();
  }

  /** @param {string} call @param {any} [given] @returns {Promise<import("./desk.js").Told>} */
  async ask(call, given) {
    if (call === "work") await new Promise((resolve) => setTimeout(resolve, 0));
    return this.desk.answer(call, given);
  }

  close() {}
}

/** A desk in a worker. */
class WorkerDesk {
  /** @param {Worker} worker That has started. */
  constructor(worker) {
    this.worker = worker;
    this.last = 0;
    this.closed = false;
    /** @type {Map<number, {resolve: Function, reject: Function}>} */
    this.waiting = new Map();
    worker.onmessage = ({ data }) => this.#answered(data);
    worker.onerror = (event) => this.#fail(new Error(event.message || "the worker ended"));
  }

  /** @param {string} call @param {any} [given] @returns {Promise<import("./desk.js").Told>} */
  ask(call, given) {
    const id = ++this.last;
    return new Promise((resolve, reject) => {
      if (this.closed) throw ended();
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, call, given });
    });
  }

  #answered({ id, moment, fault, meant }) {
    const { resolve, reject } = this.waiting.get(id);
    this.waiting.delete(id);
    if (moment) resolve(moment);
    else reject(meant ? new TrainingError(fault) : new Error(fault));
  }

  #fail(error) {
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }

  close() {
    this.closed = true;
    this.worker.terminate();
    this.#fail(ended());
  }
}

function ended() {
  return new TrainingError(worded("The training was closed."));
}

/** Open a desk: in a worker, where one starts. @param {boolean} [inWorker] @returns {Promise<OwnDesk|WorkerDesk>} */
export async function openDesk(inWorker = true) {
  const worker = inWorker && SCRIPT && typeof Worker === "function" ? await started() : null;
  worker?.postMessage({ texts: spoken() });
  return worker ? new WorkerDesk(worker) : new OwnDesk();
}

/** A worker that runs, or null: frames and policies of other pages may forbid it, at once or later on. @returns {Promise<Worker|null>} */
function started() {
  const url = URL.createObjectURL(new Blob([SCRIPT], { type: "text/javascript" }));
  return new Promise((resolve) => {
    /** @type {Worker} */
    let worker;
    try {
      worker = new Worker(url);
    } catch {
      resolve(null);
      return;
    }
    const late = setTimeout(() => give(null), LONGEST);
    const give = (found) => {
      clearTimeout(late);
      if (!found) worker.terminate();
      resolve(found);
    };
    worker.onmessage = () => give(worker);
    worker.onerror = (event) => {
      event.preventDefault();
      give(null);
    };
  }).finally(() => URL.revokeObjectURL(url));
}
