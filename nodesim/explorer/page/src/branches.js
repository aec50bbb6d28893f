/** The factored tree, opening and closing. */

import { button, fill, h, m } from "./dom.js";
import { ends } from "./ends.js";
import { formula, magnitude, operator, product, value } from "./formula.js";
import { partial } from "./names.js";
import { equals, number } from "./numbers.js";
import { standsFor } from "./pointing.js";
import { roots } from "./tree.js";
import { marked, worded } from "./words.js";

const FIRST_OPEN = 40;
const MOST_OPEN = 200;
const MOST_BESIDE = 50;
const MOST_ADDED = 6;
const DIGITS = 4;

/** Which branches of what was shown last the reader has opened and closed, by page. @type {WeakMap<object, {key: string, limit: number, set: Map<string, boolean>}>} */
const opened = new WeakMap();

/** @param {import("./app.js").App} app */
export function treeView(app) {
  const key = JSON.stringify([app.trace.element, app.trace.start.key]);
  if (opened.get(app)?.key !== key) opened.set(app, { key, limit: FIRST_OPEN, set: new Map() });
  const list = h("ul.tree", { "aria-label": worded("Factored derivative") });
  const plant = () => fill(list, planted(app, roots(app.trace), generations(app, opened.get(app).limit), ""));
  const openTo = (limit) => {
    opened.set(app, { key, limit, set: new Map() });
    plant();
  };
  plant();
  // Its branches open from the numbers that they were made with.
  wholly(list);
  return [
    h("p.hint", null, h("b", null, worded("Add the leaves under the same branch, multiply up the branch:")), " ", worded("Σ is the sum of the branches below; the factors that these have in common stand behind it, once, each with its number under it.")),
    wholly(h("div.segmented", { role: "group", "aria-label": worded("Branches") }, button(worded("Open all"), () => openTo(MOST_OPEN), { "data-keep": "open all" }), button(worded("Close all"), () => openTo(0), { "data-keep": "close all" }))),
    list,
  ];
}

/** Let an element be replaced when it is shown anew. */
function wholly(element) {
  element.madeWhole = true;
  return element;
}

/** How many generations of branches are open at first: whole ones, as long as there are not more than so many branches. */
function generations(app, limit) {
  let generation = roots(app.trace);
  let [depth, many] = [0, generation.length];
  while (generation.some((branch) => !branch.leaf)) {
    if (generation.some((branch) => app.network.outgoing[branch.node].length > limit)) break;
    generation = generation.flatMap((branch) => branch.open());
    many += generation.length;
    if (many > limit) break;
    depth += 1;
  }
  return depth;
}

function planted(app, branches, depth, route) {
  const rows = branches.slice(0, MOST_BESIDE).map((branch, place) => row(app, branch, depth, `${route} ${place}`));
  const rest = branches.slice(MOST_BESIDE);
  if (!rest.length) return rows;
  const sum = rest.reduce((total, branch) => total + branch.value, 0);
  const words = worded(app.trace.known ? marked("{count} more of this layer; together they add {sum}.") : marked("{count} more of this layer."), { count: rest.length, sum: number(sum) });
  const more = h("li.more", null, words, " ", rest.length <= MOST_OPEN && button(worded("Show them"), () => more.replaceWith(...rest.map((branch, place) => row(app, branch, 0, `${route} ${MOST_BESIDE + place}`))), { class: "small" }));
  return [...rows, more];
}

function row(app, branch, depth, route) {
  const symbols = branch.factors.map(({ top, bottom }) => partial(top, bottom)).join("·");
  const { known } = app.trace;
  const spoken = known ? worded("{branch}, {layer}, adds {number}", { branch: symbols, layer: branch.layer, number: number(branch.value) }) : `${symbols}, ${branch.layer}`;
  const inner = h("ul", { "aria-label": worded("Branches of {branch}", { branch: symbols }) });
  let open = false;
  const set = (wanted, levels) => {
    open = wanted && !branch.leaf;
    fill(inner, open ? planted(app, branch.open(), levels, route) : []);
    inner.hidden = !open;
    toggle?.setAttribute("aria-expanded", String(open));
  };
  const turn = () => {
    opened.get(app).set.set(route, !open);
    set(!open, 0);
  };
  const toggle = branch.leaf ? null : button("", () => turn(), { class: "toggle", "data-keep": `branch${route}`, "aria-expanded": "false", "aria-label": worded("Branches of {branch}", { branch: spoken }) });
  const below = branch.leaf || !known ? [] : branch.open().map((each) => each.value);
  const sum = below.reduce((total, each) => total + each, 0);
  const line = h("div.branch", { "data-symbols": symbols, "data-value": known ? String(branch.value) : null, "data-leaf": branch.leaf },
    toggle ?? h("span.leaf", { "aria-hidden": "true" }),
    h("span.factors", { title: meaning(branch) }, chain(branch, known && !branch.leaf ? sum : NaN)),
    h("span.layer", null, branch.layer),
    known && h("span.value", null, formula(m("mrow", operator(equals(branch.value)), value(branch.value)))),
    known && added(below, sum),
  );
  const [connection] = branch.connections;
  standsFor(app, line, connection === undefined ? { kind: "node", index: branch.node } : { kind: "connection", index: connection });
  set(opened.get(app).set.get(route) ?? depth > 0, Math.max(0, depth - 1));
  return h("li", null, line, inner);
}

/** The factors, each with its number under it, behind the sum that they multiply. */
function chain(branch, sum) {
  return branch.leaf ? product(branch.factors, false) : product(branch.factors, false, { symbol: m("mtext", "Σ"), value: sum });
}

/** Σ as the sum of what the branches below add. */
function added(values, sum) {
  if (values.length < 2) return null;
  const { first, between, last } = ends(values, MOST_ADDED);
  const signed = (each, place) => (place ? [operator(each < 0 ? "−" : "+"), magnitude(each, DIGITS)] : [value(each, DIGITS)]);
  const terms = [...first.flatMap(signed), ...(between ? [operator("+"), operator("⋯")] : []), ...last.flatMap((each) => signed(each, 1))];
  return h("span.sum", null, formula(m("mrow", m("mtext", "Σ"), operator("="), ...terms, operator(equals(sum, DIGITS)), value(sum, DIGITS))));
}

function meaning(branch) {
  return branch.factors.map(({ top, bottom, meaning: words, known, value: number_ }) => `${partial(top, bottom)} = ${words}${known ? ` = ${number(number_)}` : ""}`).join("\n");
}
