/** The gradient as a sum of products: symbols, and every number under its symbol. */

import { cuttingHint, cuttingLine } from "./cutting.js";
import { h, m } from "./dom.js";
import { ends } from "./ends.js";
import { formula, fraction, inside, magnitude, operator, product, value } from "./formula.js";
import { quantityOf } from "./network.js";
import { partial } from "./names.js";
import { exact, isCut } from "./numbers.js";
import { standsFor, standsForPath } from "./pointing.js";

const MOST_ADDED = 12;
const MOST_GROUPS = 24;

/** @param {import("./app.js").App} app */
export function terms(app) {
  const { trace, listing } = app;
  const name = quantityOf(app.network, app.state.values.selected);
  return h("div.formula", { "data-formula": "paths" },
    h("div.left-side", null, formula(m("mrow", fraction(trace.start.name, name), operator("=")))),
    h(listing.paths.length > 25 ? "ol.terms.many" : "ol.terms", { "aria-label": "Products" }, listing.paths.map((path, place) => term(app, path, place))),
    !listing.whole && h("p.rest", null, "+ ⋯"),
    trace.known && listing.whole && listing.paths.length > 1 && summed(app),
    cuttingHint(app),
  );
}

/** One product, its factors grouped by layer. */
function term(app, path, place) {
  const factors = app.trace.chain(path);
  const groups = grouped(factors);
  const { first, between, last } = ends(groups, MOST_GROUPS);
  const symbols = [...first.flat().map(named), ...(between ? ["⋯"] : []), ...last.flat().map(named)].join("·");
  const { known } = app.trace;
  const spoken = `${symbols}${known ? ` = ${exact(path.product)}` : ""}`;
  const result = known && formula(m("mrow", operator(isCut(path.product) ? "≈" : "="), value(path.product)));
  const line = h("li.term", { tabindex: 0, "aria-label": spoken, "data-symbols": symbols, "data-product": known ? String(path.product) : null },
    h("span.sign", { "aria-hidden": "true" }, place ? "+" : ""),
    h("span.chain", null,
      first.map((group, index) => layerGroup(app, group, index < groups.length - 1, place === 0)),
      between > 0 && h("span.group", null, `⋯ ${factors.length - first.flat().length - last.flat().length} more factors ⋯`),
      last.map((group, index) => layerGroup(app, group, index < last.length - 1, place === 0)),
      result && h("span.product", null, result),
      cuttingLine(app, path),
    ),
  );
  return standsForPath(app, line, path);
}

function layerGroup(app, group, goesOn, titled) {
  const written = product(group, goesOn);
  const cells = written.querySelectorAll("mfrac");
  group.forEach((factor, place) => standsFor(app, cells[place], factor));
  const meaning = group.map((factor) => `${partial(factor.top, factor.bottom)} = ${factor.meaning}`).join("\n");
  return h("span.group", { title: meaning }, written, titled && h("span.layer", null, group[0].layer));
}

function named({ top, bottom }) {
  return partial(top, bottom);
}

function grouped(factors) {
  const groups = [];
  for (const factor of factors) {
    if (groups.at(-1)?.[0].layer === factor.layer) groups.at(-1).push(factor);
    else groups.push([factor]);
  }
  return groups;
}

/** The products as a sum of numbers, and what they come to. */
function summed({ listing, trace }) {
  const numbers = listing.paths.slice(0, MOST_ADDED).flatMap(({ product }, place) => {
    if (!place) return [value(product, 4)];
    return product < 0 ? [operator("−"), magnitude(product, 4)] : [operator("+"), inside(product, 4)];
  });
  if (listing.paths.length > MOST_ADDED) numbers.push(operator("+"), operator("⋯"));
  const result = formula(m("mrow", operator(isCut(trace.gradient) ? "≈" : "="), value(trace.gradient)));
  return h("div.sums", { tabindex: 0, role: "group", "aria-label": "The products added" }, formula(m("mrow", operator("="), ...numbers)), h("b", null, result));
}
