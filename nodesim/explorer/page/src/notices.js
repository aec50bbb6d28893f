/** What is missing, and what is wrong with the numbers. */

import { h } from "./dom.js";
import { shown } from "./names.js";
import { whyPython } from "./network.js";
import { number } from "./numbers.js";
import { isEdited } from "./runs.js";
import { worded } from "./words.js";

/** @param {import("./app.js").App} app */
export function notices(app) {
  const { run, document, runs } = app;
  // Where the gradient of what is selected is known, or the page itself has trained, nothing is missing.
  const missing = app.trace?.known || runs.moments.length > document.epochs.length ? [] : document.missing;
  const sentences = missing.map((sentence) => h("p.notice", null, shown(sentence)));
  const bad = run?.bad;
  if (runs.error) sentences.unshift(h("p.notice.warning", { role: "note" }, `⚠ ${shown(runs.error)}`));
  if (bad) sentences.unshift(h("p.notice.warning", { role: "note" }, worded("⚠ Not all numbers are finite: {name} is {number}. What depends on it means nothing.", { name: shown(bad.name), number: number(bad.value) })));
  const edited = isEdited(app.state.values.edits);
  if (!run && edited && !runs.error) sentences.push(h("p.notice", null, worded("Python is calculating …")));
  if (!run && !edited && document.samples.length) sentences.push(h("p.notice", null, worded("The values of this sample and epoch were left out of the document; choose another.")));
  if (run && !run.seed && !bad && !document.missing.length && !app.trace?.known) sentences.push(h("p.notice", null, worded("This sample has no target: there is no error and no gradient, only the paths.")));
  if (!runs.editable && document.samples.length && app.state.values.selected) {
    sentences.push(h("p.hint", null, worded("Values cannot be changed in this page: {reason}.", { reason: whyPython(document) })));
  }
  return sentences;
}
