/** The factored tree, opening and closing. */

import { button, fill, h, section } from "./dom.js";
import { formula, fraction, inside, operator, value } from "./formula.js";
import { m } from "./dom.js";
import { isCut, number, plural } from "./numbers.js";
import { partial } from "./names.js";
import { roots } from "./tree.js";

const FIRST_OPEN = 40;
const MOST_OPEN = 200;
const MOST_BESIDE = 50;

/** @param {import("./app.js").App} app */
export function treeSection(app) {
  const list = h("ul.tree", { "aria-label": "Factored derivative" });
  const openTo = (limit) => fill(list, planted(app, roots(app.trace), opened(app, limit)));
  openTo(FIRST_OPEN);
  const element = section("Factored: add the leaves of the same layer, multiply up the branch", true,
    h("p.hint", null, "Common factors stand before the bracket: each branch is the sum of the branches below it, times its own factors."),
    h("div.segmented", { role: "group", "aria-label": "Branches" }, button("Open all", () => openTo(MOST_OPEN)), button("Close all", () => openTo(0))),
    list,
  );
  element.dataset.section = "tree";
  return element;
}

/** Return which branches are open at first: whole generations, as long as there are not more than so many branches. */
function opened(app, limit) {
  let generation = roots(app.trace);
  let [depth, many] = [0, generation.length];
  while (generation.length && many <= limit) {
    const below = generation.some((branch) => app.network.outgoing[branch.node].length > limit) ? null : generation.flatMap((branch) => branch.open());
    if (!below || many + below.length > limit) break;
    generation = below;
    many += below.length;
    depth += 1;
  }
  return depth;
}

function planted(app, branches, depth) {
  const rows = branches.slice(0, MOST_BESIDE).map((branch) => row(app, branch, depth));
  const rest = branches.slice(MOST_BESIDE);
  if (!rest.length) return rows;
  const sum = rest.reduce((total, branch) => total + branch.value, 0);
  const added = app.trace.known ? `; together they add ${number(sum)}` : "";
  const show = button("Show them", () => more.replaceWith(...rest.slice(0, MOST_OPEN).map((branch) => row(app, branch, 0))));
  const more = h("li.more", null, `${plural(String(rest.length), "more branch").replace("branchs", "branches")}${added}. `, rest.length <= MOST_OPEN && show);
  return [...rows, more];
}

function row(app, branch, depth) {
  const symbols = branch.factors.map(({ top, bottom }) => partial(top, bottom)).join("·");
  const known = app.trace.known;
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
    h("span.factors", { title: meaning(branch) }, chain(branch, known)),
    h("span.layer", null, branch.layer),
    known && h("span.value", null, formula(m("mrow", operator(isCut(branch.value) ? "≈" : "="), value(branch.value)))),
  );
  line.addEventListener("pointerenter", () => app.state.set({ pointed: branch.connections.length ? { kind: "connection", index: branch.connections[0] } : { kind: "node", index: branch.node } }));
  line.addEventListener("pointerleave", () => app.state.set({ pointed: null }));
  set(depth > 0, depth - 1);
  return h("li", null, line, inner);
}

/** The factors, behind the bracket that they multiply. */
function chain(branch) {
  const written = branch.factors.flatMap(({ top, bottom }, place) => place ? [operator("·"), fraction(top, bottom)] : [fraction(top, bottom)]);
  return formula(m("mrow", ...(branch.leaf ? [] : [m("mtext", "(Σ)"), operator("·")]), ...written));
}

function meaning(branch) {
  return branch.factors.map((factor) => `${partial(factor.top, factor.bottom)} = ${factor.meaning}${factor.known ? ` = ${number(factor.value)}` : ""}`).join("\n");
}
