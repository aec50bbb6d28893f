/** What a selected node or connection is and calculates: its formulas with symbols, numbers and value. */

import { h } from "./dom.js";
import { formula, name as letter } from "./formula.js";
import { calculates } from "./network.js";
import { shown } from "./names.js";
import { number } from "./numbers.js";
import { stepFormula } from "./step_formula.js";

const MOST_FED = 6;
const LONG = 40;

/** @param {import("./app.js").App} app */
export function quantities(app) {
  const { network, run, state, steps } = app;
  const { kind, index } = state.values.selected;
  if (!run) return null;
  if (kind === "connection") return carried(app, index);
  const node = network.nodes[index];
  if (!calculates(node)) return h("section.quantities", { "aria-label": "What it is" }, given(node, run.activated[index]), feeds(network, index));
  return h("section.quantities", { "aria-label": "What it calculates" },
    steps.of(index).map((step) => h("div", { class: (step.numbers ?? "").length > LONG ? "step long" : "step", tabindex: 0, role: "group", "aria-label": shown(step.quantity.bottom === null ? step.quantity.top : `∂${step.quantity.top}/∂${step.quantity.bottom}`) }, stepFormula(step))),
    node.kind === "output" && run.targets ? desired(network, run, index) : feeds(network, index),
  );
}

function given({ kind, quantity }, value) {
  const what = kind === "bias" ? "a constant, the same for every sample" : "an input of this sample";
  return h("p", null, formula(letter(quantity)), ` = ${number(value)}: ${what}.`);
}

/** Where a node goes on to. */
function feeds({ nodes, connections, outgoing }, node) {
  const fed = outgoing[node].map((c) => [shown(nodes[connections[c].target].name), shown(connections[c].name)]);
  if (!fed.length) return h("p.hint", null, "It feeds nothing.");
  const words = fed.slice(0, MOST_FED).map(([target, by]) => `${target} by ${by}`);
  return h("p.hint", null, `${shown(nodes[node].activated)} feeds ${words.join(", ")}${fed.length > MOST_FED ? ` and ${fed.length - MOST_FED} more` : ""}.`);
}

function desired({ nodes, place }, run, node) {
  const { activated, target } = nodes[node];
  const y = run.targets[place[node]];
  return h("p.hint", null, `${shown(target)} = ${number(y)} is what ${shown(activated)} should be, the desired output; it is ${number(Math.abs(run.activated[node] - y))} away from it.`);
}

/** What comes over a connection. */
function carried({ network, run }, c) {
  const { quantity, source, target } = network.connections[c];
  const { activated } = network.nodes[source];
  const [weight, sent] = [run.weights[c], run.activated[source]];
  return h("p.hint.quantities", null, `${shown(quantity)} = ${number(weight)} carries ${shown(activated)}·${shown(quantity)} = ${number(sent, 4)}·${number(weight, 4)} = ${number(sent * weight, 4)} to ${shown(network.nodes[target].name)}.`);
}
