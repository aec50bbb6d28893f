/** The listed paths as routes, with how much each adds. */

import { cuttingHint, cuttingLine } from "./cutting.js";
import { h } from "./dom.js";
import { ends } from "./ends.js";
import { shown } from "./names.js";
import { number, percent } from "./numbers.js";
import { standsForPath } from "./pointing.js";
import { size } from "./sums.js";

const MOST_NODES = 24;

/** @param {import("./app.js").App} app @param {import("./app.js").Listing} listing */
export function ranking(app, { paths }) {
  const most = Math.max(...paths.map(({ product }) => size(product)));
  return [
    h("ol.ranking", { "aria-label": "Paths" }, paths.map((path) => row(app, path, most))),
    cuttingHint(app),
    app.trace.known && h("p.hint", null, "The bar shows the size of the product; a broken bar is below 0."),
  ];
}

function row(app, path, most) {
  const { nodes } = app.network;
  const { gradient, known, start } = app.trace;
  const route = routeOf(path.nodes.map((node) => nodes[node].name), start.name);
  if (!known) return standsForPath(app, h("li", { tabindex: 0 }, h("span.route", null, route)), path);
  const share = gradient !== 0 ? percent(path.product / gradient, 3) : "";
  const bar = h("i", { class: path.product < 0 ? "bar negative" : "bar" });
  bar.style.width = `${most > 0 && Number.isFinite(most) ? Math.max(0.5, (100 * size(path.product)) / most) : 0.5}%`;
  const line = h("li", { tabindex: 0, "data-product": String(path.product), "aria-label": `${route}: ${number(path.product)}, ${share} of the ${start.noun}` },
    h("span.route", null, route), h("span.amount", null, number(path.product, 4)), h("span.share", null, share),
    h("span.track", { "aria-hidden": "true" }, bar), cuttingLine(app, path),
  );
  return standsForPath(app, line, path);
}

function routeOf(names, to) {
  const { first, between, last } = ends(names.map(shown), MOST_NODES);
  return [...first, ...(between ? [`⋯ ${between} more ⋯`] : []), ...last, shown(to)].join(" → ");
}
