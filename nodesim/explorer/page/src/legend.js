/** What the lines mean. */

import { h, s } from "./dom.js";

/** @param {boolean} error Whether e is drawn. */
export function legend(error) {
  return h("p.legend", null,
    h("span", null, sample(""), "weight > 0"), h("span", null, sample("dashed"), "weight < 0"), h("span.thick", null, "thick: large"),
    error && h("span.weightless", null, sample("dotted"), "into e: no weight"),
  );
}

function sample(kind) {
  return s("svg", { width: 30, height: 8, "aria-hidden": "true" }, s("line", { x1: 0, y1: 4, x2: 30, y2: 4, class: kind }));
}
