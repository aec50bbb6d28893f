/** The explorer as a page of its own: reads the document that the page holds, keeps the state in the address. */

import { App } from "./app.js";
import { h } from "./dom.js";
import { svgText } from "./export.js";
import { DocumentError, nameOf } from "./network.js";
import { State } from "./state.js";
import { Course } from "./training/course.js";
import { read, written } from "./url.js";

/**
 * Start the page.
 * @param {HTMLElement} root
 * @param {string} text The document.
 */
export function startPage(root, text) {
  try {
    const app = new App(root, JSON.parse(text));
    const usual = { ...app.state.values };
    app.state.set(read(location.hash, app.network));
    app.state.on(Object.keys(new State({}).values), (values, changed) => {
      if (changed.size === 1 && (changed.has("only") || changed.has("pointed"))) return;
      remember(written(values, app.network, usual));
    });
    addEventListener("hashchange", () => app.state.set({ ...usual, theme: app.state.values.theme, ...read(location.hash, app.network) }));
    expose(app);
    root.dataset.ready = "true";
  } catch (error) {
    fail(root, error);
  }
}

/** In a frame without an origin the address cannot be changed: then it stays. */
function remember(hash) {
  try {
    history.replaceState(null, "", `#${hash}`);
  } catch {
    return;
  }
}

function fail(root, error) {
  const words = error instanceof DocumentError ? error.message : `This page could not be shown: ${error.message}`;
  root.classList.add("nodesim");
  root.replaceChildren(h("div.failed", { role: "alert" }, h("h1", null, "nodesim explorer"), h("p", null, words)));
  root.dataset.ready = "failed";
  if (!(error instanceof DocumentError)) console.error(error);
}

/** What scripts, and tests, can do with a page: `window.nodesim`. */
function expose(app) {
  window.nodesim = {
    document: app.document,
    /** A training by itself; see training/course.js. */
    Course,
    /** The explorer itself. */
    app,
    /** The state as it is now. */
    get state() {
      return app.state.values;
    },
    /** Change the state; see state.js for what there is. */
    setState: (changes) => app.state.set(changes),
    /** Select a node or a connection by its index, or nothing: select(null). */
    select: (kind, index) => app.select(kind ? { kind, index } : null),
    /** Select by name; returns whether there is such an element. */
    find: (name) => {
      const element = app.network.byName.get(name);
      if (element) app.select(element);
      return Boolean(element);
    },
    /** What is selected: what is derived by it, highlighted indices, path count, gradient, the engine's, how many paths are listed, their sum. */
    selection: () => selection(app),
    /** How many steps there are. */
    get steps() {
      return app.steps?.length ?? 0;
    },
    /** Go to a step and return it: phase, quantity, value; -1 ends stepping. */
    step: (step) => {
      app.stepbar.go(step);
      return app.state.values.step < 0 ? null : app.steps.at(app.state.values.step);
    },
    /** The run that is shown. */
    get run() {
      return app.run;
    },
    /** The drawing as the text of an SVG document. */
    svg: () => svgText(app),
  };
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
