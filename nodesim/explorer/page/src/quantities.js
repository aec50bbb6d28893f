/** What a selected node or connection is and calculates: its formulas with symbols, numbers and value. */

import { h } from "./dom.js";
import { formula, name as letter } from "./formula.js";
import { calculates } from "./network.js";
import { partial, shown } from "./names.js";
import { factor, number } from "./numbers.js";
import { stepFormula } from "./step_formula.js";
import { marked, worded, woven } from "./words.js";

const MOST_FED = 6;
const LONG = 40;
/** What the slope is asked for: how much e moves when something grows by so much. */
const STEP = 0.1;

/** @param {import("./app.js").App} app */
export function quantities(app) {
  const { network, run, state, steps } = app;
  const { kind, index } = state.values.selected;
  if (!run) return null;
  if (kind === "connection") return carried(app, index);
  const node = network.nodes[index];
  if (!calculates(node)) return h("section.quantities", { "aria-label": worded("What it is") }, given(node, run.activated[index]), feeds(network, index), node.kind === "input" && grown(app.trace, node.quantity));
  return h("section.quantities", { "aria-label": worded("What it calculates") },
    steps.of(index).map((step) => h("div", { class: (step.numbers ?? "").length > LONG ? "worked long" : "worked", tabindex: 0, role: "group", "aria-label": shown(step.quantity.bottom === null ? step.quantity.top : `∂${step.quantity.top}/∂${step.quantity.bottom}`) }, stepFormula(step))),
    node.kind === "output" && run.targets ? desired(network, run, index) : feeds(network, index),
  );
}

function given({ kind, quantity }, value) {
  const what = kind === "bias" ? marked("{name} = {number}: a constant, the same for every sample.") : marked("{name} = {number}: an input of this sample.");
  return h("p", null, woven(worded(what), { name: formula(letter(quantity)), number: number(value) }));
}

/** Where a node goes on to. */
function feeds({ nodes, connections, outgoing }, node) {
  const fed = outgoing[node].map((c) => [shown(nodes[connections[c].target].name), shown(connections[c].name)]);
  if (!fed.length) return h("p.hint", null, worded("It feeds nothing."));
  const words = fed.slice(0, MOST_FED).map(([target, by]) => worded("{node} by {connection}", { node: target, connection: by }));
  return h("p.hint", null, worded(fed.length > MOST_FED ? marked("{name} feeds {nodes} and {count} more.") : marked("{name} feeds {nodes}."), { name: shown(nodes[node].activated), nodes: words.join(", "), count: fed.length - MOST_FED }));
}

function desired({ nodes, place }, run, node) {
  const { activated, target } = nodes[node];
  const y = run.targets[place[node]];
  return h("p.hint", null, worded("{target} = {number} is what {output} should be; it is {apart} away from it.", { target: shown(target), number: number(y), output: shown(activated), apart: number(Math.abs(run.activated[node] - y)) }));
}

/** What comes over a connection, and what the gradient says of it. */
function carried({ network, run, trace }, c) {
  const { quantity, source, target } = network.connections[c];
  const { activated } = network.nodes[source];
  const [weight, sent] = [run.weights[c], run.activated[source]];
  return h("section.quantities", { "aria-label": worded("What it carries") },
    h("p.hint", null, worded("{name} = {weight} carries {product} to {node}.", { name: shown(quantity), weight: number(weight), product: `${shown(activated)}·${shown(quantity)} = ${factor(sent)}·${factor(weight)} = ${number(sent * weight, 4)}`, node: shown(network.nodes[target].name) })),
    grown(trace, quantity, network.connections[c].tie === null),
  );
}

/** The gradient in plain words: of what can be changed. */
function grown(trace, quantity, alone = true) {
  if (!trace.known || !alone || trace.count === "0") return null;
  const { name } = trace.start;
  const change = trace.gradient * STEP;
  const fallsOrGrows = change < 0 ? marked("If {name} grew by {step}, {start} would fall by about {change}: {product}.") : marked("If {name} grew by {step}, {start} would grow by about {change}: {product}.");
  const words = change === 0 ? marked("If {name} grew by {step}, {start} would not move, as far as the slope says: {product}.") : fallsOrGrows;
  const product = `${partial(name, quantity)}·${STEP} = ${number(change, 3)}`;
  return h("p", { "data-grown": String(change) }, worded(words, { name: shown(quantity), step: STEP, start: shown(name), change: number(Math.abs(change), 3), product }));
}
