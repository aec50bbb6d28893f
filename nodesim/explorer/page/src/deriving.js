/** What is derived: e, or what an output sends. */

import { h } from "./dom.js";
import { shown } from "./names.js";
import { worded, woven } from "./words.js";

/** The choice beside the derivative. @param {import("./app.js").App} app */
export function deriving(app) {
  const { nodes, outputs } = app.network;
  const option = (value, words, chosen) => h("option", { value, selected: chosen }, words);
  const { to } = app.state.values;
  const choice = h("select", { "data-keep": "to", "aria-label": worded("Derive"), change: () => app.derive(choice.value === "" ? null : Number(choice.value)) },
    option("", worded("e, the error"), to === null),
    outputs.map((node) => option(String(node), shown(nodes[node].activated), node === to)));
  return h("p.deriving", null, h("label.control", null, h("span", null, worded("Derive")), choice), h("span", null, " ", woven(worded("or click {mark} beside an output"), { mark: h("span.mark", { "aria-hidden": "true" }, "◎") })));
}
