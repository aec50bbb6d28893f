/** What the author of a page says to try: above the explanation, closed and opened again by the reader. */

import { h } from "./dom.js";
import { shown } from "./names.js";

/** @param {import("./app.js").App} app */
export function guide({ document }) {
  if (!document.guide?.length) return null;
  return h("details.guide", { open: true },
    h("summary", null, "Try this"),
    h("ol", null, document.guide.map((sentence) => h("li", { dir: "auto" }, shown(sentence)))));
}
