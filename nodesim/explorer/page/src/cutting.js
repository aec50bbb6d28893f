/** Beside the product of a path: what cutting this one path would change. */

import { cut, cuts } from "./cut.js";
import { h } from "./dom.js";
import { shown } from "./names.js";
import { whyPython } from "./network.js";
import { number, withSign } from "./numbers.js";

/** What the lines mean, once for a list; or why there are none. @param {import("./app.js").App} app */
export function cuttingHint({ trace }) {
  if (!trace.known) return null;
  if (!cuts(trace)) return h("p.hint", null, `What cutting a path would change is not shown here: ${whyPython(trace.network.document)}. Its paths say it in Python, by .cuts().`);
  return h("p.hint", null, h("b", null, "Cut"), `: how ${nameOf(trace)} changes when nothing comes along this one path and all else stays as it is. First order: what its product predicts.`);
}

/** One path. @param {import("./app.js").App} app @param {import("./paths.js").Path} path */
export function cuttingLine({ trace }, path) {
  // What it is before: e, or what an output sends.
  const before = trace.start.ofError ? trace.run?.error : trace.run?.activated[trace.start.output];
  if (!cuts(trace)) return null;
  const { change, predicted } = cut(trace, path);
  return h("span.cut", { title: meaning(trace), "data-change": String(change), "data-predicted": String(predicted), "data-after": String(before + change) },
    h("span", null, `Cut: ${nameOf(trace)} changes by `, h("b", null, withSign(change))), " ", h("span", null, `from ${number(before)} to `, h("b", null, number(before + change))), " ", h("span", null, `(first order ${withSign(predicted)})`));
}

function meaning(trace) {
  const { network, weight, goal } = trace;
  const by = shown(weight === null ? network.nodes[goal].quantity : network.connections[weight].quantity);
  return `Calculated forward: along this path each node sees the value it would have without what comes along, every other node the old one. First order: −${by} · the product.`;
}

function nameOf({ start }) {
  return shown(start.name);
}
