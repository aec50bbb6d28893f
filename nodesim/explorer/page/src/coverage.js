/** Which paths are listed, in which order, and how much of the gradient they are. */

import { button, h } from "./dom.js";
import { short } from "./names.js";
import { minus, number, percent, plural } from "./numbers.js";
import { MOST_LISTED } from "./paths.js";
import { shareOf } from "./shares.js";
import { marked, worded } from "./words.js";

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
  return h("div.segmented", { role: "group", "aria-label": worded("Order of the paths") }, choice("article", worded("From {start} back", { start: short(app.trace.start.name) })), choice("strongest", worded("Strongest first")));
}

function all(trace, listing) {
  const { ofError } = trace.start;
  const both = ofError ? marked("Both paths: together the whole gradient.") : marked("Both paths: together the whole derivative.");
  const more = ofError ? marked("All {paths}: together the whole gradient.") : marked("All {paths}: together the whole derivative.");
  const words = [marked("The only path."), both][listing.paths.length - 1] ?? more;
  return h("p.verdict.good", { "data-covered": "all" }, `✓ ${worded(words, { paths: plural(trace.count, "path") })}`);
}

function part(app, listing) {
  const { trace } = app;
  const rest = plural(minus(trace.count, listing.paths.length), "path");
  const shown = plural(String(listing.paths.length), "path");
  if (!trace.known) return h("p.verdict.warning", { "data-covered": "part" }, h("b", null, `⚠ ${worded("{shown} of {all}.", { shown, all: plural(trace.count, "path") })} `), more(app));
  const part = listing.paths.reduce((sum, path) => sum + shareOf(trace, path), 0);
  const told = { paths: shown, sum: number(listing.sum, 4), share: percent(part), others: rest, rest: number(trace.gradient - listing.sum, 4) };
  return h("p.verdict.warning", { "data-covered": "part" },
    h("b", null, `⚠ ${worded(trace.start.ofError ? marked("Not the whole gradient.") : marked("Not the whole derivative."))} `),
    worded(Number.isFinite(part) ? marked("The {paths} shown add {sum}, {share} of the sum of all |products|; the other {others} add {rest}.") : marked("The {paths} shown add {sum}; the other {others} add {rest}."), told), " ",
    more(app),
  );
}

function more(app) {
  const next = MORE.find((many) => many > app.state.values.shown);
  if (!next) return worded("A list never holds more than {most}; the tree is the whole.", { most: MOST_LISTED });
  return button(worded("Show {count}", { count: next }), () => app.state.set({ shown: next }), { "data-keep": "more", class: "small" });
}
