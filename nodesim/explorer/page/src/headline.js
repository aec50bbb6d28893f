/** What is selected, how many paths lead to it, and its gradient beside the engine's. */

import { deriving } from "./deriving.js";
import { button, h, m } from "./dom.js";
import { formula, fraction, name as letter, operator, value } from "./formula.js";
import { nameOf, quantityOf, usesOf } from "./network.js";
import { kindWords, partial, shown } from "./names.js";
import { count, equals, exact, number } from "./numbers.js";
import { directionOf } from "./updates.js";
import { marked, worded, woven } from "./words.js";

/** @param {import("./app.js").App} app */
export function headline(app) {
  const { trace, network, state } = app;
  const name = nameOf(network, state.values.selected);
  const right = trace.known && trace.count !== "0" ? [operator(equals(trace.gradient)), value(trace.gradient)] : trace.count === "0" ? [operator("="), value(0)] : [];
  return h("section.headline", { "aria-label": worded("Selected") },
    h("div.row", null,
      h("h2", null, h("bdi", null, shown(name)), h("small", null, ` ${description(app)}`)),
      button("×", () => app.select(null), { "aria-label": worded("Clear the selection"), class: "quiet" }),
    ),
    h("p.gradient", null, formula(m("mrow", fraction(trace.start.name, quantityOf(network, state.values.selected)), ...right))),
    h("p.hint", null, meaning(trace.start.name, quantityOf(network, state.values.selected))),
    deriving(app),
    shared(app),
    trace.count === "0" ? h("p.verdict", null, worded(trace.start.ofError ? marked("No path leads from {start} to {name}: the gradient is 0.") : marked("No path leads from {start} to {name}: the derivative is 0."), { start: shown(trace.start.name), name: shown(name) })) : counted(trace),
  );
}

/** Of a tied weight what updates use: the sum over all that share it. */
function shared({ network, state, trace, run }) {
  const { kind, index } = state.values.selected;
  if (kind !== "connection" || network.connections[index].tie === null || !trace.known || !trace.start.ofError || !run?.gradient) return null;
  const uses = usesOf(network, index);
  const sum = directionOf(network, run.gradient, index);
  return h("p.hint", null, worded("One weight of {count} connections, which change together: ∂e/∂{tie}, the sum over them, is {sum}.", { count: uses.length, tie: shown(network.connections[index].tie), sum: number(sum, 6) }));
}

function counted(trace) {
  const one = trace.count === "1";
  const many = h("b.count", { "data-count": trace.count, title: trace.count.length > 60 ? trace.count : null }, count(trace.count));
  const ofError = [marked("{count} path leads from the error {start} to it, {red}."), marked("{count} paths lead from the error {start} to it, {red}.")];
  const ofOutput = [marked("{count} path leads from {start} to it, {red}."), marked("{count} paths lead from {start} to it, {red}.")];
  const words = worded((trace.start.ofError ? ofError : ofOutput)[one ? 0 : 1]);
  return h("p.paths", null, woven(words, { count: many, start: formula(letter(trace.start.name)), red: h("span.red", null, worded("in red")) }));
}

/** What a derivative is, in one sentence. */
function meaning(name, quantity) {
  return worded("{derivative} says how fast {start} changes when {quantity} grows and all else stays.", { derivative: partial(name, quantity), start: shown(name), quantity: shown(quantity) });
}

/** The page's own sum beside the engine's number. @param {import("./paths.js").Trace} trace */
export function compared(trace) {
  if (!trace.known || trace.count === "0") return null;
  const [own, engine] = [trace.gradient, trace.engine];
  const apart = Math.abs(own - engine);
  const same = Object.is(own, engine) || apart <= 1e-12 * trace.scale;
  const who = trace.run.by === "engine" && trace.start.ofError ? worded("The engine’s backpropagation") : worded("Backpropagation in this page");
  return h("div.proof", null,
    h("dl.compared", null,
      h("div", null, h("dt", null, worded("Sum over the paths")), h("dd", { "data-value": "sum" }, exact(own))),
      h("div", null, h("dt", null, who), h("dd", { "data-value": "engine" }, exact(engine))),
    ),
    h("p", { class: same ? "verdict good" : "verdict warning" }, verdict(own, engine, apart, same)),
  );
}

function verdict(own, engine, apart, same) {
  if (Object.is(own, engine)) return Number.isFinite(own) ? worded("✓ The same number.") : worded("Not a finite number, in both.");
  if (same) return worded("✓ Equal; {apart} apart, which is rounding.", { apart: number(apart, 2) });
  return worded("⚠ They differ by {apart}.", { apart: number(apart, 3) });
}

function description({ network, state }) {
  const { kind, index } = state.values.selected;
  if (kind === "node") {
    const { kind: what, layer, activation, aggregation } = network.nodes[index];
    const where = shown(network.document.layers[layer].name);
    const made = activation && (aggregation === null ? shown(activation) : worded("{activation} of the {aggregation} of what comes in", { activation: shown(activation), aggregation: shown(aggregation.name) }));
    return [kindWords(what), where, ...(made ? [made] : [])].join(", ");
  }
  const { source, target, trainable, tie } = network.connections[index];
  const uses = usesOf(network, index).map((use) => network.connections[use].name);
  const tied = tie === null ? [] : [worded("tied: {names}", { names: [tie, ...uses].map(shown).join(" = ") })];
  return [`${shown(network.nodes[source].activated)} → ${shown(network.nodes[target].name)}`, ...(trainable ? [] : [worded("frozen")]), ...tied].join(", ");
}
