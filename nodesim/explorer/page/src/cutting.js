/** Beside the product of a path: what cutting this one path would change. */

import { cut, cuts } from "./cut.js";
import { h } from "./dom.js";
import { shown } from "./names.js";
import { whyPython } from "./network.js";
import { number, withSign } from "./numbers.js";
import { worded, woven } from "./words.js";

/** What the lines mean, once for a list; or why there are none. @param {import("./app.js").App} app */
export function cuttingHint({ trace }) {
  if (!trace.known) return null;
  if (!cuts(trace)) return h("p.hint", null, worded("What cutting a path would change is not shown here: {reason}. Its paths say it in Python, by .cuts().", { reason: whyPython(trace.network.document) }));
  return h("p.hint", null, woven(worded("{without}: nothing comes along it, and all else stays as it is. A path that says nothing of it would leave {start} as it is, to the digits shown. Its product predicts −{weight} · the product."), { without: h("b", null, worded("Without this path")), start: nameOf(trace), weight: weighted(trace) }));
}

/** One path: what would be without it, where that can be seen. @param {import("./app.js").App} app @param {import("./paths.js").Path} path */
export function cuttingLine({ trace }, path) {
  // What it is before: e, or what an output sends.
  const before = trace.start.ofError ? trace.run?.error : trace.run?.activated[trace.start.output];
  if (!cuts(trace)) return null;
  const { change, predicted } = cut(trace, path);
  const [was, would] = [number(before), number(before + change)];
  const data = { "data-change": String(change), "data-predicted": String(predicted), "data-after": String(before + change) };
  return h("span.cut", { title: meaning(trace), hidden: was === would, ...data },
    h("span", null, woven(worded("Without this path {start} would be {would} instead of {was}"), { start: nameOf(trace), would: h("b", null, would), was })), " ", h("span", null, worded("({change}; its product predicts {predicted}).", { change: withSign(change), predicted: withSign(predicted) })));
}

function meaning(trace) {
  return worded("Calculated forward: along this path each node sees the value it would have without what comes along, every other node the old one. The product predicts −{weight} · the product.", { weight: weighted(trace) });
}

function weighted({ network, weight, goal }) {
  return shown(weight === null ? network.nodes[goal].quantity : network.connections[weight].quantity);
}

function nameOf({ start }) {
  return shown(start.name);
}
