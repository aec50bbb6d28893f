import assert from "node:assert/strict";
import { test } from "node:test";
import { Trace } from "../src/paths.js";
import { close, documentOf, everyPath, layered, withRun } from "./helpers.js";

const NETWORKS = [
  layered([2, 2, 2]), layered([2, 2, 2, 2, 2], { seed: 2 }), layered([3, 4, 3, 2], { seed: 3, skips: true, activation: "tanh" }),
  layered([3, 4, 2], { seed: 4, output: "sigmoid", loss: "binary_cross_entropy", ofSums: true }),
  withRun(documentOf([["I1", "B1"], ["H1", "H2"], ["O1", "O2"]], [["I1", "H1"], ["B1", "H2"], ["H1", "O1"], ["O1", "O2"], ["H1", "O2"]]), 5),
];

function traces() {
  return NETWORKS.flatMap(({ network, run }) => [
    ...network.connections.map((c, index) => new Trace(network, run, { kind: "connection", index })),
    ...network.nodes.map((node, index) => new Trace(network, run, { kind: "node", index })),
  ]);
}

test("the gradient is the sum over all paths, and the engine's", () => {
  for (const trace of traces()) {
    const paths = trace.listed(10000);
    assert.equal(String(paths.length), trace.count);
    const sum = paths.reduce((total, { product }) => total + product, 0);
    assert.ok(close(sum, trace.gradient, trace.scale));
    assert.ok(close(trace.engine, trace.gradient, trace.scale));
  }
});

test("what is highlighted is what lies on some path", () => {
  for (const trace of traces()) {
    const paths = everyPath(trace.network, trace.goal);
    const connections = new Set(paths.flat());
    if (trace.weight !== null && paths.length) connections.add(trace.weight);
    assert.deepEqual([...trace.connections].sort(), [...connections].sort());
  }
});

test("the strongest paths are the largest products, best first, whatever the limit", () => {
  for (const trace of traces()) {
    const all = trace.listed(10000).map(({ product }) => Math.abs(product)).sort((a, b) => b - a);
    for (const limit of [1, 3, all.length]) {
      const found = trace.strongest(limit).map(({ product }) => Math.abs(product));
      found.forEach((product, place) => assert.ok(close(product, all[place], all[0])));
      assert.equal(found.length, Math.min(limit, all.length));
    }
  }
});

test("equal products, however many, cost no more than others", () => {
  const sizes = [1, ...Array(60).fill(4), 1];
  for (const weight of [0.5, 0]) {
    const { network, run } = layered(sizes, { activation: "linear" });
    const equal = { ...run, weights: run.weights.map(() => weight), slope: run.slope.map(() => 1) };
    const trace = new Trace(network, equal, { kind: "connection", index: 0 });
    const found = trace.strongest(200);
    assert.ok(BigInt(trace.count) > 2n ** 100n);
    assert.equal(new Set(found.map(({ connections }) => connections.join(" "))).size, 200);
    assert.ok(found.every(({ product }) => close(product, found[0].product, Math.abs(found[0].product))));
  }
});

test("Figure 3: the two products of W1, in the article's order", () => {
  const { network, run } = NETWORKS[0];
  const trace = new Trace(network, run, { kind: "connection", index: 0 });
  const names = trace.listed(10).map((path) => trace.chain(path).map(({ top, bottom }) => `${top}/${bottom}`).join(" "));
  assert.deepEqual(names, ["e/OA1 OA1/O1 O1/HA1 HA1/H1 H1/W1", "e/OA2 OA2/O2 O2/HA1 HA1/H1 H1/W1"]);
});

test("Figure 6: the eight paths of W1 go output by output, then source by source", () => {
  const { network, run } = NETWORKS[1];
  const trace = new Trace(network, run, { kind: "connection", index: 0 });
  const routes = trace.listed(10).map(({ nodes }) => nodes.slice(2).map((node) => network.nodes[node].name).reverse().join(" "));
  assert.deepEqual(routes.slice(0, 3), ["O1 H5 H3", "O1 H5 H4", "O1 H6 H3"]);
  assert.equal(routes.length, 8);
});

test("numbers that are not finite come first, and nothing hangs", () => {
  const { network, run } = NETWORKS[1];
  const broken = { ...run, slope: run.slope.map((slope, node) => (network.nodes[node].name === "H5" ? NaN : slope)) };
  const trace = new Trace(network, broken, { kind: "connection", index: 0 });
  assert.ok(Number.isNaN(trace.strongest(3)[0].product));
  assert.ok(Number.isNaN(trace.gradient));
});

test("without a target there are paths, but no numbers", () => {
  const { network, run } = NETWORKS[0];
  const trace = new Trace(network, { ...run, seed: null, delta: null, gradient: null, error: null }, { kind: "connection", index: 0 });
  assert.equal(trace.known, false);
  assert.equal(trace.listed(10).length, 2);
  assert.ok(Number.isNaN(trace.gradient));
});
