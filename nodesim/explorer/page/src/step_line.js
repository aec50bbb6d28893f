/** With something selected: what one update does to e, and on demand the table of how long a step may be. */

import { button, h } from "./dom.js";
import { stepSizes, updateWords } from "./step_size.js";
import { canUpdate, errorAfter } from "./updates.js";
import { worded } from "./words.js";

/** The pages whose readers have asked for the table. @type {WeakSet<object>} */
const asked = new WeakSet();

/** @param {import("./app.js").App} app */
export function stepLine(app) {
  const { network, run, state, trace } = app;
  if (!trace.start.ofError || !canUpdate(network, run)) return null;
  const open = asked.has(app);
  const turn = () => {
    if (!asked.delete(app)) asked.add(app);
    app.panel.show();
  };
  const table = button(open ? worded("Hide other learning rates") : worded("Try other learning rates"), turn, { "data-keep": "rates", "aria-expanded": String(open), class: "small" });
  const rate = state.values.learningRate;
  return h("section.step-line", { "aria-label": worded("One update") },
    h("p.hint", null, !open && [h("b", null, worded("How long may a step be?")), " "], updateWords(run.error, errorAfter(network, run, rate), rate), " ", table),
    open && stepSizes(app),
  );
}
