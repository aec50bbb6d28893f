/** What scripts, tests, and pages that embed this one can do with it: `window.nodesim`. */

import { whyNotDesired } from "./desired.js";
import { svgText } from "./export.js";
import { nameOf, whyPython } from "./network.js";
import { withEdit } from "./runs.js";
import { Course } from "./training/course.js";
import { marked, worded } from "./words.js";

/**
 * @param {{app: import("./app.js").App}} page
 */
export function offer(page) {
  const set = (changes) => page.app.state.set(changes);
  return {
    /** The document that is shown. */
    get document() {
      return page.app.document;
    },
    /** A training by itself; see training/course.js. */
    Course,
    /** The explorer itself. */
    get app() {
      return page.app;
    },
    /** The state as it is now. */
    get state() {
      return page.app.state.values;
    },
    /** Change the state; see state.js for what there is. */
    setState: set,
    /** The weights that are shown, in connection order. */
    get weights() {
      return Array.from(page.app.weights);
    },
    /** e of the sample that is shown; null without a desired output. */
    get error() {
      return page.app.run?.error ?? null;
    },
    /** What the outputs send for the sample that is shown. */
    get outputs() {
      const { run, network } = page.app;
      return run && network.outputs.map((node) => run.activated[node]);
    },
    /** Select by name, or by "node" or "connection" and its index, or nothing: select(null). Returns whether there is such an element. */
    select: (name, index) => select(page.app, name, index),
    /** The same by name alone. */
    find: (name) => select(page.app, name),
    /** Give a weight, an input or a desired output (y1, or the name of its output) another number. */
    set: (name, number) => change(page.app, name, number),
    /** Train: {epochs, learningRate, batch (a number of samples, or "all"), optimizer, l2, shuffle}; returns epoch, error and test error that it came to. */
    train: async (asked) => {
      const { weights, ...moment } = await page.app.session.train(asked);
      return moment;
    },
    /** Back to where the page's training, or changing, began. */
    reset: () => page.app.session.reset(),
    /** What is selected: what is derived by it, highlighted indices, path count, gradient, the engine's, how many paths are listed, their sum. */
    selection: () => selection(page.app),
    /** How many steps there are. */
    get steps() {
      return page.app.steps?.length ?? 0;
    },
    /** Go to a step and return it: phase, quantity, value; -1 ends stepping. */
    step: (step) => {
      const { app } = page;
      app.stepbar.go(step);
      return app.state.values.step < 0 ? null : app.steps.at(app.state.values.step);
    },
    /** The run that is shown. */
    get run() {
      return page.app.run;
    },
    /** The drawing as the text of an SVG document. */
    svg: () => svgText(page.app),
  };
}

function select(app, name, index) {
  const { byName, nodes, connections } = app.network;
  const list = name === "node" ? nodes : name === "connection" ? connections : [];
  const known = index === undefined ? byName.get(name) : Number.isInteger(index) && index in list && { kind: name, index };
  const element = known || null;
  if (element || name === null) app.select(element);
  return Boolean(element);
}

/** @param {import("./app.js").App} app @param {string} name @param {number} number */
function change(app, name, number) {
  const { network, runs, state } = app;
  if (!runs.editable) throw new Error(worded("{name} cannot be changed here: {reason}.", { name: String(name), reason: whyPython(network.document) || worded("there is no sample; choose a data set, or pass X to explore") }));
  if (typeof number !== "number" || !Number.isFinite(number)) throw new Error(worded(typeof number === "string" ? marked("{name} must be a finite number; it was the text “{value}”.") : marked("{name} must be a finite number; it was {value}."), { name: String(name), value: String(number) }));
  const output = network.outputs.find((node) => network.nodes[node].target === name);
  const element = network.byName.get(name) ?? (output === undefined ? null : { kind: "node", index: output });
  const part = element && partOf(network, element);
  if (!part) throw new Error(worded("There is no weight, input or desired output named {name}. Names are those in the drawing, as W1, I1 and y1.", { name: String(name) }));
  const trouble = part === "targets" && whyNotDesired(network.document, number);
  if (trouble) throw new Error(trouble);
  state.set({ edits: withEdit(network, state.values.edits, part, nameOf(network, element), number) });
}

function partOf({ nodes }, { kind, index }) {
  return kind === "connection" ? "weights" : { input: "inputs", output: "targets" }[nodes[index].kind];
}

function selection(app) {
  const { trace, look } = app;
  if (!trace) return null;
  const { listing } = app;
  return {
    name: nameOf(app.network, app.state.values.selected),
    nodes: [...look.on.nodes].sort((a, b) => a - b),
    connections: [...look.on.connections].sort((a, b) => a - b),
    to: trace.start.name,
    count: trace.count,
    gradient: trace.gradient,
    engine: trace.engine,
    shown: listing.paths.length,
    sum: listing.sum,
    whole: listing.whole,
  };
}
