/** The training: the error over the epochs, and the selected weight over those whose weights are known. */

import { fill, h } from "./dom.js";
import { nameOf } from "./network.js";
import { shown } from "./names.js";
import { plain } from "./numbers.js";
import { Plot } from "./plot.js";
import { worded } from "./words.js";

/** The charts under the explanation. */
export class Charts {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.element = h("section.charts", { "aria-label": worded("Training") });
    this.title = h("h3", null, worded("Training"));
    const go = (epoch) => this.#go(epoch);
    const given = { root: app.root, ended: app.ended.signal, go, now: () => app.runs.moments.at(app.state.values.epoch).epoch };
    this.error = new Plot(worded("Error"), given);
    this.weight = new Plot("", given);
    fill(this.element, this.title, this.error.element, this.weight.element);
  }

  /** Whether there is anything to show. */
  get empty() {
    return !this.app.document.history && this.app.runs.moments.length < 2;
  }

  /** Show what is known now. */
  show() {
    this.element.hidden = this.empty;
    if (this.empty) return;
    this.#error();
    this.#weight();
  }

  /** Draw with other colours. */
  again() {
    this.error.forget();
    this.weight.forget();
    this.show();
  }

  /** What the document tells of every epoch, and what the page has learned since. */
  #error() {
    const rows = errorsOf(this.app);
    const tested = rows.some(({ test }) => typeof test === "number");
    const lines = [[tested ? worded("training") : worded("error"), rows.map(({ error }) => error)]];
    if (tested) lines.push([worded("test"), rows.map(({ test }) => test ?? null)]);
    this.error.show(rows.map(({ epoch }) => epoch), rows.length > 1 || !this.app.runs.moments.learned ? lines : []);
  }

  #weight() {
    const { moments } = this.app.runs;
    const { selected } = this.app.state.values;
    if (selected?.kind !== "connection" || moments.length < 2) return this.weight.show([], []);
    const name = shown(nameOf(this.app.network, selected));
    const values = moments.list.map((_, place) => moments.of(place)[selected.index]);
    return this.weight.show(moments.list.map(({ epoch }) => epoch), [[name, values]], worded("Weight {name}", { name }));
  }

  /** Go to the known epoch that is nearest. */
  #go(epoch) {
    const { list } = this.app.runs.moments;
    const far = list.map((moment) => Math.abs(moment.epoch - epoch));
    this.app.session.leave(far.indexOf(Math.min(...far)));
  }
}

/** The error of each epoch, and of the test samples: as the document has it, and then as the page has learned. @param {import("./app.js").App} app @returns {{epoch: number, error: number, test?: number|null}[]} */
function errorsOf({ document: { history }, runs: { moments } }) {
  const learned = moments.errors.items.filter(({ error }) => error !== null);
  const until = learned[0]?.epoch ?? Infinity;
  const known = history?.errors.length ? recorded(history) : moments.list.filter((moment) => !moment.learned && moment.error !== null);
  return [...known.filter(({ epoch }) => epoch < until), ...learned];
}

/** The history with what the page has learned, as a document has it. @param {import("./app.js").App} app */
export function historyOf(app) {
  if (!app.runs.moments.learned) return app.document.history;
  const known = errorsOf(app).filter(({ epoch }) => epoch > 0);
  const tested = known.some(({ test }) => typeof test === "number");
  // Where a training begins the error of its samples alone is known.
  const rows = known.filter(({ test }) => !tested || typeof test === "number");
  return { epochs: rows.map(({ epoch }) => epoch), errors: rows.map(({ error }) => plain(error)), validation: tested ? rows.map(({ test }) => plain(test)) : [] };
}

/** Of the history of a document its epochs, one by one. */
function recorded({ epochs, errors, validation }) {
  return errors.map((error, place) => ({
    epoch: epochs?.[place] ?? place + 1, error: Number(error), test: place < validation.length ? Number(validation[place]) : null,
  }));
}
