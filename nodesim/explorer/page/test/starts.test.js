import assert from "node:assert/strict";
import { test } from "node:test";
import { calculate } from "../src/engine.js";
import { Trace } from "../src/paths.js";
import { Start } from "../src/starts.js";
import { roots } from "../src/tree.js";
import { close, documentOf, everyPath, layered, withRun } from "./helpers.js";

const NETWORKS = [
  layered([2, 2, 2, 2, 2], { seed: 2 }), layered([3, 4, 3, 2], { seed: 3, skips: true, activation: "tanh", output: "sigmoid" }),
  layered([3, 4, 2], { seed: 4, output: "sigmoid", loss: "binary_cross_entropy", ofSums: true }),
  withRun(documentOf([["I1", "B1"], ["H1", "H2"], ["O1", "O2"]], [["I1", "H1"], ["B1", "H2"], ["H1", "O1"], ["O1", "O2"], ["H1", "O2"]], { output: "tanh" }), 5),
];

/** Every element, derived to every output. */
function* traces() {
  for (const made of NETWORKS) {
    const { network, run } = made;
    for (const output of network.outputs) {
      for (const kind of ["connection", "node"]) {
        for (const index of (kind === "node" ? network.nodes : network.connections).keys()) {
          yield { ...made, output, trace: new Trace(network, run, { kind, index }, new Start(network, output)) };
        }
      }
    }
  }
}

/** The paths that end at one output, by brute force. */
function pathsTo(network, goal, output) {
  return everyPath(network, goal).filter((path) => (path.length ? network.connections[path.at(-1)].target : goal) === output);
}

test("paths to an output's OA are those that end there: counted, listed, highlighted", () => {
  for (const { network, output, trace } of traces()) {
    const paths = pathsTo(network, trace.goal, output);
    assert.equal(trace.count, String(paths.length));
    const own = trace.weight === null ? 0 : 1;
    assert.deepEqual(trace.listed(10000).map(({ connections }) => connections.slice(own).join(" ")).sort(), paths.map((path) => path.join(" ")).sort());
    const wanted = new Set(paths.flat());
    if (paths.length && trace.weight !== null) wanted.add(trace.weight);
    assert.deepEqual([...trace.connections].sort(), [...wanted].sort());
    assert.ok(!paths.length || trace.nodes.has(output));
  }
});

test("each product is that of slopes and weights, and their sum what backpropagation says", () => {
  for (const { network, run, output, trace } of traces()) {
    let sum = 0;
    for (const path of pathsTo(network, trace.goal, output)) {
      sum += path.reduce((product, c) => product * run.weights[c] * run.slope[network.connections[c].source], run.slope[output]) * trace.last;
    }
    const scale = trace.scale;
    assert.ok(close(trace.gradient, sum, scale));
    assert.ok(close(trace.engine, sum, scale));
    assert.ok(close(trace.listed(10000).reduce((total, { product }) => total + product, 0), sum, scale));
    const all = trace.listed(10000).map(({ product }) => Math.abs(product)).sort((a, b) => b - a);
    trace.strongest(3).forEach(({ product }, place) => assert.ok(close(Math.abs(product), all[place], all[0])));
  }
});

test("it is the limit of differences of OA", () => {
  for (const { network, weights, x, y, output, trace } of traces()) {
    if (trace.weight === null) continue;
    const sent = (change) => calculate(network, weights.map((value, c) => (c === trace.weight ? value + change : value)), x, y).activated[output];
    assert.ok(Math.abs((sent(1e-6) - sent(-1e-6)) / 2e-6 - trace.gradient) < 1e-6);
  }
});

test("the tree adds up, and its leaves begin with ∂OA/∂O", () => {
  const leaves = (branch) => (branch.leaf ? [branch] : branch.open().flatMap(leaves));
  for (const { network, output, trace } of traces()) {
    const branches = roots(trace);
    assert.ok(close(branches.reduce((sum, { value }) => sum + value, 0), trace.count === "0" ? 0 : trace.gradient, trace.scale));
    const ends = branches.flatMap(leaves);
    assert.equal(String(ends.length), trace.count);
    const { activated, quantity } = network.nodes[output];
    for (const { factors: [first] } of ends) assert.deepEqual([first.top, first.bottom], [activated, quantity]);
  }
});

test("factors are named from OA back", () => {
  const { network, run } = layered([2, 2, 2]);
  const trace = new Trace(network, run, { kind: "connection", index: 0 }, new Start(network, network.outputs[1]));
  const names = trace.listed(10).map((path) => trace.chain(path).map(({ top, bottom }) => `${top}/${bottom}`).join(" "));
  assert.deepEqual(names, ["OA2/O2 O2/HA1 HA1/H1 H1/W1"]);
  assert.deepEqual(trace.outputs, network.outputs);
});

test("counts beyond doubles are exact", () => {
  const { network, run } = layered([2, ...Array(18).fill(9), 2], { activation: "tanh" });
  const trace = new Trace(network, run, { kind: "connection", index: 0 }, new Start(network, network.outputs[0]));
  assert.equal(trace.count, String(9n ** 17n));
});

test("without desired outputs an output can still be derived, and not where a slope is missing", () => {
  const { network, weights, x } = layered([2, 2, 2], { seed: 3 });
  const run = calculate(network, weights, x, null);
  const element = { kind: "connection", index: 0 };
  assert.ok(!new Trace(network, run, element).known);
  const trace = new Trace(network, run, element, new Start(network, network.outputs[0]));
  assert.ok(trace.known && close(trace.gradient, trace.engine, trace.scale));
  const flat = (name) => ({ ...run, slope: run.slope.map((slope, node) => (network.nodes[node].name === name ? NaN : slope)) });
  assert.ok(!new Trace(network, flat("H2"), element, trace.start).known);
  assert.ok(new Trace(network, flat("O2"), element, trace.start).known);
});
