/** The networks that a page showed before it was changed, for Undo; they stay while the page shows one after the other. */

const MOST = 30;
const kept = new WeakMap();

/** What is remembered of a page. @param {any} app @returns {{steps: {document: any, weights: Float64Array, data: any}[], seed: number}} */
export function historyOf(app) {
  const page = app.bench ?? app;
  if (!kept.has(page)) kept.set(page, { steps: [], seed: 0 });
  return kept.get(page);
}

/** Remember what is shown now. @param {any} app */
export function remember(app) {
  const { steps } = historyOf(app);
  steps.push({ document: app.document, weights: Float64Array.from(app.weights), data: app.bench?.data });
  if (steps.length > MOST) steps.shift();
}
