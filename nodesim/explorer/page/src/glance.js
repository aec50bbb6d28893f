/** What is selected in one line under the drawing: for narrow screens, where the explanation is far below. */

import { h } from "./dom.js";
import { nameOf, quantityOf } from "./network.js";
import { partial, shown } from "./names.js";
import { number, plural } from "./numbers.js";
import { worded } from "./words.js";

/** @param {import("./app.js").App} app */
export function glance(app) {
  const element = h("p.glance", { "aria-hidden": "true" });
  const show = () => {
    const words = written(app);
    element.hidden = !words;
    element.textContent = words;
  };
  app.state.on(["selected", "to", "sample", "epoch", "edits"], show);
  show();
  return element;
}

function written({ state, network, trace, run, weights }) {
  const { selected } = state.values;
  if (!selected) return "";
  const name = shown(nameOf(network, selected));
  const parts = [];
  if (selected.kind === "connection") parts.push(`${name} = ${number(weights[selected.index], 4)}`);
  else if (run) parts.push(`${name} = ${number(run.value[selected.index], 4)}`);
  if (trace.known) parts.push(`${partial(trace.start.name, quantityOf(network, selected))} = ${number(trace.gradient, 4)}`);
  parts.push(worded("{paths} to {start}", { paths: plural(trace.count, "path"), start: shown(trace.start.name) }));
  if (run?.error != null) parts.push(`e = ${number(run.error, 4)}`);
  return parts.join(" · ");
}
