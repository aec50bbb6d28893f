/** The listed paths as routes, with how much each adds. */

import { h, section } from "./dom.js";
import { shown } from "./names.js";
import { number, percent } from "./numbers.js";
import { pointing } from "./panel.js";
import { size } from "./sums.js";

/** @param {import("./app.js").App} app */
export function ranking(app) {
  const { listing, trace } = app;
  if (!trace.known || listing.paths.length < 2) return null;
  const most = Math.max(...listing.paths.map(({ product }) => size(product)));
  const title = listing.order === "strongest" ? "The strongest paths" : "How much each path adds";
  const element = section(title, true, h("ol.ranking", { "aria-label": title }, listing.paths.map((path) => row(app, path, most))));
  element.dataset.section = "ranking";
  return element;
}

function row(app, path, most) {
  const { nodes } = app.network;
  const route = path.nodes.map((node) => shown(nodes[node].name)).join(" → ");
  const share = app.trace.gradient !== 0 ? percent(path.product / app.trace.gradient) : "";
  const bar = h("i", { class: path.product < 0 ? "bar negative" : "bar" });
  bar.style.width = `${most > 0 && Number.isFinite(most) ? Math.max(1, (100 * size(path.product)) / most) : 1}%`;
  return pointing(app, h("li", { tabindex: 0, "data-product": String(path.product), "aria-label": `${route} → e: ${number(path.product)}, ${share} of the gradient` },
    h("span.route", null, `${route} → e`), h("span.amount", null, number(path.product, 4)), h("span.share", null, share), h("span.track", { "aria-hidden": "true" }, bar),
  ), path);
}
