/** What is selected, how many paths lead to it, and its gradient beside the engine's. */

import { deriving } from "./deriving.js";
import { button, h, m } from "./dom.js";
import { formula, fraction, name as letter, operator, value } from "./formula.js";
import { nameOf, quantityOf, usesOf } from "./network.js";
import { partial, shown } from "./names.js";
import { count, equals, exact, number } from "./numbers.js";
import { directionOf } from "./updates.js";

/** @param {import("./app.js").App} app */
export function headline(app) {
  const { trace, network, state } = app;
  const name = nameOf(network, state.values.selected);
  const right = trace.known && trace.count !== "0" ? [operator(equals(trace.gradient)), value(trace.gradient)] : trace.count === "0" ? [operator("="), value(0)] : [];
  return h("section.headline", { "aria-label": "Selected" },
    h("div.row", null,
      h("h2", null, h("bdi", null, shown(name)), h("small", null, ` ${description(app)}`)),
      button("×", () => app.select(null), { "aria-label": "Clear the selection", class: "quiet" }),
    ),
    h("p.gradient", null, formula(m("mrow", fraction(trace.start.name, quantityOf(network, state.values.selected)), ...right))),
    h("p.hint", null, meaning(trace.start.name, quantityOf(network, state.values.selected))),
    deriving(app),
    shared(app),
    trace.count === "0" ? h("p.verdict", null, `No path leads from ${shown(trace.start.name)} to ${shown(name)}: the ${trace.start.noun} is 0.`) : counted(trace),
  );
}

/** Of a tied weight what updates use: the sum over all that share it. */
function shared({ network, state, trace, run }) {
  const { kind, index } = state.values.selected;
  if (kind !== "connection" || network.connections[index].tie === null || !trace.known || !trace.start.ofError || !run?.gradient) return null;
  const uses = usesOf(network, index);
  const sum = directionOf(network, run.gradient, index);
  return h("p.hint", null, `One weight of ${uses.length} connections, which change together: ∂e/∂${shown(network.connections[index].tie)}, the sum over them, is ${number(sum, 6)}.`);
}

function counted(trace) {
  const one = trace.count === "1";
  const many = h("b.count", { "data-count": trace.count, title: trace.count.length > 60 ? trace.count : null }, count(trace.count));
  const sentence = h("p.paths", null, many, one ? " path leads" : " paths lead", trace.start.ofError ? " from the error " : " from ", formula(letter(trace.start.name)), " to it, ", h("span.red", null, "in red"), ".");
  return sentence;
}

/** What a derivative is, in one sentence. */
function meaning(name, quantity) {
  return `${partial(name, quantity)} says how fast ${shown(name)} changes when ${shown(quantity)} grows and all else stays.`;
}

/** The page's own sum beside the engine's number. @param {import("./paths.js").Trace} trace */
export function compared(trace) {
  if (!trace.known || trace.count === "0") return null;
  const [own, engine] = [trace.gradient, trace.engine];
  const apart = Math.abs(own - engine);
  const same = Object.is(own, engine) || apart <= 1e-12 * trace.scale;
  const who = trace.run.by === "engine" && trace.start.ofError ? "The engine’s backpropagation" : "Backpropagation in this page";
  return h("div.proof", null,
    h("dl.compared", null,
      h("div", null, h("dt", null, "Sum over the paths"), h("dd", { "data-value": "sum" }, exact(own))),
      h("div", null, h("dt", null, who), h("dd", { "data-value": "engine" }, exact(engine))),
    ),
    h("p", { class: same ? "verdict good" : "verdict warning" }, verdict(own, engine, apart, same)),
  );
}

function verdict(own, engine, apart, same) {
  if (Object.is(own, engine)) return Number.isFinite(own) ? "✓ The same number." : "Not a finite number, in both.";
  if (same) return `✓ Equal; ${number(apart, 2)} apart, which is rounding.`;
  return `⚠ They differ by ${number(apart, 3)}.`;
}

function description({ network, state }) {
  const { kind, index } = state.values.selected;
  if (kind === "node") {
    const { kind: what, layer, activation, aggregation } = network.nodes[index];
    const where = shown(network.document.layers[layer].name);
    if (what === "bias") return `bias node, ${where}`;
    const made = aggregation === null ? "" : ` of the ${shown(aggregation.name)} of what comes in`;
    return `${what} node, ${where}${activation ? `, ${shown(activation)}${made}` : ""}`;
  }
  const { source, target, trainable, tie } = network.connections[index];
  const uses = usesOf(network, index).map((use) => network.connections[use].name);
  const tied = tie === null ? "" : `, tied: ${shown(tie)} = ${uses.map(shown).join(" = ")}`;
  return `${shown(network.nodes[source].activated)} → ${shown(network.nodes[target].name)}${trainable ? "" : ", frozen"}${tied}`;
}
