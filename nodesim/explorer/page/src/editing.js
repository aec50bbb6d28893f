/** Changing a weight, an input or a target, and rewinding. */

import { button, h } from "./dom.js";
import { formula, name } from "./formula.js";
import { nameOf } from "./network.js";
import { shown } from "./names.js";
import { isEdited, noEdits } from "./runs.js";

/** @param {import("./app.js").App} app */
export function editing(app) {
  const { runs, state } = app;
  if (!runs.editable) return null;
  const fields = state.values.selected ? fieldsOf(app, state.values.selected) : [];
  const edited = isEdited(state.values.edits);
  if (!fields.length && !edited) return null;
  return h("section.editing", { "aria-label": "Change a value" },
    fields.length > 0 && h("h3", null, "Change it"),
    fields,
    edited && h("p", { class: "edited" }, `Changed: ${changes(state.values.edits)}. `, button("Rewind to the original", () => state.set({ edits: noEdits() }), { "data-keep": "rewind" })),
    fields.length > 0 && !edited && h("p.hint", null, "Everything is calculated anew, here in the page; the original is kept."),
  );
}

function fieldsOf(app, { kind, index }) {
  const { network, runs, state, weights } = app;
  const own = nameOf(network, { kind, index });
  if (kind === "connection") return [field(app, "weights", own, own, weights[index], "Weight")];
  const node = network.nodes[index];
  const { x, y } = runs.sample(state.values.sample, state.values.edits);
  if (node.kind === "input") return [field(app, "inputs", own, own, x[runs.inputs.indexOf(index)], "Input")];
  if (node.kind === "output" && y) return [field(app, "targets", own, node.target, y[network.place[index]], "Desired value")];
  return [];
}

function field(app, part, key, label, now, what) {
  const change = (value) => {
    if (!Number.isFinite(value)) return;
    const { edits } = app.state.values;
    app.state.set({ edits: { ...edits, [part]: { ...edits[part], [key]: value } } });
  };
  const box = h("input", { type: "number", step: "any", value: String(now), "data-keep": "value", "aria-label": `${what} ${shown(label)}`, change: () => box.value !== "" && change(Number(box.value)) });
  const reach = Math.max(2, 2 * Math.abs(now));
  const slider = h("input", { type: "range", min: -reach, max: reach, step: reach / 200, value: String(now), "aria-label": `${what} ${shown(label)}, roughly`, "data-keep": "slider", change: () => change(Number(slider.value)) });
  slider.addEventListener("input", () => (box.value = slider.value));
  return h("div.field", null, h("label", null, `${what} `, formula(name(label)), box), slider);
}

function changes(edits) {
  const names = Object.values(edits).flatMap(Object.keys);
  return names.slice(0, 5).map(shown).join(", ") + (names.length > 5 ? ` and ${names.length - 5} more` : "");
}
