import assert from "node:assert/strict";
import { test } from "node:test";
import { scaleOf } from "../src/scales.js";

/** What every scale must do: finite places in the order of the numbers, within its range, labels that are numbers. */
function check(numbers) {
  const scale = scaleOf(numbers);
  const finite = numbers.filter(Number.isFinite).sort((a, b) => a - b);
  const places = finite.map(scale.place);
  places.forEach((place, index) => assert.ok(Number.isFinite(place) && (index === 0 || place >= places[index - 1]), String(numbers)));
  if (scale.range && places.length) {
    const [least, most] = scale.range();
    assert.ok(least <= places[0] && places.at(-1) <= most && least < most, String(numbers));
    const splits = scale.splits();
    assert.ok(splits.length >= 2 && splits.length <= 9 && splits.every((split) => split >= least && split <= most), String(splits));
    assert.equal(new Set(splits.map(scale.label)).size, splits.length);
  }
  return scale;
}

test("numbers of any size have a place", () => {
  let state = 7;
  const random = () => (state = (state * 16807) % 2147483647) / 2147483647;
  for (let trial = 0; trial < 500; trial++) {
    const span = [1, 10, 40, 300][trial % 4];
    check(Array.from({ length: 1 + Math.floor(random() * 9) }, () => [0, NaN, Infinity][Math.floor(random() * 12)] ?? 10 ** ((random() - 0.5) * 2 * span)));
  }
  for (const numbers of [[], [NaN], [0], [0, 0], [5e-324], [5e-324, 1], [1.7e308, 5e-324, 0], [1e-320, 2e-320], [-1e300, 1e300], [0.3]]) check(numbers);
});

test("a scale says that it is logarithmic, and where 0 stands", () => {
  const scale = check([1, 1e-30, 0]);
  assert.ok(scale.logarithmic);
  assert.equal(scale.label(scale.place(0)), "0");
  assert.ok(scale.place(0) < scale.place(1e-30));
  assert.ok(!check([1, 2, 0]).logarithmic);
  assert.ok(!check([-1, 1e9]).logarithmic);
});
