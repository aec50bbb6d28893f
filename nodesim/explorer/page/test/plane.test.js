import assert from "node:assert/strict";
import { test } from "node:test";
import { calculate } from "../src/engine.js";
import { colour, coloured } from "../src/plane/colours.js";
import { Field } from "../src/plane/field.js";
import { bounds, extremes, nice, scale, span, ticks } from "../src/plane/range.js";
import { Subject, whyNoMap } from "../src/plane/subject.js";
import { noEdits } from "../src/runs.js";
import { layered, random } from "./helpers.js";

const SIGMOID = [["name", "z"], ["negative", 0], ["exp", 1], ["number", 1], ["+", 3, 2], ["/", 3, 4]];
const TANH = [["name", "z"], ["tanh", 0]];
const RELU = [["name", "z"], ["number", 0], ["max", 0, 1]];

test("every node at many points is what the engine calculates one by one", () => {
  const next = random(11);
  for (let seed = 1; seed <= 40; seed++) {
    const sizes = [2 + (seed % 3), 3, 2 + (seed % 2), 2];
    const { network, weights } = layered(sizes, { seed, skips: seed % 2 === 0, bias: seed % 5 > 0 });
    if (seed % 4 === 0) network.nodes[network.outputs[0]].aggregation = { name: "product", form: ["product", "max", "mean", "norm"][seed % 3] };
    const still = Array.from({ length: sizes[0] }, () => next() * 2 - 1);
    const moving = new Map([[0, Float64Array.from({ length: 7 }, () => next() * 6 - 3)], [1, Float64Array.from({ length: 7 }, () => next() * 6 - 3)]]);
    network.nodes.forEach(({ kind }, node) => {
      if (kind !== "hidden" && kind !== "output") return;
      const found = new Field(network, node, 7).values(weights, still, moving);
      for (let i = 0; i < 7; i++) {
        const x = still.map((value, place) => moving.get(place)?.[i] ?? value);
        const right = calculate(network, weights, x, null).activated[node];
        assert.ok(Math.abs(found[i] - right) <= 1e-12 * (1 + Math.abs(right)), `seed ${seed}, node ${node}`);
      }
    });
  }
});

/** What a map reads of an app. */
function stub({ network, weights, x, y }) {
  const samples = [{ name: "a", x, y }, { name: "b", x: x.map((value) => value + 1), y, test: true }];
  const document = { ...network.document, samples };
  return { document, network: { ...network, document }, weights, state: { values: { sample: 0, edits: noEdits(), to: null } }, runs: { sample: (place) => samples[place] } };
}

test("a map covers the samples, its first point is the upper left one", () => {
  const made = layered([2, 3, 1], { seed: 3 });
  const subject = new Subject(stub(made), made.network.outputs[0], [0, 1]);
  const [[left, right], [below, above]] = subject.spans;
  assert.ok(left < made.x[0] && right > made.x[0] + 1 && below < made.x[1] && above > made.x[1] + 1);
  const values = subject.values().slice();
  assert.equal(values.length, subject.side ** 2);
  const close = (value, at) => assert.ok(Math.abs(value - subject.value(at)) < 1e-12);
  close(values[0], [left, above]);
  close(values[subject.side - 1], [right, above]);
  close(values.at(-1), [right, below]);
  assert.deepEqual(subject.points().map(({ index, test: held, shown }) => [index, held, shown]), [[1, true, false], [0, false, true]]);
});

test("of more inputs the others stay as in the sample that is shown", () => {
  const made = layered([4, 3, 2], { seed: 5 });
  const app = stub(made);
  const subject = new Subject(app, made.network.outputs[1], [2, 0]);
  const at = [0.3, -0.7];
  const x = [at[1], made.x[1], at[0], made.x[3]];
  assert.equal(subject.value(at), calculate(app.network, made.weights, x, null).activated[made.network.outputs[1]]);
});

test("large networks have coarser maps", () => {
  const made = layered([2, 120, 120, 1], { seed: 5 });
  assert.ok(new Subject(stub(made), made.network.outputs[0], [0, 1]).side < 64);
  assert.match(whyNoMap({ ...made.network.document, editable: false }), /no map: .*float32/);
  assert.equal(whyNoMap(made.network.document), "");
});

test("the colours of a bounded activation do not change their meaning", () => {
  assert.deepEqual(bounds(SIGMOID), [0, 1]);
  assert.deepEqual(bounds(TANH), [-1, 1]);
  assert.equal(bounds(RELU), null);
  assert.deepEqual(scale(Float64Array.of(0.1, 0.2), [0, 1]), [0, 1]);
  assert.deepEqual(scale(Float64Array.of(-3, 1, NaN, Infinity), null), [-5, 5]);
  assert.deepEqual(scale(Float64Array.of(0, 0), null), [-1, 1]);
});

test("spans, round numbers and extremes of any size", () => {
  assert.deepEqual(span([]), [-1, 1]);
  assert.deepEqual(span([NaN, 2, 2]), [1, 3]);
  for (const numbers of [[0, 1], [-1e308, 1e308], [5e-324, 1e-320], [1e15, 1e15 + 1]]) {
    const [least, most] = span(numbers);
    assert.ok(Number.isFinite(least) && Number.isFinite(most) && least <= numbers[0] && most >= numbers[1], String(numbers));
    assert.ok(ticks([least, most], 6).length <= 51);
  }
  assert.deepEqual(ticks([-1.1, 1.1], 5), [-1, -0.5, 0, 0.5, 1]);
  assert.deepEqual([0.3, 1, 1.1, 49].map(nice), [0.5, 1, 2, 50]);
  assert.deepEqual(extremes(Float64Array.of(NaN, 2, -1, Infinity)), { least: -1, most: 2, leastAt: 2, mostAt: 1 });
  assert.equal(extremes(Float64Array.of(NaN)), null);
});

test("little is blue, much is orange, what is not finite is grey", () => {
  for (const theme of ["light", "dark"]) {
    const [low, high] = [colour(theme, 0), colour(theme, 1)];
    assert.ok(low[2] > low[0] && high[0] > high[2]);
    const pixels = new Uint32Array(5);
    coloured(Float64Array.of(-9, 0, 1, 9, NaN), [0, 1], theme, pixels);
    assert.equal(pixels[0], pixels[1]);
    assert.equal(pixels[2], pixels[3]);
    assert.equal(new Set(pixels).size, 3);
  }
});
