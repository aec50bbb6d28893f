/** The listed paths as routes, with how much each adds. */

import { cuttingHint, cuttingLine } from "./cutting.js";
import { h } from "./dom.js";
import { ends } from "./ends.js";
import { shown } from "./names.js";
import { number, percent } from "./numbers.js";
import { standsForPath } from "./pointing.js";
import { SHARE, shareOf, track } from "./shares.js";

const MOST_NODES = 24;

/** @param {import("./app.js").App} app @param {import("./app.js").Listing} listing */
export function ranking(app, { paths }) {
  return [
    h("ol.ranking", { "aria-label": "Paths" }, paths.map((path) => row(app, path))),
    app.trace.known && h("p.hint", null, `The bar and the percentage: ${SHARE}; striped where the product is below 0.`),
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
  const line = h("li", { tabindex: 0, "data-product": String(path.product), "aria-label": `${route}: ${number(path.product)}, ${share} of the sum of all |products|` },
    h("span.route", null, route), h("span.amount", null, number(path.product, 4)), h("span.share", null, share),
    track(part, path.product < 0 ? "bar negative" : "bar"), cuttingLine(app, path),
  );
  return standsForPath(app, line, path);
}

function routeOf(names, to) {
  const { first, between, last } = ends(names.map(shown), MOST_NODES);
  return [...first, ...(between ? [`⋯ ${between} more ⋯`] : []), ...last, shown(to)].join(" → ");
}
