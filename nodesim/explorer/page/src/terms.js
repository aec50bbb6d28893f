/** The gradient as a sum of products: symbols, and every number under its symbol. */

import { button, h, section } from "./dom.js";
import { formula, fraction, inside, operator, product, value } from "./formula.js";
import { m } from "./dom.js";
import { nameOf } from "./network.js";
import { partial } from "./names.js";
import { exact, isCut, minus, number, percent, plural } from "./numbers.js";
import { pointing } from "./panel.js";
import { MOST_LISTED } from "./paths.js";

const MORE = [10, 25, 50, 100, MOST_LISTED];

/** @param {import("./app.js").App} app */
export function terms(app) {
  const { listing, trace } = app;
  const name = nameOf(app.network, app.state.values.selected);
  const element = section("The chain rule, path by path", true,
    orders(app),
    h("div.formula", { "data-formula": "paths" },
      h("div.left-side", null, formula(m("mrow", fraction("e", name), operator("=")))),
      h("ol.terms", { "aria-label": "Products" }, listing.paths.map((path, place) => term(app, path, place))),
    ),
    trace.known && summed(app),
    covered(app),
    more(app),
  );
  element.dataset.section = "terms";
  return element;
}

/** One product, its factors grouped by layer. */
function term(app, path, place) {
  const factors = app.trace.chain(path);
  const groups = grouped(factors);
  const symbols = factors.map(({ top, bottom }) => partial(top, bottom)).join("·");
  const spoken = `${symbols}${app.trace.known ? ` = ${exact(path.product)}` : ""}`;
  const result = app.trace.known && formula(m("mrow", operator(isCut(path.product) ? "≈" : "="), value(path.product)));
  return pointing(app, h("li.term", { tabindex: 0, "aria-label": spoken, "data-symbols": symbols, "data-product": app.trace.known ? String(path.product) : null },
    h("span.sign", { "aria-hidden": "true" }, place ? "+" : ""),
    h("span.chain", null, groups.map((group, index) => layerGroup(app, group, index < groups.length - 1, place === 0))),
    result && h("span.product", null, result),
  ), path);
}

function layerGroup(app, group, goesOn, named) {
  const written = product(group, goesOn);
  const cells = written.querySelectorAll("mfrac");
  group.forEach((factor, place) => {
    const cell = cells[place];
    cell.addEventListener("pointerenter", () => app.state.set({ pointed: { kind: factor.kind, index: factor.index } }));
    cell.addEventListener("pointerleave", () => app.state.set({ pointed: null }));
  });
  return h("span.group", { title: group.map((factor) => `${partial(factor.top, factor.bottom)} = ${factor.meaning}`).join("\n") },
    written, h("span.layer", null, named ? group[0].layer : ""));
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
function summed(app) {
  const { listing, trace } = app;
  if (listing.paths.length < 2 && listing.whole) return null;
  const numbers = listing.paths.slice(0, 12).flatMap(({ product }, place) => place ? [operator("+"), inside(product, 4)] : [value(product, 4)]);
  if (listing.paths.length > 12) numbers.push(operator("+"), operator("⋯"));
  const rest = listing.whole ? [] : [operator("+"), m("mtext", "rest")];
  const right = listing.whole ? trace.gradient : listing.sum;
  const left = formula(m("mrow", operator("="), ...numbers, ...rest));
  const result = listing.whole ? [formula(m("mrow", operator(isCut(right) ? "≈" : "="), value(right)))] : [];
  return h("div.sums", { tabindex: 0, role: "group", "aria-label": "The products added" }, left, result);
}

/** How much of the gradient the listed paths are. */
function covered(app) {
  const { listing, trace } = app;
  if (listing.whole) {
    return h("p.verdict.good", { "data-covered": "all" }, trace.count === "1" ? "✓ This is the only path." : `✓ These are all ${plural(trace.count, "path")}.`);
  }
  const rest = plural(minus(trace.count, listing.paths.length), "path");
  const all = `⚠ Not the whole gradient: ${plural(String(listing.paths.length), "path")} of ${plural(trace.count, "path")} shown.`;
  if (!trace.known) return h("p.verdict.warning", { "data-covered": "part" }, `${all} Not shown: ${rest}.`);
  const share = trace.gradient !== 0 ? ` That is ${percent(listing.sum / trace.gradient)} of the gradient.` : "";
  const sums = ` Together they come to ${number(listing.sum)};${share} The other ${rest} add ${number(trace.gradient - listing.sum)}.`;
  return h("p.verdict.warning", { "data-covered": "part" }, h("b", null, all), sums, " The tree below is the whole, factored.");
}

function orders(app) {
  if (!app.trace.known || app.trace.count === "1") return null;
  const { order } = app.listing;
  const choice = (value, label) => button(label, () => app.state.set({ sort: value }), { "aria-pressed": String(order === value), "data-keep": `sort-${value}` });
  return h("div.segmented", { role: "group", "aria-label": "Order of the paths" }, choice("article", "In the article’s order"), choice("strongest", "Strongest first"));
}

function more(app) {
  const { shown } = app.state.values;
  const next = MORE.find((many) => many > shown);
  if (app.listing.whole) return null;
  if (!next) return h("p.hint", null, `A list never holds more than ${MOST_LISTED} paths.`);
  return button(`Show ${next} paths`, () => app.state.set({ shown: next }), { "data-keep": "more" });
}
