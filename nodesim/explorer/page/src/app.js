/** One explorer: the document, the state, and the views that show them. */

import { derivatives } from "./backward.js";
import { Builder } from "./building/tools.js";
import { Charts } from "./charts.js";
import { controls } from "./controls.js";
import { dataPicker } from "./data/picker.js";
import { Drawing } from "./drawing.js";
import { h } from "./dom.js";
import { glance } from "./glance.js";
import { guide } from "./guide.js";
import { describedError } from "./errornode.js";
import { header } from "./header.js";
import { makeLook } from "./look.js";
import { packed } from "./moments.js";
import { nameOf, readNetwork } from "./network.js";
import { partial, shown } from "./names.js";
import { isAtMost, number, plural } from "./numbers.js";
import { trainingBar } from "./learning/bar.js";
import { choose } from "./learning/choosing.js";
import { Session, usualOptions } from "./learning/session.js";
import { atMost } from "./often.js";
import { Panel } from "./panel.js";
import { Trace } from "./paths.js";
import { Plane } from "./plane/plane.js";
import { Runs } from "./runs.js";
import { Scene } from "./scene.js";
import { Start } from "./starts.js";
import { State } from "./state.js";
import { StepBar } from "./stepbar.js";
import { Steps } from "./steps.js";
import { marked, worded } from "./words.js";

const MOST_OPEN = 30000;
const SMALL_LAYER = 20;
/** How often the explanation is written anew while a training plays. */
const PER_SECOND = 5;

/**
 * Some of the paths, in an order.
 * @typedef {object} Listing
 * @property {Trace} trace
 * @property {"article"|"strongest"} order
 * @property {number} most
 * @property {import("./paths.js").Path[]} paths
 * @property {number} sum Of their products.
 * @property {boolean} whole Whether these are all paths.
 */

/**
 * What stays when another network is shown.
 * @typedef {object} Bench
 * @property {import("./learning/session.js").Options} options
 * @property {any} data The data set that was chosen; null for the samples that the page came with.
 * @property {any} document The document that the page came with.
 * @property {number|null} pace How many epochs a second there may be while a training plays: at first one for each picture of most screens, so that all are seen.
 */

/** An explorer in an element of a page. */
export class App {
  /**
   * @param {HTMLElement} root
   * @param {any} document
   * @param {object} [with_]
   * @param {boolean} [with_.python] Whether Python stands behind the page and calculates what is changed.
   * @param {Bench} [with_.bench] What stays when another network is shown.
   * @param {(document: any, kept: {bench: Bench, values: Partial<import("./state.js").Values>, select: string|null}) => void} [with_.restart] Shows another document instead of this one.
   * @param {Partial<import("./state.js").Values>} [with_.values] Of the state, to begin with.
   * @param {string|null} [with_.select] The name of what is selected to begin with, if there is such an element.
   */
  constructor(root, document, { python = false, bench, restart, values = {}, select = null } = {}) {
    this.root = root;
    this.ended = new AbortController();
    this.document = document;
    this.network = readNetwork(document);
    this.runs = new Runs(this.network, python);
    /** @type {Bench} */
    this.bench = bench ?? { options: usualOptions(document), data: null, document, pace: 60 };
    this.restart = restart;
    /** @type {Map<number|null, Start>} */
    this.starts = new Map();
    this.state = new State({ epoch: this.runs.moments.last, collapsed: tooLarge(this.network), learningRate: this.bench.options.learningRate, selected: this.network.byName.get(select ?? (bench ? null : document.selected)) ?? null, ...values });
    this.session = new Session(this);
    this.#build(python);
    this.#listen();
    this.refresh();
  }

  /** The run that is shown. */
  get run() {
    const { epoch, sample, edits } = this.state.values;
    return this.runs.get(epoch, sample, edits);
  }

  /** The weights that are shown. */
  get weights() {
    return this.run?.weights ?? this.runs.weights(this.state.values.epoch, this.state.values.edits);
  }

  /** What is derived. @returns {Start} */
  get start() {
    const { to } = this.state.values;
    if (!this.starts.has(to)) this.starts.set(to, new Start(this.network, to));
    return this.starts.get(to);
  }

  /** The paths of what is selected. @returns {Trace|null} */
  get trace() {
    const { selected } = this.state.values;
    if (!selected) return null;
    const { run, start } = this;
    const { traced } = this;
    if (traced?.element !== selected || traced.run !== run || traced.start !== start) this.traced = new Trace(this.network, run, selected, start);
    return this.traced;
  }

  /** The steps of the run. */
  get steps() {
    const { run } = this;
    const { sample, edits, learningRate } = this.state.values;
    if (run && (this.stepped?.run !== run || this.stepped.rate !== learningRate)) {
      this.stepped = new Steps(this.network, run, this.runs.sample(sample, edits).y, learningRate);
    }
    return run ? this.stepped : null;
  }

  /** The paths that are listed: unless the reader says otherwise in the article's order, if these are all. */
  get listing() {
    const { sort, shown: most } = this.state.values;
    return this.#listed(sort ?? (isAtMost(this.trace.count, most) ? "article" : "strongest"));
  }

  /** The strongest paths. */
  get ranked() {
    return this.#listed("strongest");
  }

  /** @param {"article"|"strongest"} wanted @returns {Listing} */
  #listed(wanted) {
    const { trace } = this;
    const { shown: most } = this.state.values;
    const order = trace.known ? wanted : "article";
    const known = this.lists?.get(order);
    if (known?.trace === trace && known.most === most) return known;
    const paths = order === "article" ? trace.listed(most) : trace.strongest(most);
    const sum = paths.reduce((total, { product }) => total + product, 0);
    this.lists ??= new Map();
    this.lists.set(order, { trace, order, most, paths, sum, whole: isAtMost(trace.count, paths.length) });
    return this.lists.get(order);
  }

  /** Select a node or a connection, or nothing. @param {{kind: "node"|"connection", index: number}|null} element */
  select(element) {
    this.state.set({ selected: element, only: null, pointed: null, shown: 10 });
    // What is said of it stands at the top.
    this.panel.element.closest(".panel").scrollTop = 0;
  }

  /** Derive what an output sends, or e again. @param {number|null} output */
  derive(output) {
    this.state.set({ to: output, only: null, pointed: null });
  }

  /** Show another network, or other samples. @param {{document: any, weights: Float64Array}} changed */
  rebuild({ document, weights }) {
    if (this.ended.signal.aborted) return;
    const { theme, labels, selected } = this.state.values;
    const name = selected && nameOf(this.network, selected);
    this.close();
    this.restart(this.#begun(document, weights), { bench: this.bench, values: { theme, labels }, select: name });
  }

  /** Show what the page came with. */
  back() {
    if (this.ended.signal.aborted) return;
    const { theme, labels } = this.state.values;
    this.close();
    this.restart(this.bench.document, { bench: this.bench, values: { theme, labels }, select: null });
  }

  /** End it: another explorer takes its place. */
  close() {
    this.session.close();
    this.ended.abort();
  }

  /** A document of a network that has learned nothing. */
  #begun(document, weights) {
    return { ...document, epochs: [{ epoch: 0, error: null, weights: packed(Float64Array.from(weights)) }], history: null, runs: [] };
  }

  /** Show what was left out while a training played. */
  settle() {
    this.panel.show();
    this.charts.show();
    this.plane.show();
    this.#announce();
  }

  /** Take a run that Python has calculated. @param {any} edits @param {any} run @param {string} error */
  answer(edits, run, error) {
    this.runs.answer(edits, run, error);
    this.refresh();
  }

  /** Say something to those who listen to the page instead of looking at it. @param {string} words */
  say(words) {
    this.live.textContent = words;
  }

  /** Show everything anew. */
  refresh() {
    this.#arrange();
    this.#paint();
    this.panel.show();
    this.stepbar.show();
    this.charts.show();
    this.builder.show();
  }

  #build(python) {
    this.live = h("div.live", { role: "status", "aria-live": "polite" });
    this.drawing = new Drawing(this.network, {
      select: (element) => this.select(element),
      toggle: (layer) => this.toggleLayer(layer),
      derive: (output) => this.derive(this.state.values.to === output ? null : output),
      describe: (element) => this.describe(element),
    }, !python);
    this.stepbar = new StepBar(this);
    this.charts = new Charts(this);
    this.panel = new Panel(this);
    this.plane = new Plane(this);
    this.builder = new Builder(this);
    const left = h("section.left", { "aria-label": worded("Network") }, controls(this), this.drawing.element, glance(this), this.stepbar.element, trainingBar(this, this.session, dataPicker(this, { chosen: this.bench.data, choose: (dataSet) => choose(this, dataSet) })));
    const right = h("aside.panel", { "aria-label": worded("Explanation"), tabindex: 0 }, guide(this), this.panel.element, this.charts.element, this.plane.element, this.builder.element);
    this.root.classList.add("nodesim");
    this.root.lang = this.document.language ?? "en";
    this.root.replaceChildren(header(this), h("div.body", null, left, right), this.live);
    // Menus and lists that Escape closes keep it to themselves.
    this.root.addEventListener("keydown", ({ key }) => key === "Escape" && this.select(null), { signal: this.ended.signal });
    this.drawing.follow();
  }

  #listen() {
    this.state.on(["theme"], () => this.#theme());
    // Without a theme of its own the page has the system's, which may change.
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.state.set({}, ["theme"]), { signal: this.ended.signal });
    this.#theme();
    this.state.on(["collapsed"], () => this.#arrange());
    const looks = ["selected", "to", "only", "pointed", "sample", "epoch", "step", "labels", "threshold", "onlySelected", "collapsed", "edits", "theme"];
    this.state.on(looks, () => this.#paint());
    const calmly = atMost(PER_SECOND, () => this.session.playing, () => this.panel.show());
    this.state.on(["selected", "to", "sample", "epoch", "sort", "shown", "edits", "learningRate"], (values, changed) => (changed.has("epoch") ? calmly() : this.panel.show()));
    this.state.on(["selected"], () => this.builder.show());
    this.state.on(["view"], () => this.panel.turn());
    this.state.on(["step", "sample", "epoch", "edits"], () => this.stepbar.show());
    const charts = atMost(PER_SECOND, () => this.session.playing, () => this.charts.show());
    this.state.on(["selected", "epoch"], charts);
    this.state.on(["theme"], () => this.charts.again());
    this.state.on(["only", "pointed"], () => this.panel.mark());
    this.state.on(["selected", "to", "sample", "epoch", "edits"], () => this.session.playing || this.#announce());
  }

  /** Collapse a layer, or open it. @param {number} layer */
  toggleLayer(layer) {
    const { collapsed } = this.state.values;
    const rest = collapsed.filter((other) => other !== layer);
    this.state.set({ collapsed: rest.length < collapsed.length ? rest : [...collapsed, layer].sort((a, b) => a - b) });
  }

  /** Describe something of the drawing in one line. @param {{kind: string, index: number}} element */
  describe({ kind, index }) {
    const { nodes, connections, columns, document } = this.network;
    if (kind === "layer") return worded(this.state.values.collapsed.includes(index) ? marked("{layer}: {nodes}. Click to open.") : marked("{layer}: {nodes}. Click to collapse."), { layer: shown(document.layers[index].name), nodes: plural(String(columns[index].length), "node") });
    if (kind === "error" || kind === "desired") return describedError(this, kind, index);
    if (kind === "target") return this.start.output === index ? worded("Derive e again.") : worded("Derive {output} instead of {start}.", { output: shown(nodes[index].activated), start: shown(this.start.name) });
    const { run, start } = this;
    const { delta, gradient: gradients } = derivatives(start, run);
    if (kind === "connection") {
      const { name, source, target } = connections[index];
      const gradient = gradients ? `, ${partial(start.name, name)} ${number(gradients[index], 4)}` : "";
      return worded("{name}: {source} → {target}, weight {weight}", { name: shown(name), source: shown(nodes[source].activated), target: shown(nodes[target].name), weight: number(this.weights[index], 4) }) + gradient;
    }
    const { name, activated } = nodes[index];
    if (!run) return shown(name);
    const own = `${shown(name)} = ${number(run.value[index], 4)}`;
    const both = name === activated ? own : `${own}, ${shown(activated)} = ${number(run.activated[index], 4)}`;
    return delta ? `${both}, ${partial(start.name, name)} ${number(delta[index], 4)}` : both;
  }

  #arrange() {
    this.scene = new Scene(this.network, this.state.values.collapsed);
    this.drawing.arrange(this.scene);
  }

  #paint() {
    const { values } = this.state;
    const steps = values.step >= 0 ? this.steps : null;
    this.look = makeLook({ values, weights: this.weights, trace: this.trace, run: this.run, steps });
    this.drawing.paint(this.look, values.selected);
  }

  #theme() {
    const { theme } = this.state.values;
    if (theme) this.root.dataset.theme = theme;
    else delete this.root.dataset.theme;
  }

  #announce() {
    const { selected } = this.state.values;
    if (!selected) return this.say(worded("Nothing is selected."));
    const { trace } = this;
    const { name, ofError } = trace.start;
    const told = { name: shown(nameOf(this.network, selected)), paths: plural(trace.count, "path"), start: shown(name), number: trace.known && number(trace.gradient) };
    if (!trace.known) return this.say(worded("{name} selected: {paths} to {start}.", told));
    return this.say(worded(ofError ? marked("{name} selected: {paths} to {start}, gradient {number}.") : marked("{name} selected: {paths} to {start}, derivative {number}."), told));
  }
}

/** The layers that are collapsed when a large network is opened. */
function tooLarge({ connections, columns }) {
  if (connections.length <= MOST_OPEN) return [];
  return columns.map((column, layer) => (column.length > SMALL_LAYER ? layer : -1)).filter((layer) => layer >= 0);
}
