/** What each partial derivative of the listed paths is. */

import { h, m } from "./dom.js";
import { derivative, formula, operator, value } from "./formula.js";
import { partial, shown } from "./names.js";
import { equals } from "./numbers.js";
import { standsFor } from "./pointing.js";
import { worded } from "./words.js";

const MOST = 100;

/** @param {import("./app.js").App} app */
export function meanings(app) {
  const known = new Map();
  for (const path of app.listing.paths) {
    for (const factor of app.trace.chain(path)) known.set(partial(factor.top, factor.bottom), factor);
  }
  const factors = [...known.values()].slice(0, MOST);
  return [
    h("p.hint", null, worded("Every individual derivative is calculated once; the paths only multiply and add.")),
    h("table.meanings", null,
      h("thead", null, h("tr", null, [worded("Factor"), worded("is"), worded("here")].map((title) => h("th", { scope: "col" }, title)))),
      h("tbody", null, factors.map((factor) => row(app, factor))),
    ),
    known.size > MOST && h("p.hint", null, worded("The first {most} of {count}.", { most: MOST, count: known.size })),
  ];
}

function row(app, factor) {
  const sign = operator(factor.known ? equals(factor.value) : "=");
  return standsFor(app, h("tr", null,
    h("th", { scope: "row", "aria-label": partial(factor.top, factor.bottom) }, derivative(factor.top, factor.bottom)),
    h("td", null, shown(factor.meaning)),
    h("td", null, factor.known ? formula(m("mrow", sign, value(factor.value))) : worded("not known")),
  ), factor);
}
