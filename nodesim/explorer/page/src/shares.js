/** Each listed path's share of the gradient, as a small bar; it moves as the network learns. */

import { h } from "./dom.js";
import { ends } from "./ends.js";
import { shown } from "./names.js";
import { number, percent } from "./numbers.js";
import { standsForPath } from "./pointing.js";
import { size } from "./sums.js";
import { worded, woven } from "./words.js";

const MOST_ROWS = 4;
const MOST_NODES = 6;

/** @param {import("./app.js").App} app */
export function shares(app) {
  const { trace, network } = app;
  if (!trace.known || trace.count === "0" || trace.count === "1") return null;
  const { paths, whole } = app.ranked;
  const { scale } = trace;
  if (!(scale > 0) || !Number.isFinite(scale)) return null;
  // In one order, so that the bars move and not the rows.
  const order = [...paths].sort((a, b) => compared(a.connections, b.connections));
  const rows = order.length <= MOST_ROWS ? order : paths.slice(0, MOST_ROWS);
  const rest = 1 - rows.reduce((sum, { product }) => sum + size(product), 0) / scale;
  return h("section.shares", { "aria-label": worded("Path shares") },
    h("p.hint", null, woven(worded("{title}: each path’s share of the sum of all |products|; striped where the product is below 0:"), { title: h("b", null, worded("Path shares")) })),
    h("ol", null, rows.map((path) => row(app, network, path)),
      !(whole && rows.length === paths.length) && h("li.rest", null, h("span", null, worded("all other paths")), h("span", null, percent(Math.max(0, rest), 3)), track(rest, "bar rest"))),
  );
}

/** A path's share of the sum of all |products|. @param {import("./paths.js").Trace} trace @param {{product: number}} path */
export function shareOf({ scale }, { product }) {
  return size(product) / scale;
}

function row(app, { nodes }, path) {
  const share = shareOf(app.trace, path);
  const { first, between, last } = ends(path.nodes.map((node) => shown(nodes[node].name)), MOST_NODES);
  const route = [...first, ...(between ? ["⋯"] : []), ...last].join(" → ");
  const line = h("li", { "data-share": String(share), title: `${route}: ${number(path.product)}` },
    h("span", null, route), h("span", null, percent(share, 3)), track(share, path.product < 0 ? "bar negative" : "bar"));
  return standsForPath(app, line, path);
}

/** A bar from 0 to 100 %. @param {number} share @param {string} kind */
export function track(share, kind) {
  const bar = h("i", { class: kind });
  bar.style.width = `${Number.isFinite(share) ? Math.max(0.5, Math.min(100, 100 * share)) : 0.5}%`;
  return h("span.track", { "aria-hidden": "true" }, bar);
}

function compared(a, b) {
  const place = a.findIndex((c, at) => c !== b[at]);
  return place < 0 ? a.length - b.length : a[place] - (b[place] ?? -1);
}
