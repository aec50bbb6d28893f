import assert from "node:assert/strict";
import { test } from "node:test";
import { shown, short } from "../src/names.js";
import { checked } from "../src/network.js";
import { count, equals, isAtMost, minus, number, percent } from "../src/numbers.js";
import { quantityText, Steps } from "../src/steps.js";
import { read, written } from "../src/url.js";
import { initial } from "../src/state.js";
import { errorWritten, names, seedWritten, slopeWritten } from "../src/written.js";
import { layered } from "./helpers.js";

test("numbers are written as Python writes them", () => {
  const known = [[-0.25, "−0.25"], [3.51018778297886e-5, "3.51019×10⁻⁵"], [2, "2"], [123456.7, "123457"], [1234567, "1.23457×10⁶"], [0.0001, "0.0001"], [NaN, "NaN"], [-Infinity, "−∞"], [999999.5, "1×10⁶"]];
  for (const [value, text] of known) assert.equal(number(value), text);
  assert.equal(equals(0.5), "=");
  assert.deepEqual([equals(2 / 3, 3), number(2 / 3, 3)], ["≈", "0.667"]);
});

test("counts are exact, and shortened ones stay as they are", () => {
  assert.equal(count("9007199254740993"), "9\u202f007\u202f199\u202f254\u202f740\u202f993");
  assert.equal(minus("9007199254740993", 10), "9007199254740983");
  assert.equal(minus("≈2.818e+4515", 10), "≈2.818e+4515");
  assert.equal(isAtMost("≈2.818e+4515", 10), false);
  assert.equal(isAtMost("10", 10), true);
  assert.equal(percent(0.99999999), "almost 100\u00a0%");
});

test("names are text, whatever they contain", () => {
  assert.equal(shown("\u202eevil\n\x1b\r\ud800"), "\\u202eevil\\n\\x1b\\r\\ud800");
  assert.equal(shown("<b>\"'&</b> ÄΩ"), "<b>\"'&</b> ÄΩ");
  assert.equal(short("a very long name"), "a very l…");
});

test("documents of another version are refused in words", () => {
  assert.throws(() => checked({ format: "nodesim explorer", version: 4 }), /older/);
  assert.throws(() => checked({ format: "nodesim explorer", version: 6, nodesim: "9" }), /newer/);
  assert.throws(() => checked({}), /format/);
});

test("steps come after what they depend on", () => {
  const { network, run, y } = layered([2, 3, 2], { skips: true });
  const steps = new Steps(network, run, y);
  const seen = new Set();
  for (let step = 0; step < steps.length; step++) {
    const made = steps.at(step);
    for (const { symbols } of made.terms) {
      for (const symbol of symbols) if (symbol.bottom !== null || /^[HOIB]/.test(symbol.top)) assert.ok(seen.has(quantityText(symbol)), `${quantityText(symbol)} before ${quantityText(made.quantity)}`);
    }
    seen.add(quantityText(made.quantity));
    if (made.terms.length && !made.call) {
      const sum = made.terms.reduce((total, { values }) => total + values.reduce((product, value) => product * value, 1), 0);
      assert.ok(Math.abs(sum - made.value) < 1e-12);
    }
  }
  assert.equal(network.connections.filter(({ name }) => seen.has(`∂e/∂${name}`)).length, network.connections.length);
});

test("the address says what is shown, and nonsense in it is left out", () => {
  const { network } = layered([2, 2, 2]);
  const values = { ...initial(), selected: { kind: "connection", index: 4 }, to: 7, view: "tree", collapsed: [1], threshold: 0.5, edits: { weights: { W1: -0.5 }, inputs: {}, targets: {} } };
  const again = read(`#${written(values, network, initial())}`, network);
  for (const key of ["selected", "to", "view", "collapsed", "threshold", "edits"]) assert.deepEqual(again[key], values[key]);
  assert.deepEqual(read("#select=nobody&to=HA1&sample=99&epoch=-1&view=x&collapsed=9&weights=NaN W1&inputs=1 O1", network), { collapsed: [] });
});

test("formulas get names and numbers in the place of letters, whatever the names are", () => {
  const { network } = layered([1, 1, 2]);
  const [o1] = network.outputs;
  Object.assign(network.nodes[o1], { name: "2", quantity: "O[2]", activated: "OA[2]", derivative: "{a}·(1 − {a})", seed: "exp({a1})/(exp({a1}) + exp({a2}))·({y1} + {y2}) − {y1}" });
  network.document.loss.formula = "(({y1} − {a1})^2 + ({y2} − {a2})^2)/2";
  assert.equal(errorWritten(network, names(network)), "((y1 − OA[2])² + (y2 − OA2)²)/2");
  assert.equal(slopeWritten(network, o1), "OA[2]·(1 − OA[2])");
  assert.equal(slopeWritten(network, o1, (letter) => ({ a: "0.25", z: "(−3)" })[letter]), "0.25·(1 − 0.25)");
  assert.equal(seedWritten(network, o1, (letter, place) => (letter === "a" ? ["(−1.5)", "2"][place] : "1")), "exp(−1.5)/(exp(−1.5) + exp(2))·(1 + 1) − 1");
  network.nodes[o1].seed = "−2/1·({y1} − {a1})";
  assert.equal(seedWritten(network, o1, names(network)), "−2·(y1 − OA[2])");
  const reduced = [["−2/2·({y1} − {a1})", "−(y1 − OA[2])"], ["−2/4·({y1} − {a1})", "−1/2·(y1 − OA[2])"], ["4/2·{y1} + 2/2·{a1}", "2·y1 + OA[2]"], ["−2/3·{y1}", "−2/3·y1"]];
  const kept = [["{y1}/2/2·{a1}", "y1/2/2·OA[2]"], ["{y1}^3/3·{a1}", "y1^3/3·OA[2]"], ["1.2/2·{y1}", "1.2/2·y1"], ["({a1} − {y1})/2", "(OA[2] − y1)/2"]];
  for (const [seed, text] of [...reduced, ...kept]) {
    network.nodes[o1].seed = seed;
    assert.equal(seedWritten(network, o1, names(network)), text);
  }
  Object.assign(network.nodes[o1], { seed: null, derivative: null });
  assert.equal(seedWritten(network, o1, names(network)), "mse′(y1, OA[2])");
  assert.equal(slopeWritten(network, o1), "linear′(O[2])");
  network.document.loss.formula = null;
  assert.equal(errorWritten(network, names(network)), "mse(y1, OA[2], y2, OA2)");
});
