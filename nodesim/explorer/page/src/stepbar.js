/** Stepping: one quantity at a time, forward and back, with its formula and numbers. */

import { button, fill, h } from "./dom.js";
import { shown } from "./names.js";
import { MOST_IN_LINE, stepFormula } from "./step_formula.js";
import { isTooLong, updateWords } from "./step_size.js";
import { quantityText } from "./steps.js";
import { canUpdate, errorAfter } from "./updates.js";
import { marked, worded } from "./words.js";

const PHASES = { forward: marked("Forward"), error: marked("Error"), backward: marked("Backward"), update: marked("Update") };

/** The bar under the drawing. */
export class StepBar {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.start = button(worded("Step through"), () => this.go(0));
    this.back = button(worded("‹ Previous"), () => this.go(this.step - 1), { "aria-label": worded("Previous step: undo this one") });
    this.next = button(worded("Next ›"), () => this.go(this.step + 1), { "aria-label": worded("Next step") });
    this.end = button(worded("Close"), () => this.go(-1));
    this.slider = h("input", { type: "range", min: 0, step: 1, "aria-label": worded("Step"), input: () => this.go(Number(this.slider.value)) });
    this.where = h("span.where");
    this.formula = h("div.step", { tabindex: 0, role: "group", "aria-label": worded("The step") });
    this.hint = h("p.hint", null, worded("One quantity at a time: forward to e, then backward."));
    this.bar = h("div.buttons", { role: "group", "aria-label": worded("Steps") }, this.start, this.hint, this.back, this.next, this.slider, this.where, this.end);
    this.element = h("section.stepbar", { "aria-label": worded("Step through the calculation") }, this.bar, this.formula);
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
    this.start.hidden = this.hint.hidden = stepping;
    // The drawing above becomes smaller for a long formula, and is not moved again by each short one.
    const high = stepping && !this.formula.hidden ? this.formula.getBoundingClientRect().height : 0;
    this.formula.style.minHeight = high ? `${high}px` : "";
    for (const part of [this.back, this.next, this.slider, this.where, this.end, this.formula]) part.hidden = !stepping;
    if (!stepping) return;
    const step = Math.min(this.step, steps.length - 1);
    this.slider.max = String(steps.length - 1);
    this.slider.value = String(step);
    this.next.disabled = step === steps.length - 1;
    const made = steps.at(step);
    const where = worded("{step} of {count}", { step: step + 1, count: steps.length });
    this.slider.setAttribute("aria-valuetext", `${where}: ${quantityText(made.quantity)}`);
    fill(this.where, h("b", null, worded(PHASES[made.phase])), ` ${where}`);
    this.formula.classList.toggle("long", (made.numbers ?? "").length > MOST_IN_LINE);
    fill(this.formula, stepFormula(made), made.phase === "update" && this.#aftermath(steps));
  }

  /** What the update of all weights does to e. */
  #aftermath({ rate }) {
    const { network, run } = this.app;
    const alone = this.app.document.samples.length > 1 ? [worded("This is by the sample that is shown alone; One update and Play go by the mean over a batch."), " "] : [];
    const all = [worded("η is the learning rate, k counts the updates; all weights change at once."), " ", ...alone];
    if (!canUpdate(network, run)) return h("p.aftermath.hint", null, all, worded("What e is then, only Python can calculate."));
    const after = errorAfter(network, run, rate);
    return h("p", { class: isTooLong(run.error, after) ? "aftermath verdict warning" : "aftermath hint" }, all, updateWords(run.error, after, rate));
  }
}

/** A step as text. @param {import("./steps.js").Step} step */
function stepText(step) {
  const symbols = step.terms.map((term) => term.symbols.map(quantityText).join("·")).join(" + ");
  const right = step.call ? `${step.call}(${symbols})` : step.written ?? symbols;
  return shown(`${quantityText(step.quantity)} = ${right ? `${right} = ` : ""}${step.value}`);
}
