/** The block that says what was changed, how e and the outputs move, and what the slope predicted; whatever is selected. */

import { comparison, consequence } from "./consequence.js";
import { button, h } from "./dom.js";
import { formula, name as letter } from "./formula.js";
import { shown } from "./names.js";
import { factor, number, withSign } from "./numbers.js";
import { isEdited, noEdits } from "./runs.js";
import { worded, woven } from "./words.js";

const MOST_CHANGES = 5;
const MOST_OUTPUTS = 4;
const MOST_TERMS = 4;

/** @param {import("./app.js").App} app */
export function consequences(app) {
  const { edits, epoch, sample } = app.state.values;
  if (!isEdited(edits)) return null;
  const before = app.runs.get(epoch, sample, noEdits());
  const found = before && consequence(app.network, before, app.run, edits);
  return h("section.consequences", { "aria-label": worded("What it changes") },
    h("div.row", null, h("h3", null, worded("What it changes")), button(worded("Rewind to the original"), () => rewind(app), { "data-keep": "rewind", class: "small" })),
    found ? changed(app, found) : h("p.hint", null, worded("Changed: {names}. Without the values of this sample before the change nothing can be compared.", { names: Object.values(edits).flatMap(Object.keys).map(shown).join(", ") })),
    found && (app.run ? [moves(app, before), predictions(app, before, found)] : null),
  );
}

function rewind(app) {
  app.state.set({ edits: noEdits() });
  app.say(worded("Rewound to the original."));
}

/** Take one change back. */
function undo(app, part, key) {
  const { edits } = app.state.values;
  const { [key]: _, ...rest } = edits[part];
  app.state.set({ edits: { ...edits, [part]: rest } });
  app.say(worded("{name} is as it was.", { name: shown(key) }));
}

function changed(app, { changes }) {
  const rows = changes.slice(0, MOST_CHANGES).map(({ part, key, name, from, to }) => {
    const [old, now] = apart(from, to);
    return h("li", { "data-change": name },
      h("span", null, formula(letter(name)), ` ${old} → `, h("b", null, now)), h("span.delta", null, `Δ = ${number(to - from)}`),
      button(worded("Undo"), () => undo(app, part, key), { "aria-label": worded("Undo {name}", { name: shown(name) }), "data-keep": `undo ${part} ${key}`, class: "small" }));
  });
  return [
    h("ul.changes", { "aria-label": worded("Changes") }, rows),
    changes.length > MOST_CHANGES && h("p.hint", null, worded("and {count} more.", { count: changes.length - MOST_CHANGES })),
  ];
}

/** e and the outputs, before and after. */
function moves({ network, run }, before) {
  const { nodes, outputs } = network;
  const rows = outputs.slice(0, MOST_OUTPUTS).map((node, place) => {
    const { activated, target } = nodes[node];
    const desired = run.targets ? `${shown(target)} = ${number(run.targets[place])}` : "";
    return move(activated, before.activated[node], run.activated[node], desired);
  });
  return [
    h("table.moves", null,
      h("thead", null, h("tr", null, ["", worded("before"), "", worded("after"), worded("change"), run.targets ? worded("should be") : ""].map((title) => (title ? h("th", { scope: "col" }, title) : h("td"))))),
      h("tbody", null, before.error !== null && run.error !== null && move("e", before.error, run.error, ""), rows),
    ),
    outputs.length > MOST_OUTPUTS && h("p.hint", null, worded("and {count} more outputs.", { count: outputs.length - MOST_OUTPUTS })),
  ];
}

function move(name, before, after, desired) {
  const [old, now] = apart(before, after);
  return h("tr", { "data-move": name, "data-before": String(before), "data-after": String(after) },
    h("th", { scope: "row", "aria-label": shown(name) }, formula(letter(name))),
    h("td", null, old), h("td", { "aria-hidden": "true" }, "→"), h("td", null, h("b", null, now)), h("td", null, withSign(after - before)), h("td.desired", null, desired));
}

/** What ∂e/∂W·Δ predicted beside what happened. */
function predictions({ network, run }, before, found) {
  const { changes, predicted, became } = found;
  if (!Number.isFinite(became)) return h("p.hint", null, worded("Without e there is nothing to predict: it needs desired outputs and finite numbers."));
  const unknown = changes.filter(({ slope, from, to }) => from !== to && !Number.isFinite(slope)).map(({ name }) => `∂e/∂${shown(name)}`);
  if (unknown.length) return h("p.hint", null, worded("The page does not know {names} of this loss: no prediction. e became {error}, a change of {change}.", { names: unknown.slice(0, 3).join(", "), error: number(run.error), change: withSign(became) }));
  const some = changes.length <= MOST_TERMS ? changes : changes.slice(0, MOST_TERMS - 1);
  const rest = some.length < changes.length ? " + ⋯" : "";
  const symbols = some.map(({ name }) => `∂e/∂${shown(name)}·Δ${shown(name)}`).join(" + ") + rest;
  const numbers = some.map(({ slope, from, to }) => `${factor(slope)}·${factor(to - from)}`).join(" + ") + rest;
  return h("p.predicted", { "data-predicted": String(predicted), "data-became": String(became) },
    woven(worded("The slope predicts {prediction}; e changed by {change}: {comparison}"), {
      prediction: [h("span", null, symbols), " = ", h("span", null, numbers), " = ", h("b", null, withSign(predicted))],
      change: h("b", null, withSign(became)),
      comparison: shown(comparison(network, before, run, found)),
    }));
}

/** Two numbers with as many digits as it takes to see them apart. */
function apart(a, b) {
  for (let digits = 6; digits < 17; digits++) {
    const written = [number(a, digits), number(b, digits)];
    if (a === b || number(a, digits - 1) !== number(b, digits - 1)) return written;
  }
  return [String(a), String(b)];
}
