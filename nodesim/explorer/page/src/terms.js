/** The gradient as a sum of products: symbols, and every number under its symbol. */

import { cuttingHint, cuttingLine } from "./cutting.js";
import { h, m } from "./dom.js";
import { ends } from "./ends.js";
import { formula, fraction, inside, magnitude, operator, product, value } from "./formula.js";
import { quantityOf } from "./network.js";
import { partial } from "./names.js";
import { equals, exact, factor as bracketed } from "./numbers.js";
import { patch } from "./patch.js";
import { standsFor, standsForPath } from "./pointing.js";
import { worded } from "./words.js";

const MOST_ADDED = 12;
const MOST_GROUPS = 24;

/** The products that each page shows: they stay, and their numbers change. @type {WeakMap<object, {key: string, network: object, element: HTMLElement, list: HTMLElement, rows: Map<string, Term>}>} */
const written = new WeakMap();

/**
 * One product in the page: its line, where the numbers of its factors stand, and what it comes to.
 * @typedef {{line: HTMLElement, cells: Element[], result: HTMLElement, cut: HTMLElement, symbols: string}} Term
 */

/** @param {import("./app.js").App} app */
export function terms(app) {
  const { trace, listing } = app;
  const { element, list } = products(app, listing);
  const name = quantityOf(app.network, app.state.values.selected);
  patch(element,
    h("div.left-side", null, formula(m("mrow", fraction(trace.start.name, name), operator("=")))),
    list,
    !listing.whole && h("p.rest", null, "+ ⋯"),
    trace.known && listing.whole && listing.paths.length > 1 && summed(app),
    cuttingHint(app),
  );
  return element;
}

/** The list of the products: of paths that were shown before the lines stay. */
function products(app, { paths }) {
  const { network, trace } = app;
  const key = JSON.stringify([trace.element, trace.start.key, trace.known]);
  let shown = written.get(app);
  if (shown?.key !== key || shown.network !== network) {
    shown = { key, network, element: h("div.formula", { "data-formula": "paths" }), list: h("ol.terms", { "aria-label": worded("Products") }), rows: new Map() };
    written.set(app, shown);
  }
  const rows = paths.map((path) => {
    const own = path.connections.join(" ");
    const row = shown.rows.get(own) ?? term(app, path);
    if (trace.known) update(app, row, path);
    return [own, row];
  });
  shown.rows = new Map(rows);
  shown.list.classList.toggle("many", paths.length > 25);
  arrange(shown.list, rows.map(([, { line }]) => line));
  return shown;
}

/** Let a list have these lines; one that has the focus is not moved, and would lose it: the others move around it. */
function arrange(list, lines) {
  const wanted = new Set(lines);
  for (const line of [...list.children]) if (!wanted.has(line)) line.remove();
  if (lines.every((line, place) => list.children[place] === line)) return;
  const { activeElement } = list.getRootNode();
  const still = lines.findIndex((line) => list.isConnected && line.contains(activeElement));
  if (still >= 0) {
    lines[still].before(...lines.slice(0, still));
    list.append(...lines.slice(still + 1));
  } else lines.forEach((line, place) => list.children[place] !== line && list.insertBefore(line, list.children[place] ?? null));
}

/** One product, its factors grouped by layer; of the first line the style shows the names of the layers, and no sign. @returns {Term} */
function term(app, path) {
  const factors = app.trace.chain(path);
  const groups = grouped(factors);
  const { first, between, last } = ends(groups, MOST_GROUPS);
  const symbols = [...first.flat().map(named), ...(between ? ["⋯"] : []), ...last.flat().map(named)].join("·");
  const [result, cut] = [h("span.product"), h("span.cutting")];
  const line = h("li.term", { tabindex: 0, "aria-label": symbols, "data-symbols": symbols },
    h("span.sign", { "aria-hidden": "true" }, "+"),
    h("span.chain", null,
      first.map((group, index) => layerGroup(app, group, index < groups.length - 1)),
      between > 0 && h("span.group", null, worded("⋯ {count} more factors ⋯", { count: factors.length - first.flat().length - last.flat().length })),
      last.map((group, index) => layerGroup(app, group, index < last.length - 1)),
      app.trace.known && [result, cut],
    ),
  );
  const cells = [...line.querySelectorAll(".group mtr:last-child")].flatMap((row) => [...row.children].filter((_, cell) => cell % 2 === 0));
  return { line: standsForPath(app, line, path), cells, result, cut, symbols };
}

/** Put in the numbers of a run. */
function update(app, { line, cells, result, cut, symbols }, path) {
  const values = numbersShown(grouped(app.trace.chain(path)));
  cells.forEach((cell, place) => {
    const text = bracketed(values[place]);
    if (cell.shows === text) return;
    cell.shows = text;
    cell.replaceChildren(inside(values[place]));
  });
  line.setAttribute("aria-label", `${symbols} = ${exact(path.product)}`);
  line.dataset.product = String(path.product);
  patch(result, formula(m("mrow", operator(equals(path.product)), value(path.product))));
  patch(cut, cuttingLine(app, path));
}

/** The values of the factors that have a place in the line. */
function numbersShown(groups) {
  const { first, last } = ends(groups, MOST_GROUPS);
  return [...first.flat(), ...last.flat()].map(({ value: each }) => each);
}

function layerGroup(app, group, goesOn) {
  const written = product(group, goesOn);
  const cells = written.querySelectorAll("mfrac");
  group.forEach((factor, place) => standsFor(app, cells[place], factor));
  const meaning = group.map((factor) => `${partial(factor.top, factor.bottom)} = ${factor.meaning}`).join("\n");
  return h("span.group", { title: meaning }, written, h("span.layer", null, group[0].layer));
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
  const result = formula(m("mrow", operator(equals(trace.gradient)), value(trace.gradient)));
  return h("div.sums", { tabindex: 0, role: "group", "aria-label": worded("The products added") }, formula(m("mrow", operator("="), ...numbers)), h("b", null, result));
}
