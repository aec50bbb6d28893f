/** The factored tree, opening and closing. */

import { button, fill, h, m } from "./dom.js";
import { formula, fraction, operator, value } from "./formula.js";
import { partial } from "./names.js";
import { isCut, number } from "./numbers.js";
import { standsFor } from "./pointing.js";
import { roots } from "./tree.js";

const FIRST_OPEN = 40;
const MOST_OPEN = 200;
const MOST_BESIDE = 50;

/** @param {import("./app.js").App} app */
export function treeView(app) {
  const list = h("ul.tree", { "aria-label": "Factored derivative" });
  const openTo = (limit) => fill(list, planted(app, roots(app.trace), generations(app, limit)));
  openTo(FIRST_OPEN);
  return [
    h("p.hint", null, h("b", null, "Add the leaves of the same layer, multiply up the branch: "), "(Σ) is the sum of the branches below; the factors that these have in common stand behind it, once."),
    h("div.segmented", { role: "group", "aria-label": "Branches" }, button("Open all", () => openTo(MOST_OPEN)), button("Close all", () => openTo(0))),
    list,
  ];
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

function planted(app, branches, depth) {
  const rows = branches.slice(0, MOST_BESIDE).map((branch) => row(app, branch, depth));
  const rest = branches.slice(MOST_BESIDE);
  if (!rest.length) return rows;
  const sum = rest.reduce((total, branch) => total + branch.value, 0);
  const words = `${rest.length} more of this layer${app.trace.known ? `; together they add ${number(sum)}` : ""}. `;
  const more = h("li.more", null, words, rest.length <= MOST_OPEN && button("Show them", () => more.replaceWith(...rest.map((branch) => row(app, branch, 0))), { class: "small" }));
  return [...rows, more];
}

function row(app, branch, depth) {
  const symbols = branch.factors.map(({ top, bottom }) => partial(top, bottom)).join("·");
  const { known } = app.trace;
  const spoken = `${symbols}, ${branch.layer}${known ? `, adds ${number(branch.value)}` : ""}`;
  const inner = h("ul", { "aria-label": `Branches of ${symbols}` });
  let open = false;
  const set = (wanted, levels) => {
    open = wanted && !branch.leaf;
    fill(inner, open ? planted(app, branch.open(), levels) : []);
    inner.hidden = !open;
    toggle?.setAttribute("aria-expanded", String(open));
  };
  const toggle = branch.leaf ? null : button("", () => set(!open, 0), { class: "toggle", "aria-expanded": "false", "aria-label": `Branches of ${spoken}` });
  const line = h("div.branch", { "data-symbols": symbols, "data-value": known ? String(branch.value) : null, "data-leaf": branch.leaf },
    toggle ?? h("span.leaf", { "aria-hidden": "true" }),
    h("span.factors", { title: meaning(branch) }, chain(branch)),
    h("span.layer", null, branch.layer),
    known && h("span.value", null, formula(m("mrow", operator(isCut(branch.value) ? "≈" : "="), value(branch.value)))),
  );
  const [connection] = branch.connections;
  standsFor(app, line, connection === undefined ? { kind: "node", index: branch.node } : { kind: "connection", index: connection });
  set(depth > 0, depth - 1);
  return h("li", null, line, inner);
}

/** The factors, behind the bracket that they multiply. */
function chain(branch) {
  const written = branch.factors.flatMap(({ top, bottom }, place) => (place ? [operator("·"), fraction(top, bottom)] : [fraction(top, bottom)]));
  return formula(m("mrow", ...(branch.leaf ? [] : [m("mtext", "(Σ)"), operator("·")]), ...written));
}

function meaning(branch) {
  return branch.factors.map(({ top, bottom, meaning: words, known, value: number_ }) => `${partial(top, bottom)} = ${words}${known ? ` = ${number(number_)}` : ""}`).join("\n");
}
