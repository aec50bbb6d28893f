/**
 * The explorer in a notebook, as an anywidget. What travels:
 * `document`: the document; a new one replaces the explorer's.
 * `selection`: the name of what is selected, "" for nothing; both ways.
 * `edits`: what the reader has changed, {} for nothing: epoch and sample by place, weights, inputs, targets by name; and
 *   `learned`, the weights that they change, where a training in the page has made those.
 * `recalculated`: the run that Python calculates of the edits: {edits, run} or {edits, error}.
 * `weights`: those that a training in the page came to, in connection order, [] before it; both ways.
 * `training`: where that training is: {epoch, error, test, playing}, {} before it.
 */

import { App } from "./app.js";
import { h } from "./dom.js";
import { followTheme, keepKeys } from "./host.js";
import { nameOf } from "./network.js";
import { isEdited } from "./runs.js";
import { speak } from "./words.js";

/** While it plays Python is told so often, in milliseconds. */
const OFTEN = 250;

/** Show the explorer of a model in an element; returns what ends it. */
export function render({ model, el }) {
  const cell = h("div.nodesim-cell", { "data-lm-suppress-shortcuts": "true" });
  keepKeys(cell);
  el.append(cell);
  const shown = new Shown(model, cell);
  const unfollow = followTheme(el, (theme) => shown.paint(theme));
  const listeners = {
    "change:document": () => shown.start(),
    "change:selection": () => shown.select(),
    "change:recalculated": () => shown.calculated(),
    "change:weights": () => shown.take(),
  };
  for (const [event, listener] of Object.entries(listeners)) model.on(event, listener);
  return () => {
    unfollow();
    shown.end();
    Object.entries(listeners).forEach(([event, listener]) => model.off(event, listener));
  };
}

/** What one cell shows of a model, and what it tells it. */
class Shown {
  constructor(model, cell) {
    this.model = model;
    this.root = h("div");
    cell.append(this.root);
    this.start();
  }

  /** Show what Python has sent. */
  start() {
    this.app?.close();
    this.brought = this.model.get("document");
    speak(this.brought.texts);
    this.#show(this.brought, {});
    this.select();
    this.take();
  }

  end() {
    this.app.close();
    clearTimeout(this.timer);
  }

  /** @param {"light"|"dark"} theme */
  paint(theme) {
    this.theme = theme;
    this.app.state.set({ theme });
  }

  select() {
    const name = this.model.get("selection") ?? "";
    if (name !== this.#selection()) this.app.state.set({ selected: this.app.network.byName.get(name) ?? null });
  }

  calculated() {
    const { edits, run, error } = this.model.get("recalculated") ?? {};
    if (edits) this.app.answer(edits, run ?? null, error ?? "");
  }

  /** Take the weights that Python has set. */
  take() {
    const given = this.model.get("weights") ?? [];
    // What was sent from here may come back when the training is further on.
    if (!this.#known() || same(given, this.sent ?? []) || same(given, this.#learned())) return;
    if (!given.length) this.app.session.reset();
    else if (given.length === this.app.network.connections.length) this.app.session.adopt(Float64Array.from(given));
  }

  /** The page itself shows other networks, too, of which Python knows nothing. */
  #show(document, kept) {
    const own = document === this.brought;
    this.app = new App(this.root, document, { ...kept, python: own, restart: (other, rest) => this.#show(other, rest) });
    const { state, session } = this.app;
    if (this.theme) state.set({ theme: this.theme });
    state.on(["selected"], () => this.#tell({ selection: this.#selection() }));
    state.on(["edits", "epoch", "sample"], () => this.#news());
    session.on(() => this.#news());
  }

  #news() {
    const { playing } = this.app.session;
    if (!playing) this.#tell({ edits: this.#edits(), ...this.#progress() });
    else this.timer ||= setTimeout(() => this.#tell(this.#progress()), OFTEN);
  }

  /** Whether the network that is shown is Python's. */
  #known() {
    return this.app.document.connections === this.brought.connections;
  }

  #selection() {
    const { selected } = this.app.state.values;
    return selected ? nameOf(this.app.network, selected) : "";
  }

  #edits() {
    const { edits, epoch, sample } = this.app.state.values;
    if (this.app.document !== this.brought || !isEdited(edits)) return {};
    const { moments } = this.app.runs;
    return { epoch, sample, ...edits, ...(moments.at(epoch).learned && { learned: Array.from(moments.of(epoch)) }) };
  }

  #learned() {
    const { moments } = this.app.runs;
    return moments.learned ? Array.from(moments.of(moments.last)) : [];
  }

  #progress() {
    this.timer = clearTimeout(this.timer);
    if (!this.#known()) return {};
    const { session, runs } = this.app;
    this.sent = this.#learned();
    if (!runs.moments.learned) return { weights: this.sent, training: {} };
    const { epoch, error, test } = runs.moments.at(runs.moments.last);
    return { weights: this.sent, training: { epoch, error, test: test ?? null, playing: session.playing } };
  }

  /** Tell Python what is new. @param {Record<string, any>} news */
  #tell(news) {
    const changed = Object.entries(news).filter(([name, value]) => !same(this.model.get(name), value));
    for (const [name, value] of changed) this.model.set(name, value);
    if (changed.length) this.model.save_changes();
  }
}

function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}
