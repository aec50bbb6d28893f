/** Changing a weight, an input or a target. */

import { whyNotDesired } from "./desired.js";
import { button, fill, h } from "./dom.js";
import { formula, name } from "./formula.js";
import { nameOf } from "./network.js";
import { shown } from "./names.js";
import { number } from "./numbers.js";
import { withEdit } from "./runs.js";
import { warning } from "./warning.js";
import { worded } from "./words.js";

const LIVE = 3000;
/** What the quick buttons add. */
const NUDGE = 0.1;

/**
 * What of the selected element can be changed.
 * @typedef {{part: "weights"|"inputs"|"targets", key: string, label: string, what: string, now: number, hint?: string}} Field
 */

/** The fields; they stay while they are used, and show the values of the state. */
export class Editor {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.place = h("div");
    this.element = h("section.editing", { "aria-label": worded("Change a value") }, this.place);
  }

  /** Show what can be changed, and what is. */
  show() {
    const field = this.app.runs.editable ? this.#field() : null;
    if (this.key !== (field && `${field.part} ${field.key}`)) this.#make(field);
    this.key = field && `${field.part} ${field.key}`;
    if (field) this.#update(field);
    this.element.hidden = !field;
  }

  /** @returns {Field|null} */
  #field() {
    const { network, runs, state, weights } = this.app;
    const { selected, sample, edits } = state.values;
    if (!selected) return null;
    const { kind, index } = selected;
    const key = nameOf(network, selected);
    if (kind === "connection") return { part: "weights", key, label: key, what: worded("Weight"), now: weights[index] };
    const node = network.nodes[index];
    const { x, y } = runs.sample(sample, edits);
    if (node.kind === "input") return { part: "inputs", key, label: key, what: worded("Input"), now: x[network.inputs.indexOf(index)] };
    if (node.kind === "output" && y) return { part: "targets", key, label: node.target, what: "", hint: worded("desired output"), now: y[network.place[index]] };
    return null;
  }

  #make(field) {
    if (!field) {
      fill(this.place);
      return;
    }
    const { what, label, hint } = field;
    const spoken = hint ? `${shown(label)}, ${hint}` : `${what} ${shown(label)}`;
    const change = () => this.box.value !== "" && this.#change(field, Number(this.box.value));
    // Some notebooks keep the browser from telling of a change when Enter is pressed.
    const keydown = ({ key }) => key === "Enter" && change();
    this.box = h("input", { type: "number", step: "any", "aria-label": spoken, title: hint ? worded("{name}: the desired output", { name: shown(label) }) : null, change, keydown });
    const event = this.app.network.connections.length <= LIVE ? "input" : "change";
    this.slider = h("input", { type: "range", "aria-label": worded("{name}, roughly", { name: spoken }), [event]: () => this.#change(field, Number(this.slider.value)) });
    const reach = Math.max(2, 2 * Math.abs(field.now)) || 2;
    Object.assign(this.slider, { min: -reach, max: reach, step: reach / 200 });
    this.warning = warning();
    fill(this.place, h("div.field", null, h("label", null, what && `${what} `, formula(name(label)), hint && ` (${hint})`, " ", this.box), h("span.nudges", null, this.#nudge(field, NUDGE), this.#nudge(field, -NUDGE)), this.slider), this.warning.element);
  }

  /** A button that adds a little. */
  #nudge(field, by) {
    const words = `${shown(field.label)} ${by > 0 ? "+" : "−"} ${number(Math.abs(by))}`;
    // 0.1 + 0.2 is 0.3 here.
    return button(words, () => this.#change(field, Number((this.now + by).toPrecision(15))), { class: "small", "data-keep": `nudge ${by}` });
  }

  #update({ now }) {
    this.now = now;
    const active = this.element.ownerDocument.activeElement;
    if (active !== this.box || Number(this.box.value) !== now) this.box.value = String(now);
    if (active !== this.slider) this.slider.value = String(now);
  }

  #change({ part, key }, value) {
    if (!Number.isFinite(value)) return;
    const trouble = part === "targets" ? whyNotDesired(this.app.document, value) : "";
    this.warning.say(trouble);
    if (trouble) {
      this.box.value = this.slider.value = String(this.now);
      return;
    }
    const { network, state } = this.app;
    state.set({ edits: withEdit(network, state.values.edits, part, key, value) });
  }
}
