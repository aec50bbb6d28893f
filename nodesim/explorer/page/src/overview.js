/** What is shown while nothing is selected: how to read the page, what the network says, and how wrong it is. */

import { h } from "./dom.js";
import { formula, name, value } from "./formula.js";
import { shown } from "./names.js";
import { errorInProbabilities, probabilities } from "./softmax.js";
import { stepFormula } from "./step_formula.js";
import { stepSizes } from "./step_size.js";
import { marked, worded, woven } from "./words.js";

const MOST = 30;
const LONG = 60;

/** @param {import("./app.js").App} app */
export function overview(app) {
  return [
    h("section.welcome", null,
      h("h2", null, worded("Click a connection or a node")),
      h("p", null, woven(worded(app.start.ofError ? marked("Every path from the error {start} to it lights up in {red}, with the chain rule written out and every number in it.") : marked("Every path from {start} to it lights up in {red}, with the chain rule written out and every number in it.")), { start: app.start.ofError ? h("i", null, "e") : shown(app.start.name), red: h("b.red", null, worded("red")) })),
      !app.session.whyNot && h("p", null, worded("Or press Play, and watch the network learn.")),
      h("p.hint", null, worded("With the keyboard: Tab to the drawing, arrow keys to walk, Escape to let go.")),
    ),
    app.run && sample(app),
  ];
}

/** What follows: how long a step of training may be. @param {import("./app.js").App} app */
export function closing(app) {
  return app.run && stepSizes(app);
}

function sample(app) {
  const { network, run, runs, state } = app;
  const { x, y } = runs.sample(state.values.sample, state.values.edits);
  const { inputs } = network;
  const p = probabilities(network, run);
  return h("section.sample", null,
    h("h3", null, shown(app.document.samples[state.values.sample].name)),
    h("p.hint", null, inputs.slice(0, 8).map((node, place) => [place ? ", " : "", h("bdi", null, shown(network.nodes[node].name)), ` = ${value(x[place]).textContent}`]), inputs.length > 8 ? ", …" : ""),
    outputs(network, run, y, p),
    p && h("p.hint", null, worded("p = softmax(OA): exp(OA) divided by the sum of exp(OA) over all outputs, a probability. The loss compares p with what is desired.")),
    network.outputs.length > MOST && h("p.hint", null, worded("The first {most} of {count} outputs.", { most: MOST, count: network.outputs.length })),
    run.error !== null && wrong(app, p, y),
  );
}

/** The outputs, and beside each what it should be. */
function outputs({ nodes, outputs: all }, run, y, p) {
  const rows = all.slice(0, MOST).map((node, place) => h("tr", null,
    h("th", { scope: "row", "aria-label": shown(nodes[node].activated) }, formula(name(nodes[node].activated))),
    h("td", null, formula(value(run.activated[node]))),
    p && h("td", null, formula(value(p[place], 4))),
    y && h("td", null, formula(name(nodes[node].target)), " = ", formula(value(y[place]))),
  ));
  return h("table.outputs", null,
    h("thead", null, h("tr", null, h("th", { scope: "col" }, worded("Output")), h("th", { scope: "col" }, worded("is")), p && h("th", { scope: "col" }, "p = softmax"), y && h("th", { scope: "col" }, worded("should be (desired)")))),
    h("tbody", null, rows),
  );
}

/** The error with its formula. */
function wrong({ steps, document, network, run }, p, y) {
  const error = { ...steps.error, ...(p && y && errorInProbabilities(network, run, p, y)) };
  return [
    h("p.error", null, woven(worded("The error {e}, {loss}, says how far the outputs are from what they should be:"), { e: formula(name("e")), loss: shown(document.loss.name) })),
    h("div", { class: (error.numbers ?? "").length > LONG ? "worked long" : "worked", tabindex: 0, role: "group", "aria-label": "e" }, stepFormula(error)),
  ];
}
