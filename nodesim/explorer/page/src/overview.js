/** What is shown while nothing is selected: how to read the page, and what the network says. */

import { h } from "./dom.js";
import { formula, name, value } from "./formula.js";
import { indices } from "./network.js";
import { shown } from "./names.js";

const MOST = 30;

/** @param {import("./app.js").App} app */
export function overview(app) {
  return [
    h("section.welcome", null,
      h("h2", null, "Click a connection or a node"),
      h("p", null, "Every path from ", app.start.ofError ? ["the error ", h("i", null, "e")] : shown(app.start.name), " to it lights up in ", h("b.red", null, "red"), ", with the chain rule written out and every number in it."),
      h("p.hint", null, "With the keyboard: Tab to the drawing, arrow keys to walk, Escape to let go. Point at a product and its path alone stays red."),
    ),
    app.run && sample(app),
  ];
}

function sample(app) {
  const { network, run, runs, state } = app;
  const { x, y } = runs.sample(state.values.sample, state.values.edits);
  const inputs = indices(network.nodes, ({ kind }) => kind === "input");
  const rows = network.outputs.slice(0, MOST).map((node, place) => h("tr", null,
    h("th", { scope: "row", "aria-label": shown(network.nodes[node].activated) }, formula(name(network.nodes[node].activated))),
    h("td", null, formula(value(run.activated[node]))),
    y && h("td", null, formula(value(y[place]))),
  ));
  return h("section.sample", null,
    h("h3", null, shown(app.document.samples[state.values.sample].name)),
    h("p.hint", null, inputs.slice(0, 8).map((node, place) => [place ? ", " : "", h("bdi", null, shown(network.nodes[node].name)), ` = ${value(x[place]).textContent}`]), inputs.length > 8 ? ", …" : ""),
    h("table.outputs", null,
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "Output"), h("th", { scope: "col" }, "Value"), y && h("th", { scope: "col" }, "Desired"))),
      h("tbody", null, rows),
    ),
    network.outputs.length > MOST && h("p.hint", null, `The first ${MOST} of ${network.outputs.length} outputs.`),
    run.error !== null && h("p.error", null, "Error ", formula(name("e")), " = ", formula(value(run.error))),
  );
}
