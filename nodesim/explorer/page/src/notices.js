/** What is missing, and what is wrong with the numbers. */

import { h } from "./dom.js";
import { shown } from "./names.js";
import { whyPython } from "./network.js";
import { number } from "./numbers.js";
import { isEdited } from "./runs.js";

/** @param {import("./app.js").App} app */
export function notices(app) {
  const { run, document, runs } = app;
  // Where the gradient of what is selected is known, or the page itself has trained, nothing is missing.
  const missing = app.trace?.known || runs.moments.length > document.epochs.length ? [] : document.missing;
  const sentences = missing.map((sentence) => h("p.notice", null, shown(sentence)));
  const bad = run?.bad;
  if (runs.error) sentences.unshift(h("p.notice.warning", { role: "note" }, `⚠ ${shown(runs.error)}`));
  if (bad) sentences.unshift(h("p.notice.warning", { role: "note" }, `⚠ Not all numbers are finite: ${shown(bad.name)} is ${number(bad.value)}. What depends on it means nothing.`));
  const edited = isEdited(app.state.values.edits);
  if (!run && edited && !runs.error) sentences.push(h("p.notice", null, "Python is calculating …"));
  if (!run && !edited && document.samples.length) sentences.push(h("p.notice", null, "The values of this sample and epoch were left out of the document; choose another."));
  if (run && !run.seed && !bad && !document.missing.length && !app.trace?.known) sentences.push(h("p.notice", null, "This sample has no target: there is no error and no gradient, only the paths."));
  if (!runs.editable && document.samples.length && app.state.values.selected) {
    sentences.push(h("p.hint", null, `Values cannot be changed in this page: ${whyPython(document)}.`));
  }
  return sentences;
}
