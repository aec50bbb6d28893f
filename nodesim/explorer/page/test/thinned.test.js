/** What stays of a list that grows without end. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Thinned } from "../src/thinned.js";

test("evenly spread from the first on, few, and the newest", () => {
  const list = new Thinned(50);
  for (let n = 0; n < 10000; n++) {
    list.add(n);
    assert.equal(list.items[0], 0);
    assert.equal(list.items.at(-1), n);
    assert.ok(list.items.length <= 51);
  }
  const steps = new Set(list.items.slice(1, -1).map((n, place) => n - list.items[place]));
  assert.equal(steps.size, 1);
  assert.ok(list.items.length > 20);
});

test("what is cut is forgotten, and it goes on from there", () => {
  const list = new Thinned(10);
  for (let n = 0; n < 7; n++) list.add(n);
  list.cut((n) => n <= 3);
  list.add("a");
  assert.deepEqual(list.items, [0, 1, 2, 3, "a"]);
  list.cut(() => false);
  list.add("b");
  assert.deepEqual(list.items, ["b"]);
});
