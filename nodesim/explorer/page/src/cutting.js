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
  return h("p.hint", null, h("b", null, "Without this path"), `: nothing comes along it, and all else stays as it is. A path that says nothing of it would leave ${nameOf(trace)} as it is, to the digits shown. Its product predicts −${weighted(trace)} · the product.`);
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
    h("span", null, `Without this path ${nameOf(trace)} would be `, h("b", null, would), ` instead of ${was}`), " ", h("span", null, `(${withSign(change)}; its product predicts ${withSign(predicted)}).`));
}

function meaning(trace) {
  return `Calculated forward: along this path each node sees the value it would have without what comes along, every other node the old one. The product predicts −${weighted(trace)} · the product.`;
}

function weighted({ network, weight, goal }) {
  return shown(weight === null ? network.nodes[goal].quantity : network.connections[weight].quantity);
}

function nameOf({ start }) {
  return shown(start.name);
}
