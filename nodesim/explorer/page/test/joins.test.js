import assert from "node:assert/strict";
import { test } from "node:test";
import { cut } from "../src/cut.js";
import { calculate } from "../src/engine.js";
import { Trace } from "../src/paths.js";
import { Steps } from "../src/steps.js";
import { documentOf, close, withRun } from "./helpers.js";

const FORMS = ["product", "max", "min", "mean", "norm"];
const LAYERS = [["I1", "I2", "B1"], ["H1", "H2"], ["H3", "B2"], ["O1"]];
const CONNECTIONS = [["I1", "H1"], ["I2", "H1"], ["B1", "H1"], ["I1", "H2"], ["I2", "H2"], ["H1", "H3"], ["H2", "H3"], ["H3", "O1"], ["H1", "O1"], ["B2", "O1"]];

function made(form, seed) {
  const document = documentOf(LAYERS, CONNECTIONS, { activation: "tanh" });
  for (const node of document.nodes) if (["H1", "H3", "O1"].includes(node.name)) node.aggregation = { name: form, form };
  return withRun(document, seed);
}

test("gradients through joins are the limits of differences, and the sums of their paths", () => {
  for (const form of FORMS) {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { network, weights, x, y, run } = made(form, seed);
      weights.forEach((weight, c) => {
        const error = (change) => calculate(network, weights.map((value, place) => (place === c ? value + change : value)), x, y).error;
        const difference = (error(1e-6) - error(-1e-6)) / 2e-6;
        assert.ok(Math.abs(difference - run.gradient[c]) < 1e-6, `${form}, W${c + 1}: ${difference} ${run.gradient[c]}`);
        const trace = new Trace(network, run, { kind: "connection", index: c });
        const paths = trace.listed(100);
        assert.ok(close(paths.reduce((sum, { product }) => sum + product, 0), run.gradient[c], Math.max(trace.scale, 1e-300)));
        assert.ok(close(trace.gradient, run.gradient[c], Math.max(trace.scale, 1e-300)));
        assert.equal(trace.strongest(100).length, paths.length);
      });
    }
  }
});

test("a path that is cut takes its contribution out of what comes in", () => {
  const { network, run } = made("product", 3);
  const trace = new Trace(network, run, { kind: "connection", index: 7 });
  // Nothing comes in from H3: the product of the output is 0.
  const [path] = trace.listed(1);
  assert.ok(close(cut(trace, path).change, run.targets[0] ** 2 - run.error, 1));
});

test("steps say what H is made of", () => {
  const { network, run } = made("max", 1);
  const steps = new Steps(network, run, run.targets);
  const texts = steps.list.map((_, place) => steps.at(place)).map(({ written }) => written);
  assert.ok(texts.includes("max(I1·W1, I2·W2, B1·W3)"));
});
