/** What the author of a page says to try: above the explanation, closed and opened again by the reader. */

import { h } from "./dom.js";
import { shown } from "./names.js";
import { worded } from "./words.js";

/** @param {import("./app.js").App} app */
export function guide({ document, bench }) {
  // It speaks of the network that the page came with: of another one that the reader made, it would say what is not so.
  if (!document.guide?.length || document !== bench.document) return null;
  return h("details.guide", { open: true },
    h("summary", null, worded("Try this")),
    h("ol", null, document.guide.map((sentence) => h("li", { dir: "auto" }, shown(sentence)))));
}
