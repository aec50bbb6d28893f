/** Changing a weight, an input or a target, and rewinding. */

import { button, fill, h } from "./dom.js";
import { formula, name } from "./formula.js";
import { nameOf } from "./network.js";
import { shown } from "./names.js";
import { isEdited, noEdits } from "./runs.js";

const LIVE = 3000;

/**
 * What of the selected element can be changed.
 * @typedef {{part: "weights"|"inputs"|"targets", key: string, label: string, what: string, now: number}} Field
 */

/** The fields; they stay while they are used, and show the values of the state. */
export class Editor {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.place = h("div");
    this.note = h("p.edited", { hidden: true });
    this.element = h("section.editing", { "aria-label": "Change a value" }, this.place, this.note);
  }

  /** Show what can be changed, and what is. */
  show() {
    const field = this.app.runs.editable ? this.#field() : null;
    if (this.key !== (field && `${field.part} ${field.key}`)) this.#make(field);
    this.key = field && `${field.part} ${field.key}`;
    if (field) this.#update(field);
    const { edits } = this.app.state.values;
    this.note.hidden = !isEdited(edits);
    if (!this.note.hidden) fill(this.note, `Changed: ${changes(edits)} `, button("Rewind to the original", () => this.#rewind(), { "data-keep": "rewind", class: "small" }));
    this.element.hidden = !field && this.note.hidden;
  }

  /** @returns {Field|null} */
  #field() {
    const { network, runs, state, weights } = this.app;
    const { selected, sample, edits } = state.values;
    if (!selected) return null;
    const { kind, index } = selected;
    const key = nameOf(network, selected);
    if (kind === "connection") return { part: "weights", key, label: key, what: "Weight", now: weights[index] };
    const node = network.nodes[index];
    const { x, y } = runs.sample(sample, edits);
    if (node.kind === "input") return { part: "inputs", key, label: key, what: "Input", now: x[runs.inputs.indexOf(index)] };
    if (node.kind === "output" && y) return { part: "targets", key, label: node.target, what: "Desired value", now: y[network.place[index]] };
    return null;
  }

  #make(field) {
    if (!field) {
      fill(this.place);
      return;
    }
    const { what, label } = field;
    const change = () => this.box.value !== "" && this.#change(field, Number(this.box.value));
    // Some notebooks keep the browser from telling of a change when Enter is pressed.
    const keydown = ({ key }) => key === "Enter" && change();
    this.box = h("input", { type: "number", step: "any", "aria-label": `${what} ${shown(label)}`, change, keydown });
    const event = this.app.network.connections.length <= LIVE ? "input" : "change";
    this.slider = h("input", { type: "range", "aria-label": `${what} ${shown(label)}, roughly`, [event]: () => this.#change(field, Number(this.slider.value)) });
    const reach = Math.max(2, 2 * Math.abs(field.now)) || 2;
    Object.assign(this.slider, { min: -reach, max: reach, step: reach / 200 });
    fill(this.place, h("div.field", null, h("label", null, `${what} `, formula(name(label)), " ", this.box), this.slider));
  }

  #update({ now }) {
    const active = this.element.ownerDocument.activeElement;
    if (active !== this.box || Number(this.box.value) !== now) this.box.value = String(now);
    if (active !== this.slider) this.slider.value = String(now);
  }

  #change({ part, key }, value) {
    if (!Number.isFinite(value)) return;
    const { edits } = this.app.state.values;
    this.app.state.set({ edits: { ...edits, [part]: { ...edits[part], [key]: value } } });
  }

  #rewind() {
    this.app.state.set({ edits: noEdits() });
    this.app.say("Rewound to the original.");
  }
}

function changes(edits) {
  const names = Object.values(edits).flatMap(Object.keys);
  return names.slice(0, 5).map(shown).join(", ") + (names.length > 5 ? ` and ${names.length - 5} more.` : ".");
}
