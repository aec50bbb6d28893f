import assert from "node:assert/strict";
import { test } from "node:test";
import { ACTIVATIONS, erfc, specification } from "../src/activations.js";
import { calculate } from "../src/engine.js";
import { LOSSES } from "../src/losses.js";
import { layered } from "./helpers.js";

test("every derivative is the limit of differences", () => {
  for (const [name, [call, derivative]] of Object.entries(ACTIVATIONS)) {
    if (!derivative) continue;
    for (const z of [-5.3, -1.7, -0.31, 0.42, 1.9, 6.1]) {
      const difference = (call(z + 1e-6, {}) - call(z - 1e-6, {})) / 2e-6;
      assert.ok(Math.abs(derivative(z, call(z, {}), {}) - difference) < 1e-8, `${name} at ${z}`);
    }
  }
});

test("a slope is right however small it is", () => {
  // By mpmath with 50 digits.
  const known = {
    sigmoid: [[-600, 2.6503965530043108e-261], [-15, 3.059021333494523e-07], [5, 0.006648056670790155], [15, 3.059021333494523e-07], [25, 1.388794386457827e-11], [40, 4.248354255291589e-18], [300, 5.148200222412013e-131], [690, 2.171738281389827e-300]],
    tanh: [[-300, 1.0601586212017243e-260], [-25, 7.714999391855671e-22], [-15, 3.743049187535369e-13], [3, 0.00986603716544019], [15, 3.743049187535369e-13], [25, 7.714999391855671e-22], [345, 8.686953125559309e-300]],
    softplus: [[-690, 2.171738281389827e-300], [-40, 4.248354255291589e-18], [25, 0.9999999999861121]],
    silu: [[-690, -1.4963276758775908e-297], [-40, -1.6568581595637197e-16], [-1.25, 0.0063191550846875815], [25, 1.0000000003333107]],
    gelu: [[-37, -7.838298669418516e-297], [-10, -7.618400096464814e-22], [-0.75, 0.0007742782607648957], [3, 1.011945647204184]],
    elu: [[-690, 2.171738281389827e-300], [-1, 0.36787944117144233]],
    gaussian: [[-26, 1.3581057158677088e-292], [0.5, -0.7788007830714049], [20, -7.660678386856023e-173]],
  };
  for (const [name, points] of Object.entries(known)) {
    const [call, derivative] = ACTIVATIONS[name];
    for (const [z, slope] of points) assert.ok(Math.abs(derivative(z, call(z, {}), {}) - slope) <= 1e-12 * Math.abs(slope), `${name} at ${z}`);
  }
});

test("nothing overflows", () => {
  for (const [name, [call]] of Object.entries(ACTIVATIONS)) {
    for (const z of [-1e308, -800, 800]) assert.ok(!Number.isNaN(call(z, {})), `${name} at ${z}`);
  }
});

test("the complementary error function", () => {
  const known = [[0, 1], [0.5, 0.4795001221869535], [1, 0.15729920705028513], [2, 0.004677734981047266], [3, 2.209049699858544e-5], [-1, 1.8427007929497148]];
  for (const [x, value] of known) assert.ok(Math.abs(erfc(x) - value) < 4e-15, String(x));
});

test("the backward run is the limit of differences, for every loss", () => {
  for (const loss of Object.keys(LOSSES)) {
    const output = loss === "binary_cross_entropy" ? "sigmoid" : "linear";
    const { network, weights, x, y, run } = layered([3, 3, 2], { loss, output, seed: 7, skips: true });
    weights.forEach((weight, c) => {
      const error = (change) => calculate(network, weights.map((value, place) => (place === c ? value + change : value)), x, y).error;
      assert.ok(Math.abs((error(1e-6) - error(-1e-6)) / 2e-6 - run.gradient[c]) < 1e-6, `${loss}, W${c + 1}`);
    });
  }
});

test("where the error enters at O, the gradient is the same", () => {
  const options = { loss: "binary_cross_entropy", output: "sigmoid", seed: 9 };
  const [one, two] = [false, true].map((ofSums) => layered([3, 3, 2], { ...options, ofSums }).run);
  one.gradient.forEach((gradient, c) => assert.ok(Math.abs(gradient - two.gradient[c]) < 1e-12));
  assert.ok(Math.abs(one.error - two.error) < 1e-12);
});

test("functions are read with their parameters", () => {
  assert.deepEqual(specification("leaky_relu(slope=0.2)"), { name: "leaky_relu", parameters: { slope: 0.2 } });
  assert.deepEqual(specification("mse"), { name: "mse", parameters: {} });
});
