/** The listed paths as routes, with how much each adds. */

import { cuttingHint, cuttingLine } from "./cutting.js";
import { h } from "./dom.js";
import { ends } from "./ends.js";
import { shown } from "./names.js";
import { number, percent } from "./numbers.js";
import { standsForPath } from "./pointing.js";
import { SHARE, shareOf, track } from "./shares.js";
import { worded } from "./words.js";

const MOST_NODES = 24;

/** @param {import("./app.js").App} app @param {import("./app.js").Listing} listing */
export function ranking(app, { paths }) {
  return [
    h("ol.ranking", { "aria-label": worded("Paths") }, paths.map((path) => row(app, path))),
    app.trace.known && h("p.hint", null, worded("The bar and the percentage: the path’s share of the sum of all |products|; striped where the product is below 0.")),
    cuttingHint(app),
  ];
}

function row(app, path) {
  const { nodes } = app.network;
  const { known, start } = app.trace;
  const route = routeOf(path.nodes.map((node) => nodes[node].name), start.name);
  if (!known) return standsForPath(app, h("li", { tabindex: 0 }, h("span.route", null, route)), path);
  const part = shareOf(app.trace, path);
  const share = Number.isFinite(part) ? percent(part, 3) : "";
  const line = h("li", { tabindex: 0, "data-product": String(path.product), "aria-label": worded("{route}: {product}, {share} of the sum of all |products|", { route, product: number(path.product), share }) },
    h("span.route", null, route), h("span.amount", null, number(path.product, 4)), h("span.share", null, share),
    track(part, path.product < 0 ? "bar negative" : "bar"), cuttingLine(app, path),
  );
  return standsForPath(app, line, path);
}

function routeOf(names, to) {
  const { first, between, last } = ends(names.map(shown), MOST_NODES);
  return [...first, ...(between ? [worded("⋯ {count} more ⋯", { count: between })] : []), ...last, shown(to)].join(" → ");
}
