import assert from "node:assert/strict";
import { test } from "node:test";
import { comparison, consequence, slopeByTarget } from "../src/consequence.js";
import { calculate, errorOf } from "../src/engine.js";
import { kink } from "../src/kinks.js";
import { noEdits } from "../src/runs.js";
import { ladder, updateWords } from "../src/step_size.js";
import { Steps } from "../src/steps.js";
import { directions, errorAfter, stepped } from "../src/updates.js";
import { close, documentOf, layered, OFFERED, random, withRun } from "./helpers.js";

/** A net and what its edits do, from scratch. */
function edited({ network, weights, x, y, run }, edits) {
  const inputs = network.nodes.filter(({ kind }) => kind === "input").map(({ name }) => name);
  const after = calculate(
    network,
    weights.map((weight, c) => edits.weights[network.connections[c].tie ?? network.connections[c].name] ?? edits.weights[network.connections[c].name] ?? weight),
    x.map((value, place) => edits.inputs[inputs[place]] ?? value),
    y.map((value, place) => edits.targets[network.nodes[network.outputs[place]].name] ?? value),
  );
  return { after, ...consequence(network, run, after, edits) };
}

test("what the slope predicts is what a small change does, of weights, inputs and targets together", () => {
  for (const { name, of_sums: ofSums, least_outputs: least } of OFFERED.losses) {
    const made = layered([2, 3, Math.max(2, least ?? 1)], { seed: 7, activation: "tanh", output: "sigmoid", loss: name, ofSums });
    const { network, weights, x, y } = made;
    const small = 1e-6;
    const edits = { weights: { W1: weights[0] + small, W9: weights[8] - 2 * small }, inputs: { I2: x[1] + small }, targets: { O1: y[0] + 3 * small, O2: y[1] - small } };
    const { changes, predicted, became } = edited(made, edits);
    assert.equal(changes.length, 5);
    assert.ok(Math.abs(predicted - became) < 1e-4 * Math.abs(became) + 1e-12, `${name}: ${predicted} ${became}`);
  }
});

test("the derivative by a desired output is the loss's own, of any number of outputs", () => {
  const next = random(3);
  let many = 0;
  for (const { name, of_sums: ofSums, least_outputs: least } of OFFERED.losses) {
    for (const outputs of [1, 2, 5].filter((count) => count >= (least ?? 1))) {
      const { network, x, weights } = layered([2, 2, outputs], { seed: 5 + outputs, output: "sigmoid", loss: name, ofSums });
      const y = network.outputs.map(() => 0.1 + 0.8 * next());
      const run = calculate(network, weights, x, y);
      const given = network.outputs.map((node) => (ofSums ? run.value : run.activated)[node]);
      y.forEach((_, place) => {
        const moved = (by) => errorOf(network, y.map((value, own) => (own === place ? value + by : value)), given);
        const slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        assert.ok(Math.abs(slopeByTarget(network, run, place) - slope) < 1e-7 * (1 + Math.abs(slope)), `${name} ${place}`);
        many += 1;
      });
    }
  }
  assert.ok(many > 40);
});

test("a kink is found where a function has one, and nowhere else", () => {
  const relu = (z) => Number(z > 0);
  assert.equal(kink(relu, -0.3, 2.7), 0);
  assert.equal(kink(relu, 5, -1e-3), 0);
  assert.equal(kink(relu, 1, 2), null);
  assert.ok(Math.abs(kink((z) => Number(Math.abs(z) < 1), 0.5, 4) - 1) < 1e-12);
  for (const steep of [1, 30, 1000]) assert.equal(kink((z) => steep / Math.cosh(steep * z) ** 2, -3, 0.01), null);
});

test("the comparison says whether the way was straight, curved or bent", () => {
  const words = (made, edits) => {
    const { after, ...found } = edited(made, { ...noEdits(), ...edits });
    return comparison(made.network, made.run, after, found);
  };
  const smooth = layered([2, 2, 1], { seed: 3 });
  assert.match(words(smooth, { weights: { W1: smooth.weights[0] + 1e-4 } }), /^close, since the step is small/);
  assert.match(words(smooth, { weights: { W1: smooth.weights[0] + 40 } }), /a curve: ∂e\/∂W1 is .* at the end/);
  const bent = withRun(documentOf([["I1"], ["H1"], ["O1"]], [["I1", "H1"], ["H1", "O1"]], { activation: "relu" }), 2);
  const run = calculate(bent.network, Float64Array.of(1, 1), [1], [0]);
  const bend = { ...bent, weights: Float64Array.of(1, 1), x: [1], y: [0], run };
  assert.match(words(bend, { weights: { W1: -1 } }), /H1 went over the kink of relu at 0/);
  assert.match(words(bend, { weights: { W1: 1.5 } }), /^not the same, since e is a curve/);
  const straight = layered([1, 1, 1], { seed: 3, activation: "linear", loss: "mae" });
  assert.match(words(straight, { weights: { W2: straight.weights[1] * (1 + 1e-3) } }), /straight line/);
  const dead = { ...bend, weights: Float64Array.of(-1, 1), run: calculate(bent.network, Float64Array.of(-1, 1), [1], [0.5]), y: [0.5] };
  assert.match(words(dead, { weights: { W1: -1.1 } }), /nothing moves, as the slope says/);
});

test("an update takes η times the gradient off, of a shared weight the sum, of a frozen one nothing", () => {
  const made = layered([2, 2, 2], { seed: 9 });
  const { network, weights, run, x, y } = made;
  network.connections[0].tie = network.connections[3].tie = "Wr";
  network.connections[5].trainable = false;
  const direction = directions(network, run.gradient);
  assert.equal(direction[0], run.gradient[0] + run.gradient[3]);
  assert.equal(direction[3], direction[0]);
  assert.equal(direction[5], 0);
  assert.equal(direction[1], run.gradient[1]);
  const after = stepped(network, weights, run.gradient, 0.3);
  assert.equal(after[5], weights[5]);
  assert.ok(close(errorAfter(network, run, 0.3), calculate(network, after, x, y).error, 1));
  const steps = new Steps(network, run, y, 0.3);
  const updates = Array.from({ length: steps.length }, (_, step) => steps.at(step)).filter(({ phase }) => phase === "update");
  assert.deepEqual(updates.slice(0, -1).map(({ quantity }) => quantity.top), network.connections.filter(({ trainable }) => trainable).map(({ name }) => `${name}(k+1)`));
  for (const { quantity, value } of updates.slice(0, -1)) assert.equal(value, after[network.byName.get(quantity.top.replace("(k+1)", "")).index]);
  assert.match(updates[0].written, /^W1 − η·\(∂e\/∂W1 \+ ∂e\/∂W4\)$/);
  assert.equal(updates.at(-1).value, errorAfter(network, run, 0.3));
});

test("the steps that were there before keep their places", () => {
  const { network, run, y } = layered([2, 2, 2]);
  const steps = new Steps(network, run, y);
  const phases = Array.from({ length: steps.length }, (_, step) => steps.at(step).phase);
  assert.deepEqual(phases, [...phases].sort((a, b) => ["forward", "error", "backward", "update"].indexOf(a) - ["forward", "error", "backward", "update"].indexOf(b)));
  assert.equal(phases.filter((phase) => phase === "update").length, network.connections.length + 1);
});

test("a step is too long where e is a parabola and η passes its width", () => {
  // e = (0 − W2·W1·2)² with W1 frozen at 1 is 4·W2², and an update makes W2 of it W2·(1 − 8η): too long above 0.25.
  const made = withRun(documentOf([["I1"], ["H1"], ["O1"]], [["I1", "H1"], ["H1", "O1"]], { activation: "linear" }), 2);
  made.network.connections[0].trainable = false;
  const run = calculate(made.network, Float64Array.of(1, 1), [2], [0]);
  const { before, rungs } = ladder(made.network, run, 0.2, [{ x: [2], y: [0] }, { x: [1], y: [0] }]);
  assert.equal(before.one, 4);
  assert.equal(before.all, 2.5);
  for (const { rate, one, all, chosen } of rungs) {
    assert.ok(close(one, 4 * (1 - 8 * rate) ** 2, 1e4));
    // The mean of the gradients is 5·W2.
    assert.ok(close(all, 2.5 * (1 - 5 * rate) ** 2, 1e4));
    assert.equal(chosen, rate === 0.2);
    assert.equal(/This step is too long/.test(updateWords(4, one, rate)), rate > 0.25);
  }
  assert.deepEqual(rungs.map(({ rate }) => rate), [0.01, 0.1, 0.2, 0.3, 1, 3, 10]);
});
