import assert from "node:assert/strict";
import { test } from "node:test";
import { cut, cuts } from "../src/cut.js";
import { calculate } from "../src/engine.js";
import { Trace } from "../src/paths.js";
import { Start } from "../src/starts.js";
import { close, documentOf, layered, withRun } from "./helpers.js";

const BRANCHED = [[["I1", "B1"], ["H1", "H2"], ["O1", "O2"]], [["I1", "H1"], ["B1", "H2"], ["H1", "O1"], ["O1", "O2"], ["H1", "O2"], ["H2", "O2"]]];

/** Written out once more, by hand. */
const F = { sigmoid: (z) => 1 / (1 + Math.exp(-z)), tanh: Math.tanh, linear: (z) => z };
const E = {
  mse: (y, z, f) => y.reduce((sum, target, place) => sum + (target - f(z[place])) ** 2, 0) / y.length,
  binary_cross_entropy: (y, z) => y.reduce((sum, target, place) => sum + Math.log(1 + Math.exp(z[place])) - target * z[place], 0) / y.length,
};

function networks() {
  return [
    layered([2, 2, 2, 2, 2]), layered([3, 3, 2], { seed: 3, skips: true, activation: "tanh", output: "sigmoid" }),
    withRun(documentOf(...BRANCHED, { activation: "tanh", output: "sigmoid" }), 5),
    withRun(documentOf(...BRANCHED, { output: "sigmoid", loss: "binary_cross_entropy", ofSums: true }), 6),
  ];
}

/** What is derived, where one path is cut: from the sums of the network on, by hand. */
function patched({ network, run, y }, trace, path) {
  const { nodes, connections, outputs, document } = network;
  const f = (node) => F[nodes[node].activation] ?? F.linear;
  const sum = (node) => run.value[node];
  const weighted = trace.weight !== null;
  let node = trace.goal;
  let z = weighted ? sum(node) - run.weights[trace.weight] * run.activated[connections[trace.weight].source] : 0;
  for (const c of weighted ? path.connections.slice(1) : path.connections) {
    const { source, target } = connections[c];
    assert.equal(source, node);
    z = sum(target) - run.weights[c] * (f(node)(sum(node)) - f(node)(z));
    node = target;
  }
  if (!trace.start.ofError) return f(node)(z) - f(node)(sum(node));
  const error = E[document.loss.name];
  const seen = outputs.map((output) => (output === node ? z : sum(output)));
  return error(y, seen, f(node)) - error(y, outputs.map(sum), f(node));
}

function* everyCut() {
  for (const made of networks()) {
    const { network, run } = made;
    for (const to of [null, ...network.outputs]) {
      for (const kind of ["connection", "node"]) {
        for (const index of (kind === "node" ? network.nodes : network.connections).keys()) {
          const trace = new Trace(network, run, { kind, index }, new Start(network, to));
          for (const path of trace.listed(200)) yield { made, trace, path, ...cut(trace, path) };
        }
      }
    }
  }
}

test("a path that is cut changes what a forward by hand says", () => {
  let many = 0;
  for (const { made, trace, path, change } of everyCut()) {
    assert.ok(close(change, patched(made, trace, path), 1), `${change}`);
    many += 1;
  }
  assert.ok(many > 500);
});

test("the first order is −W·product, of a node −H·product, of an input −I·product", () => {
  for (const { trace, path, predicted } of everyCut()) {
    const { run, weight, goal } = trace;
    const taken = weight === null ? run.value[goal] : run.weights[weight];
    assert.equal(predicted, -taken * path.product);
  }
});

test("where one path is all there is, cutting it is the network without the weight", () => {
  for (const skips of [false, true]) {
    const { network, run, x, y } = layered([2, 1, 1], { seed: 8, skips });
    network.connections.forEach((connection, index) => {
      const trace = new Trace(network, run, { kind: "connection", index });
      const [path, ...others] = trace.listed(2);
      assert.equal(others.length, 0);
      const without = calculate(network, run.weights.map((weight, c) => (c === index ? 0 : weight)), x, y);
      assert.ok(close(cut(trace, path).change, without.error - run.error, 1));
    });
  }
});

test("the first order is what remains when little is cut", () => {
  const { network, weights, x, y } = layered([2, 3, 2], { seed: 4 });
  const small = calculate(network, weights.map((weight, c) => (c === 0 ? 1e-5 : weight)), x, y);
  const trace = new Trace(network, small, { kind: "connection", index: 0 });
  for (const path of trace.listed(10)) {
    const { change, predicted } = cut(trace, path);
    assert.ok(Math.abs(change - predicted) < 1e-4 * Math.abs(predicted), `${change} ${predicted}`);
  }
});

test("what sends nothing changes nothing, exactly", () => {
  const { network, weights, y } = layered([2, 3, 2], { seed: 4, activation: "tanh" });
  const run = calculate(network, weights, [0, 1], y);
  const trace = new Trace(network, run, { kind: "connection", index: 0 });
  for (const path of trace.listed(10)) assert.equal(cut(trace, path).change, 0);
});

test("nothing is cut that only Python can calculate, or whose products are not known", () => {
  const { network, run } = layered([2, 2, 2]);
  const element = { kind: "connection", index: 0 };
  const own = { ...network, document: { ...network.document, editable: false } };
  const without = { ...run, seed: null, delta: null, gradient: null, error: null, targets: null };
  assert.ok(cuts(new Trace(network, run, element)));
  assert.ok(!cuts(new Trace(own, run, element)));
  assert.ok(!cuts(new Trace(network, without, element)));
  assert.ok(cuts(new Trace(network, without, element, new Start(network, network.outputs[0]))));
});
