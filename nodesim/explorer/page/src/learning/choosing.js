/** Another data set for the network, or a network for another data set. */

import { remember } from "../building/history.js";
import { layered } from "../building/index.js";
import { samplesOf } from "../data/samples.js";
import { takes } from "../desired.js";
import { worded } from "../words.js";

/** Nodes of the hidden layer of a network that has none to begin with. */
const HIDDEN = 4;

/**
 * Show a data set: in the network that is shown, where inputs and outputs are as many and its loss takes them, else in a layered one.
 * @param {import("../app.js").App} app
 * @param {any} dataSet Null for the samples that the page came with, and its network.
 */
export function choose(app, dataSet) {
  remember(app);
  app.bench.data = dataSet;
  if (!dataSet) return app.back();
  const { document } = app;
  const samples = samplesOf(dataSet);
  if (fits(app.network, dataSet)) return app.rebuild({ document: { ...document, samples, missing: [] }, weights: app.runs.moments.of(0) });
  const made = layered(document, { hidden: hiddenSizes(document), inputs: dataSet.inputs.length, outputs: dataSet.outputs.length, ...functionsFor(dataSet), seed: 1 });
  const { title, loss, nodes } = made.document;
  const inHidden = nodes.find(({ kind }) => kind === "hidden").activation;
  const missing = [worded("{data} has {inputs} inputs and {outputs} outputs, so this is another network: {title}, {activation}, {loss}. “Undo” brings the one before back.", { data: dataSet.name, inputs: dataSet.inputs.length, outputs: dataSet.outputs.length, title, activation: inHidden, loss: loss.name })];
  return app.rebuild({ document: { ...made.document, samples, missing }, weights: made.weights });
}

function fits(network, { inputs, outputs, y }) {
  return network.inputs.length === inputs.length && network.outputs.length === outputs.length && takes(network.document, y.flat());
}

/** How many nodes each hidden layer has, besides bias nodes. */
function hiddenSizes({ layers, nodes }) {
  const sizes = layers.map((_, layer) => nodes.filter((node) => node.layer === layer && node.kind === "hidden").length).filter(Boolean);
  return sizes.length ? sizes : [HIDDEN];
}

/** What the outputs of a data set need: a share of each class, one probability, or any number. */
function functionsFor({ kind, outputs }) {
  if (kind === "numbers") return { activation: "tanh", outputActivation: "linear", loss: "mse" };
  const many = outputs.length > 1;
  return { activation: "tanh", outputActivation: many ? "linear" : "sigmoid", loss: many ? "softmax_cross_entropy" : "binary_cross_entropy" };
}
