import assert from "node:assert/strict";
import { test } from "node:test";
import { Trace } from "../src/paths.js";
import { roots } from "../src/tree.js";
import { close, documentOf, layered, withRun, programOf } from "./helpers.js";

function check(branch, scale) {
  const own = branch.factors.reduce((product, { value }) => product * value, 1);
  const below = branch.open();
  const sum = branch.leaf ? 1 : below.reduce((total, inner) => total + inner.value, 0);
  assert.ok(close(branch.value, sum * own, scale), `${branch.value} ${sum * own}`);
  below.forEach((inner) => check(inner, scale));
}

const written = (branch) => branch.factors.map(({ top, bottom }) => `${top}/${bottom}`).join(" ");

test("Figure 6: the tree of W1 has the article's shape", () => {
  const { network, run } = layered([2, 2, 2, 2, 2]);
  const [root, ...others] = roots(new Trace(network, run, { kind: "connection", index: 0 }));
  assert.equal(others.length, 0);
  assert.equal(written(root), "HA1/H1 H1/W1");
  const second = root.open();
  assert.deepEqual(second.map(written), ["HA3/H3 H3/HA1", "HA4/H4 H4/HA1"]);
  const third = second[0].open();
  assert.deepEqual(third.map(written), ["HA5/H5 H5/HA3", "HA6/H6 H6/HA3"]);
  assert.deepEqual(third[1].open().map(written), ["e/OA1 OA1/O1 O1/HA6", "e/OA2 OA2/O2 O2/HA6"]);
  assert.ok(third[1].open().every(({ leaf }) => leaf));
});

test("every inner value is the sum of its branches, times its factors", () => {
  const outputs = documentOf([["I1", "B1"], ["H1", "H2"], ["O1", "O2"]], [["I1", "H1"], ["B1", "H2"], ["H1", "O1"], ["O1", "O2"], ["H1", "O2"]], { output: "sigmoid" });
  const sums = { ...outputs, loss: { name: "binary_cross_entropy", of_sums: true, program: programOf("losses", "binary_cross_entropy") } };
  for (const { network, run } of [layered([3, 3, 2], { skips: true }), withRun(outputs, 3), withRun(sums, 4)]) {
    for (const kind of ["connection", "node"]) {
      (kind === "node" ? network.nodes : network.connections).forEach((element, index) => {
        const trace = new Trace(network, run, { kind, index });
        const branches = roots(trace);
        branches.forEach((branch) => check(branch, trace.scale + 1));
        assert.ok(close(branches.reduce((sum, { value }) => sum + value, 0), trace.count === "0" ? 0 : trace.gradient, trace.scale + 1));
      });
    }
  }
});
