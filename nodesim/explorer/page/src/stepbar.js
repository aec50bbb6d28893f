/** Stepping: one quantity at a time, forward and back, with its formula and numbers. */

import { button, fill, h, m } from "./dom.js";
import { fraction, formula, inside, name, operator, value } from "./formula.js";
import { shown } from "./names.js";
import { isCut, number } from "./numbers.js";
import { quantityText } from "./steps.js";

const PHASES = { forward: "Forward", error: "Error", backward: "Backward" };
const MOST_TERMS = 8;
const MOST_IN_LINE = 60;

/** The bar under the drawing. */
export class StepBar {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.start = button("Step through", () => this.go(0), { class: "primary" });
    this.back = button("‹ Previous", () => this.go(this.step - 1), { "aria-label": "Previous step: undo this one" });
    this.next = button("Next ›", () => this.go(this.step + 1), { "aria-label": "Next step" });
    this.end = button("Close", () => this.go(-1));
    this.slider = h("input", { type: "range", min: 0, step: 1, "aria-label": "Step", input: () => this.go(Number(this.slider.value)) });
    this.where = h("span.where");
    this.formula = h("div.step", { tabindex: 0, role: "group", "aria-label": "The step" });
    this.bar = h("div.buttons", { role: "group", "aria-label": "Steps" }, this.start, this.back, this.next, this.slider, this.where, this.end);
    this.element = h("section.stepbar", { "aria-label": "Step through the calculation" }, this.bar, this.formula);
  }

  get step() {
    return this.app.state.values.step;
  }

  /** Go to a step; -1 ends. @param {number} step */
  go(step) {
    const { steps } = this.app;
    if (!steps) return;
    this.app.state.set({ step: Math.max(-1, Math.min(step, steps.length - 1)) });
    const { step: now } = this.app.state.values;
    if (now >= 0) this.app.say(stepText(steps.at(now)));
  }

  /** Show the step of the state. */
  show() {
    const { steps } = this.app;
    const stepping = Boolean(steps) && this.step >= 0;
    this.element.hidden = !steps;
    this.start.hidden = stepping;
    for (const part of [this.back, this.next, this.slider, this.where, this.end, this.formula]) part.hidden = !stepping;
    if (!stepping) return;
    const step = Math.min(this.step, steps.length - 1);
    this.slider.max = String(steps.length - 1);
    this.slider.value = String(step);
    this.next.disabled = step === steps.length - 1;
    const made = steps.at(step);
    this.slider.setAttribute("aria-valuetext", `${step + 1} of ${steps.length}: ${quantityText(made.quantity)}`);
    fill(this.where, h("b", null, PHASES[made.phase]), ` ${step + 1} of ${steps.length}`);
    this.formula.classList.toggle("long", (made.numbers ?? "").length > MOST_IN_LINE);
    fill(this.formula, stepFormula(made));
  }
}

/** A step as text. @param {import("./steps.js").Step} step */
function stepText(step) {
  const symbols = step.terms.map((term) => term.symbols.map(quantityText).join("·")).join(" + ");
  const right = step.call ? `${step.call}(${symbols})` : step.written ?? symbols;
  return shown(`${quantityText(step.quantity)} = ${right ? `${right} = ` : ""}${step.value}`);
}

/** A step as a formula: symbols, numbers, result. @param {import("./steps.js").Step} step */
function stepFormula(step) {
  const parts = [symbol(step.quantity), operator("=")];
  const last = [operator(isCut(step.value) ? "≈" : "="), value(step.value)];
  const terms = abbreviated(step.terms);
  if (step.call) {
    const [{ symbols, values }] = step.terms;
    parts.push(call(step.call, symbol(symbols[0])), operator("="), call(step.call, value(values[0], 4)), ...last);
  } else if (step.written !== null) {
    const numbers = step.numbers !== null && step.numbers !== step.written ? [operator("="), ...words(step.numbers)] : [];
    parts.push(...words(step.written), ...numbers, ...(step.written === number(step.value) ? [] : last));
  }
  else if (terms.length) parts.push(...sum(terms, ({ symbols }) => symbols.map(symbol)), operator("="), ...sum(terms, ({ values }) => values.map((each) => inside(each))), ...last);
  else parts.push(value(step.value));
  return broken(parts);
}

/** A formula that is text; a long one in pieces, each beginning with a sign. */
function words(text) {
  const pieces = text.length > MOST_IN_LINE ? text.split(/ (?=[+−] )/) : [text];
  return pieces.map((piece) => m("mtext", shown(piece)));
}

/** Break a long formula before its signs of equality, as a page of mathematics does, and between pieces of text. */
function broken(parts) {
  const pieces = [[]];
  for (const part of parts) {
    const equals = part.localName === "mo" && /[=≈]/.test(part.textContent);
    const goesOn = part.localName === "mtext" && pieces.at(-1).at(-1)?.localName === "mtext";
    if ((equals && pieces[0].length) || goesOn) pieces.push([]);
    pieces.at(-1).push(part);
  }
  return pieces.map(([sign, ...rest]) => formula(m("mrow", sign, rest.length > 0 && space(), ...rest)));
}

/** Words do not keep a distance from a sign by themselves. */
function space() {
  const element = m("mspace");
  element.setAttribute("width", "0.25em");
  return element;
}

function symbol({ top, bottom }) {
  return bottom === null ? name(top) : fraction(top, bottom);
}

function call(function_, argument) {
  return m("mrow", m("mtext", shown(function_)), operator("("), argument, operator(")"));
}

function sum(terms, factors) {
  return terms.flatMap((term, place) => {
    const written = term ? factors(term).flatMap((factor, index) => (index ? [operator("·"), factor] : [factor])) : [operator("⋯")];
    return place ? [operator("+"), m("mrow", ...written)] : [m("mrow", ...written)];
  });
}

function abbreviated(terms) {
  return terms.length <= MOST_TERMS ? terms : [...terms.slice(0, 3), null, terms.at(-1)];
}
