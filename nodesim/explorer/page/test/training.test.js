import assert from "node:assert/strict";
import { test } from "node:test";
import { calculate } from "../src/engine.js";
import { Course } from "../src/training/course.js";
import { Desk } from "../src/training/desk.js";
import { Orders } from "../src/training/orders.js";
import { Trainer } from "../src/training/trainer.js";
import { layered, random } from "./helpers.js";

const SIGMOID = [["name", "z"], ["negative", 0], ["exp", 1], ["number", 1], ["+", 3, 2], ["/", 3, 4]];
const SIGMOID_SLOPE = [["name", "a"], ["number", 1], ["negative", 0], ["+", 1, 2], ["*", 0, 3]];
const MSE = [["name", "y"], ["name", "a"], ["negative", 1], ["+", 0, 2], ["*", 3, 3], ["mean", 4]];
const MSE_SLOPE = [["name", "a"], ["name", "y"], ["negative", 1], ["+", 0, 2], ["number", 2], ["*", 3, 4], ["name", "n"], ["/", 5, 6]];

/** A layered network of sigmoids with mse, and samples. */
function given(sizes, { samples = 7, seed = 1, ...options } = {}) {
  const { network, weights } = layered(sizes, { seed, output: "sigmoid" });
  const { document } = network;
  document.programs = [{ function: SIGMOID, derivative: SIGMOID_SLOPE }, { function: MSE, derivative: MSE_SLOPE }];
  for (const node of document.nodes) if (node.activation) node.program = 0;
  document.loss.program = 1;
  const next = random(seed);
  const rows = (count) => Array.from({ length: samples }, () => Array.from({ length: count }, () => 2 * next() - 1));
  return { document, weights, x: rows(sizes[0]), y: rows(sizes.at(-1)), options: { shuffle: false, ...options } };
}

/** The same training by the engine for one sample. */
function plain({ document, weights, x, y, options }, network, epochs) {
  const now = Float64Array.from(weights);
  const errors = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    errors.push(0);
    const size = options.batch === "all" ? x.length : options.batch;
    for (let first = 0; first < x.length; first += size) {
      const sum = new Float64Array(now.length);
      const chosen = x.slice(first, first + size);
      chosen.forEach((row, place) => {
        const run = calculate(network, now, row, y[first + place]);
        errors[epoch] += run.error / x.length;
        run.gradient.forEach((each, c) => (sum[c] += each / chosen.length));
      });
      sum.forEach((each, c) => (now[c] -= options.learningRate * each));
    }
  }
  return { weights: now, errors };
}

function assertClose(found, wanted, most = 1e-10) {
  found.forEach((value, place) => assert.ok(Math.abs(value - wanted[place]) <= most * Math.max(1, Math.abs(wanted[place])), `${place}: ${value}, ${wanted[place]}`));
}

test("epochs are those of one sample after the other", () => {
  for (const batch of [1, 3, 7, "all", 100]) {
    const training = given([2, 3, 2], { batch, learningRate: 0.8 });
    const trainer = new Trainer(training);
    const errors = Array.from({ length: 20 }, () => (trainer.epoch(), trainer.moment.error));
    const wanted = plain(training, layered([2, 3, 2], { output: "sigmoid" }).network, 20);
    assertClose(trainer.weights, wanted.weights);
    assertClose(errors, wanted.errors);
    assert.equal(trainer.moment.updates, 20 * Math.ceil(7 / Math.min(7, batch === "all" ? 7 : batch)));
  }
});

test("orders have every sample once, another way each epoch, and the same from one seed", () => {
  const [orders, same, other] = [new Orders(50, 3), new Orders(50, 3), new Orders(50, 4)];
  const [first, second] = [orders.drawn(true), orders.drawn(true)];
  assert.deepEqual([...first].sort((a, b) => a - b), [...orders.drawn(false)]);
  assert.notDeepEqual(first, second);
  assert.deepEqual([same.drawn(true), same.drawn(true)], [first, second]);
  assert.notDeepEqual(other.drawn(true), first);
  // Every place is as likely for every sample.
  const many = new Orders(5, 1);
  const counts = Array.from({ length: 25 }, () => 0);
  for (let n = 0; n < 5000; n++) many.drawn(true).forEach((sample, place) => counts[5 * place + sample]++);
  counts.forEach((count) => assert.ok(Math.abs(count - 1000) < 150, String(count)));
});

test("one update, an epoch, other options and a new beginning", () => {
  const trainer = new Trainer(given([2, 3, 1], { batch: 3 }));
  const start = [...trainer.moment.weights];
  trainer.update();
  assert.deepEqual([trainer.moment.epoch, trainer.moment.updates, trainer.moment.within, trainer.moment.error], [0, 1, 1, null]);
  trainer.epoch();
  assert.deepEqual([trainer.moment.epoch, trainer.moment.updates, trainer.moment.within], [1, 3, 0]);
  trainer.set({ learningRate: 0 });
  const now = [...trainer.moment.weights];
  trainer.epoch();
  assert.deepEqual([...trainer.moment.weights], now);
  trainer.set({ learningRate: 0.1, optimizer: "adam" });
  trainer.update();
  const { optimizer } = trainer;
  trainer.set({ learningRate: 0.01, l2: 0.1, batch: 2 });
  assert.equal(trainer.optimizer, optimizer);
  trainer.set({ optimizer: "momentum" });
  assert.notEqual(trainer.optimizer, optimizer);
  trainer.reset();
  assert.deepEqual([...trainer.moment.weights], start);
  assert.deepEqual([trainer.moment.epoch, trainer.moment.updates, trainer.moment.error], [0, 0, null]);
  for (const wrong of [{ learningRate: -1 }, { batch: 0 }, { batch: 1.5 }, { optimizer: "toString" }, { l2: NaN }, { rate: 1 }]) {
    assert.throws(() => trainer.set(wrong), /must be|no option/);
  }
});

test("what leaves the finite numbers stops the training, with the weights before, and says what to do", () => {
  const training = given([2, 3, 1], { learningRate: 1e200 });
  training.document.programs[0] = { function: [["name", "z"]], derivative: [["number", 1]] };
  const trainer = new Trainer(training);
  let before = [];
  while (!trainer.moment.trouble) {
    before = [...trainer.moment.weights];
    trainer.update();
  }
  assert.deepEqual([...trainer.moment.weights], before);
  assert.ok(before.every(Number.isFinite));
  assert.match(trainer.moment.trouble, /^The training stopped in epoch 2: .*(∞|no number).*learning rate 1×10²⁰⁰.*try 1×10¹⁹⁹/);
  // Without an update the rate is not to blame.
  const first = new Trainer({ ...training, weights: training.weights.map(() => 1e200) });
  first.update();
  assert.match(first.moment.trouble, /epoch 1: .*weights or the inputs/);
  // An error that grows without end is none of a training that gets anywhere; whoever goes on is watched anew.
  const growing = new Trainer({ ...training, options: { shuffle: false, learningRate: 10 } });
  while (growing.epoch());
  assert.match(growing.moment.trouble, /diverges: e grew from .* to .* in \d+ epochs\. The learning rate 10 is too large here: try 1,/);
  assert.ok(growing.moment.error > 1e6 && growing.moment.error < 1e30);
  const { updates } = growing.moment;
  growing.update();
  assert.equal(growing.moment.updates, updates + 1);
  assert.equal(growing.moment.trouble, "");
});

test("what cannot be trained is refused in words", () => {
  const training = given([2, 3, 1]);
  const { document } = training;
  const refused = (changes, words) => assert.throws(() => new Trainer({ ...training, ...changes }), words);
  refused({ x: [] }, /no samples/);
  refused({ y: training.y.slice(1) }, /7 samples, but desired outputs for 6/);
  refused({ x: training.x.map(() => [1]) }, /sample 1 must have 2 inputs, each a finite number; it has 1\./);
  refused({ y: training.y.map(() => [NaN]) }, /desired outputs?, each a finite number; it has NaN among them/);
  refused({ document: { ...document, editable: false } }, /float32.*net\.fit/);
  refused({ document: { ...document, editable: false, loss: { ...document.loss, program: null } } }, /only Python knows/);
  refused({ document: { ...document, connections: document.connections.map((each) => ({ ...each, trainable: false })) } }, /frozen/);
  refused({ document: { ...document, programs: [{ ...document.programs[0], derivative: null }, document.programs[1]] } }, /no derivative/);
});

test("a course tells moments, pauses and goes on; in slices of any length it trains the same", async () => {
  const training = given([2, 4, 1], { batch: 2, shuffle: true, seed: 5, optimizer: "adam", samples: 9 });
  training.test = { x: training.x, y: training.y };
  const trainer = new Trainer(training);
  const course = new Course(training);
  assert.equal(await course.inWorker(), false);
  const told = [];
  const played = course.play((moment) => {
    told.push(moment);
    if (told.length === 3) course.pause();
  });
  assert.equal(course.playing, true);
  const last = await played;
  assert.equal(course.playing, false);
  assert.equal(told.length, 3);
  assert.deepEqual(last, told[2]);
  const errors = told.flatMap(({ passed }) => passed.errors);
  assert.equal(errors.length, last.epoch);
  const wanted = [];
  // On a busy machine a slice may end within an epoch.
  while (trainer.updates < last.updates) {
    const { epochs } = trainer;
    trainer.update();
    if (trainer.epochs > epochs) wanted.push(trainer.error);
  }
  assert.deepEqual(errors, wanted);
  assert.deepEqual(last.weights, trainer.moment.weights);
  assert.equal(last.test, trainer.moment.test);
  const more = await course.train({ epochs: 30 });
  assert.equal(more.epoch, last.epoch + 30);
  assert.equal(more.passed.errors.length, 30);
  for (let n = 0; n < 30; n++) trainer.epoch();
  assert.deepEqual(more.weights, trainer.moment.weights);
  trainer.update();
  assert.deepEqual((await course.update()).weights, trainer.moment.weights);
  trainer.epoch();
  assert.deepEqual((await course.epoch()).weights, trainer.moment.weights);
  await course.set({ learningRate: 0.3 });
  trainer.set({ learningRate: 0.3 });
  trainer.epoch();
  assert.deepEqual((await course.epoch()).weights, trainer.moment.weights);
  await course.reset();
  assert.deepEqual((await course.moment()).weights, training.weights);
  await assert.rejects(course.set({ batch: -1 }), /batch must be/);
  await assert.rejects(course.train({ epochs: 0 }), /epochs must be/);
  course.close();
  await assert.rejects(new Course({ ...training, x: [] }).update(), /no samples/);
});

test("what is asked for last counts, however early", async () => {
  const course = new Course(given([2, 3, 1]));
  const played = course.play(() => {});
  await course.pause();
  assert.equal(course.playing, false);
  await played;
  const [first, second] = [course.train({ epochs: 1000000 }), course.train({ epochs: 2 })];
  const before = (await first).epoch;
  assert.equal((await second).epoch, before + 2);
  assert.equal(course.playing, false);
});

test("a pace is kept, and no trouble is passed by", async () => {
  const course = new Course(given([2, 3, 1]), { pace: 40 });
  const begin = performance.now();
  const last = await course.play(({ epoch }) => epoch >= 8 && course.pause());
  assert.ok(performance.now() - begin > 150);
  assert.ok(last.epoch <= 12);
  course.pace = null;
  await course.set({ learningRate: 1e300 });
  const training = given([2, 3, 1], { learningRate: 1e300 });
  training.document.programs[0] = { function: [["name", "z"]], derivative: [["number", 1]] };
  const bad = new Course(training);
  assert.match((await bad.play(() => {})).trouble, /stopped/);
  assert.match((await bad.train({ epochs: 5 })).trouble, /stopped/);
});

test("work ends with whole epochs, one at least, or within one that takes longer", () => {
  let time = 0;
  const desk = new Desk(() => (time += 1));
  desk.answer("begin", given([2, 3, 1], { batch: 1, samples: 5 }));
  // Each update takes a millisecond here.
  assert.deepEqual([desk.answer("work", { ms: 12, most: Infinity })].map(({ epoch, within }) => [epoch, within]), [[2, 0]]);
  assert.deepEqual([desk.answer("work", { ms: 5, most: Infinity })].map(({ epoch, within }) => [epoch, within]), [[3, 0]]);
  assert.deepEqual([desk.answer("work", { ms: 3, most: Infinity })].map(({ epoch, within }) => [epoch, within]), [[3, 3]]);
  assert.deepEqual([desk.answer("work", { ms: 3, most: Infinity })].map(({ epoch, within }) => [epoch, within]), [[4, 0]]);
  assert.equal(desk.answer("work", { ms: 1000, most: 2 }).epoch, 6);
});
