import assert from "node:assert/strict";
import { test } from "node:test";
import { calculate } from "../src/engine.js";
import { erf, erfc } from "../src/erf.js";
import { activationOf, errorFor, lossOf, seedFor } from "../src/functions.js";
import { ofNumbers, runProgram } from "../src/programs.js";
import { layered, OFFERED, PROGRAMS } from "./helpers.js";

const DOCUMENT = { programs: PROGRAMS, offered: OFFERED, loss: OFFERED.losses[0] };
const ACTIVATIONS = OFFERED.activations.map((each) => [each.name, activationOf(DOCUMENT, each)]);

function offered(kind, name) {
  return OFFERED[kind].find((each) => each.name === name);
}

function named(name) {
  return activationOf(DOCUMENT, offered("activations", name));
}

test("every derivative is the limit of differences", () => {
  let tried = 0;
  for (const [name, { call, derivative }] of ACTIVATIONS) {
    if (!derivative) continue;
    for (const z of [-5.31, -1.7, -0.31, 0.42, 1.9, 6.1]) {
      const difference = (call(z + 1e-6) - call(z - 1e-6)) / 2e-6;
      assert.ok(Math.abs(derivative(z, call(z)) - difference) < 1e-7 * Math.max(1, Math.abs(call(z))), `${name} at ${z}`);
      tried++;
    }
  }
  assert.ok(tried > 190);
});

test("a slope is right however small it is", () => {
  // By mpmath with 50 digits.
  const known = {
    sigmoid: [[-600, 2.6503965530043108e-261], [-15, 3.059021333494523e-07], [5, 0.006648056670790155], [15, 3.059021333494523e-07], [25, 1.388794386457827e-11], [40, 4.248354255291589e-18], [300, 5.148200222412013e-131], [690, 2.171738281389827e-300]],
    tanh: [[-300, 1.0601586212017243e-260], [-25, 7.714999391855671e-22], [-15, 3.743049187535369e-13], [3, 0.00986603716544019], [15, 3.743049187535369e-13], [25, 7.714999391855671e-22], [345, 8.686953125559309e-300]],
    softplus: [[-690, 2.171738281389827e-300], [-40, 4.248354255291589e-18], [25, 0.9999999999861121]],
    silu: [[-690, -1.4963276758775908e-297], [-40, -1.6568581595637197e-16], [-1.25, 0.0063191550846875815], [25, 1.0000000003333107]],
    gelu: [[-37, -7.838298669418516e-297], [-10, -7.618400096464814e-22], [-0.75, 0.0007742782607648957], [3, 1.011945647204184]],
    "elu(alpha=1)": [[-690, 2.171738281389827e-300], [-1, 0.36787944117144233]],
    gaussian: [[-26, 1.3581057158677088e-292], [0.5, -0.7788007830714049], [20, -7.660678386856023e-173]],
  };
  for (const [name, points] of Object.entries(known)) {
    const { call, derivative } = named(name);
    for (const [z, slope] of points) assert.ok(Math.abs(derivative(z, call(z)) - slope) <= 1e-12 * Math.abs(slope), `${name} at ${z}`);
  }
});

test("nothing overflows, and single numbers come out as those of many outputs do", () => {
  for (const { name, program } of OFFERED.activations) {
    const { function: steps, derivative } = PROGRAMS[program];
    for (const z of [-1e308, -1e4, -800, -1.5, -0, 0.3, 40, 800, 1e100]) {
      const a = ofNumbers(steps)(z);
      assert.ok(!Number.isNaN(a), `${name} at ${z}`);
      assert.equal(a, runProgram(steps, { z: [z] })[0]);
      if (derivative) assert.deepEqual(ofNumbers(derivative)(z, a), runProgram(derivative, { z: [z], a: [a] })[0], `${name} at ${z}`);
    }
  }
});

test("the error function and its complement", () => {
  const known = [[0, 1], [0.5, 0.4795001221869535], [1, 0.15729920705028513], [2, 0.004677734981047266], [3, 2.209049699858544e-5], [-1, 1.8427007929497148]];
  for (const [x, value] of known) {
    assert.ok(Math.abs(erfc(x) - value) < 4e-15, String(x));
    assert.ok(Math.abs(erf(x) - (1 - value)) < 4e-15, String(x));
  }
});

test("the backward run is the limit of differences, for every loss", () => {
  for (const { name: loss, of_sums: ofSums, outputs } of OFFERED.losses) {
    const { network, weights, x, y, run } = layered([3, 3, 2], { loss, ofSums, output: outputs ?? "linear", seed: 7, skips: true });
    weights.forEach((weight, c) => {
      const error = (change) => calculate(network, weights.map((value, place) => (place === c ? value + change : value)), x, y).error;
      assert.ok(Math.abs((error(1e-6) - error(-1e-6)) / 2e-6 - run.gradient[c]) < 1e-6, `${loss}, W${c + 1}`);
    });
  }
});

test("losses keep every digit of what is left at saturation", () => {
  const loss = (name) => lossOf(DOCUMENT, offered("losses", name));
  const near = (found, wanted) => found.forEach((value, place) => assert.ok(Math.abs(value - wanted[place]) <= 1e-14 * Math.abs(wanted[place]), `${found} ${wanted}`));
  const [entropy, binary] = [loss("softmax_cross_entropy"), loss("binary_cross_entropy")];
  assert.deepEqual([entropy.ofSums, binary.ofSums], [false, true]);
  // By mpmath with 50 digits.
  near(entropy.seed([1, 0, 0], [50, 0, -3]), [-2.0247766485090045e-22, 1.9287498479639178e-22, 9.602680054508675e-24]);
  near([entropy.error([1, 0, 0], [50, 0, -3]), entropy.error([0, 1], [1e4, -1e4]), entropy.error([0, 1], [740, 0])], [2.0247766485090045e-22, 2e4, 740]);
  near(binary.seed([1, 0], [40, -40]), [-2.1241771276457944e-18, 2.1241771276457944e-18]);
  near([binary.error([1, 0], [40, -40]), binary.error([0], [1e4])], [4.248354255291589e-18, 1e4]);
});

test("what is offered is written for any number of outputs", () => {
  const mse = offered("losses", "mse");
  assert.equal(errorFor(mse, 2), "(({y1} − {a1})^2 + ({y2} − {a2})^2)/2");
  assert.deepEqual([errorFor(mse, 5), seedFor(mse, 5, 2)], [null, "−2/5·({y3} − {a3})"]);
});
