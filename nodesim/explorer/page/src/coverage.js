/** Which paths are listed, in which order, and how much of the gradient they are. */

import { button, h } from "./dom.js";
import { short } from "./names.js";
import { minus, number, percent, plural } from "./numbers.js";
import { MOST_LISTED } from "./paths.js";
import { shareOf } from "./shares.js";

const MORE = [10, 25, 50, 100, MOST_LISTED];

/**
 * @param {import("./app.js").App} app
 * @param {import("./app.js").Listing} listing
 * @param {boolean} [choice] Whether the reader may choose the order here.
 */
export function coverage(app, listing, choice = true) {
  const ordered = choice && app.trace.known && app.trace.count !== "1";
  return h("div.coverage", null, ordered && orders(app), listing.whole ? all(app.trace, listing) : part(app, listing));
}

function orders(app) {
  const choice = (value, label) => button(label, () => app.state.set({ sort: value }), { "aria-pressed": String(app.listing.order === value), "data-keep": `sort-${value}` });
  return h("div.segmented", { role: "group", "aria-label": "Order of the paths" }, choice("article", `From ${short(app.trace.start.name)} back`), choice("strongest", "Strongest first"));
}

function all(trace, listing) {
  const many = listing.paths.length === 2 ? "Both paths" : `All ${plural(trace.count, "path")}`;
  const words = listing.paths.length === 1 ? "The only path." : `${many}: together the whole ${trace.start.noun}.`;
  return h("p.verdict.good", { "data-covered": "all" }, `✓ ${words}`);
}

function part(app, listing) {
  const { trace } = app;
  const rest = plural(minus(trace.count, listing.paths.length), "path");
  const shown = plural(String(listing.paths.length), "path");
  if (!trace.known) return h("p.verdict.warning", { "data-covered": "part" }, h("b", null, `⚠ ${shown} of ${plural(trace.count, "path")}. `), more(app));
  const part = listing.paths.reduce((sum, path) => sum + shareOf(trace, path), 0);
  const share = Number.isFinite(part) ? `, ${percent(part)} of the sum of all |products|` : "";
  return h("p.verdict.warning", { "data-covered": "part" },
    h("b", null, `⚠ Not the whole ${trace.start.noun}. `),
    `The ${shown} shown add ${number(listing.sum, 4)}${share}; the other ${rest} add ${number(trace.gradient - listing.sum, 4)}. `,
    more(app),
  );
}

function more(app) {
  const next = MORE.find((many) => many > app.state.values.shown);
  if (!next) return `A list never holds more than ${MOST_LISTED}; the tree is the whole.`;
  return button(`Show ${next}`, () => app.state.set({ shown: next }), { "data-keep": "more", class: "small" });
}
