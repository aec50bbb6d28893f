/** What the lines mean. */

import { h, s } from "./dom.js";
import { worded } from "./words.js";

/** @param {boolean} error Whether e is drawn. */
export function legend(error) {
  return h("p.legend", null,
    h("span", null, sample(""), worded("weight > 0")), h("span", null, sample("dashed"), worded("weight < 0")), h("span.thick", null, worded("thick: large")),
    error && h("span.weightless", null, sample("dotted"), worded("into e: no weight")),
  );
}

function sample(kind) {
  return s("svg", { width: 30, height: 8, "aria-hidden": "true" }, s("line", { x1: 0, y1: 4, x2: 30, y2: 4, class: kind }));
}
