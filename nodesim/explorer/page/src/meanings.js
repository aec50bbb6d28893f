/** What each partial derivative of the listed paths is. */

import { h, section } from "./dom.js";
import { derivative, formula, operator, value } from "./formula.js";
import { m } from "./dom.js";
import { partial, shown } from "./names.js";
import { isCut } from "./numbers.js";

const MOST = 60;

/** @param {import("./app.js").App} app */
export function meanings(app) {
  const known = new Map();
  for (const path of app.listing.paths) {
    for (const factor of app.trace.chain(path)) known.set(partial(factor.top, factor.bottom), factor);
  }
  const rows = [...known.values()].slice(0, MOST).map((factor) => row(app, factor));
  const element = section("What each factor is", rows.length <= 16,
    h("table.meanings", null, h("thead", null, h("tr", null, ["Factor", "is", "here"].map((title) => h("th", { scope: "col" }, title)))), h("tbody", null, rows)),
    known.size > MOST && h("p.hint", null, `The first ${MOST} of ${known.size}.`),
  );
  element.dataset.section = "meanings";
  return element;
}

function row(app, factor) {
  const sign = operator(factor.known && isCut(factor.value, 6) ? "≈" : "=");
  const line = h("tr", null,
    h("th", { scope: "row" }, derivative(factor.top, factor.bottom)),
    h("td", null, `= ${shown(factor.meaning)}`),
    h("td", null, factor.known ? formula(m("mrow", sign, value(factor.value))) : "?"),
  );
  line.addEventListener("pointerenter", () => app.state.set({ pointed: { kind: factor.kind, index: factor.index } }));
  line.addEventListener("pointerleave", () => app.state.set({ pointed: null }));
  return line;
}
