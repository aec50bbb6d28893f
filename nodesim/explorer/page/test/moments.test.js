/** The epochs that are known: brought, learned, thinned, forgotten. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Moments, packed, unpacked } from "../src/moments.js";

const numbers = Float64Array.from([0.1, -0, 1e-310, NaN, -Infinity, 2 ** 53]);

function brought(many) {
  return new Moments(Array.from({ length: many }, (_, epoch) => ({ epoch, error: epoch ? "0.5" : null, weights: packed(Float64Array.of(epoch)) })));
}

test("numbers travel as text with every bit", () => {
  const back = unpacked(packed(numbers));
  assert.deepEqual(new BigUint64Array(back.buffer), new BigUint64Array(numbers.buffer));
});

test("what is learned stands behind what was brought, from where it went on", () => {
  const moments = brought(5);
  moments.cut(2);
  for (let epoch = 3; epoch <= 5; epoch++) moments.add({ epoch, error: 1 / epoch, test: null, weights: Float64Array.of(-epoch) });
  assert.deepEqual(moments.list.map(({ epoch }) => epoch), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(moments.list.map((_, place) => moments.of(place)[0]), [0, 1, 2, -3, -4, -5]);
  assert.equal(moments.learned, true);
  moments.reset();
  assert.equal(moments.learned, false);
  assert.deepEqual(moments.list.map((_, place) => moments.of(place)[0]), [0, 1, 2, 3, 4]);
});

test("of a long training the moments are spread evenly, the newest is the last, and what was brought stays", () => {
  const moments = brought(700);
  const keys = new Set(moments.list.map((_, place) => moments.keyOf(place)));
  for (let epoch = 700; epoch < 700 + 5000; epoch++) {
    moments.add({ epoch, error: 0, test: null, weights: Float64Array.of(epoch) });
    assert.equal(moments.of(moments.last)[0], epoch);
  }
  const learned = moments.list.filter((each) => each.learned).map(({ epoch }) => epoch);
  assert.equal(moments.length - learned.length, 700);
  assert.ok(learned.length > 250 && learned.length <= 601, String(learned.length));
  const steps = new Set(learned.slice(1, -1).map((epoch, place) => epoch - learned[place]));
  assert.equal(steps.size, 1);
  moments.list.forEach((_, place) => keys.add(moments.keyOf(place)));
  assert.equal(keys.size, moments.length);
});

test("what is saved is what a document holds", () => {
  const moments = brought(2);
  moments.add({ epoch: 2, error: Infinity, test: null, weights: Float64Array.of(0.25) });
  const again = new Moments(JSON.parse(JSON.stringify(moments.described())));
  assert.deepEqual(again.list.map(({ error }) => error), [null, 0.5, Infinity]);
  assert.equal(again.of(2)[0], 0.25);
});
