import assert from "node:assert/strict";
import { test } from "node:test";
import { calculate } from "../src/engine.js";
import { EditError, layered, withActivation, withConnection, withHiddenLayer, withLoss, withNewWeights, withNode, withoutConnection, withoutHiddenLayer, withoutNode } from "../src/building/index.js";
import { targetsOf } from "../src/building/edits.js";
import { readNetwork } from "../src/network.js";
import { layered as small, OFFERED, PROGRAMS } from "./helpers.js";

/** A document that offers what Python offers. */
const EMPTY = { ...small([2, 2, 1]).network.document, programs: PROGRAMS, offered: OFFERED };
const made = (wanted) => layered(EMPTY, { inputs: 2, outputs: 1, hidden: [2], ...wanted });
const names = (elements) => elements.map(({ name }) => name).join(" ");
/** The connections as "H1 → O1". */
const ends = ({ nodes, connections }) => connections.map(({ source, target }) => `${nodes[source].name} → ${nodes[target].name}`);

test("layers are numbered as in the article", () => {
  const { document, weights } = made({ hidden: [2, 1] });
  assert.equal(names(document.nodes), "I1 I2 B1 H1 H2 B2 H3 B3 O1");
  assert.equal(names(document.connections), "W1 W2 W3 W4 W5 W6 W7 W8 W9 W10 W11");
  assert.deepEqual(ends(document).slice(0, 3), ["I1 → H1", "I1 → H2", "I2 → H1"]);
  assert.equal(document.title, "network 2-2-1-1");
  assert.equal(weights.length, 11);
  assert.notDeepEqual(made({ seed: 1 }).weights, made({ seed: 2 }).weights);
});

test("an edit leaves what it is given alone, and is the same each time", () => {
  const { document, weights } = made();
  const before = JSON.stringify(document);
  const edits = [() => withNode(document, weights, 1), () => withoutNode(document, weights, "H2"), () => withConnection(document, weights, "I1", "O1"),
    () => withoutConnection(document, weights, "W3"), () => withHiddenLayer(document, weights), () => withoutHiddenLayer(document, weights, 1),
    () => withLoss(document, weights, "mae"), () => withActivation(document, weights, "H1", "relu"), () => withNewWeights(document, weights, 3)];
  for (const edit of edits) {
    const [one, two] = [edit(), edit()];
    assert.deepEqual(one, two);
    assert.equal(JSON.stringify(document), before);
  }
});

test("what is edited can be run", () => {
  let { document, weights } = made({ activation: "tanh", loss: "mse" });
  ({ document, weights } = withHiddenLayer(document, weights, { size: 3 }));
  ({ document, weights } = withNode(document, weights, 1));
  ({ document, weights } = withLoss(document, weights, "binary_cross_entropy"));
  const run = calculate(readNetwork(document), weights, [0.5, -1], [1]);
  assert.ok(run.error > 0);
  weights.forEach((weight, c) => {
    const error = (change) => calculate(readNetwork(document), weights.map((value, place) => (place === c ? value + change : value)), [0.5, -1], [1]).error;
    assert.ok(Math.abs((error(1e-6) - error(-1e-6)) / 2e-6 - run.gradient[c]) < 1e-7);
  });
});

test("a free number is taken again, and the order is that of numbers", () => {
  let { document, weights } = made();
  ({ document, weights } = withoutConnection(document, weights, "W2"));
  ({ document, weights } = withConnection(document, weights, "I2", "O1"));
  assert.equal(names(document.connections), "W1 W2 W3 W4 W5 W6 W7 W8 W9");
  assert.equal(ends(document)[1], "I2 → O1");
  // Of a document that was written and read again the numbers are those of the names.
  const gap = withoutConnection(document, weights, "W4");
  const read = withConnection(JSON.parse(JSON.stringify(gap.document)), gap.weights, "I1", "O1");
  assert.equal(names(read.document.connections), "W1 W2 W3 W4 W5 W6 W7 W8 W9");
  assert.equal(ends(read.document)[3], "I1 → O1");
});

test("the samples stay as long as inputs and outputs do", () => {
  const document = { ...EMPTY, samples: [{ name: "one", x: [1, 2], y: [0] }] };
  assert.equal(layered(document, { hidden: [3] }).document.samples.length, 1);
  assert.equal(layered(document, { hidden: [3], inputs: 3 }).document.samples.length, 0);
  assert.equal(layered(document, { hidden: [3], inputs: ["I1", "other"] }).document.samples.length, 0);
});

test("names may be anything", () => {
  const inputs = ["__proto__", "<b>", "", "🐍"];
  let { document, weights } = made({ inputs, outputs: ["constructor", "toString"] });
  for (const name of inputs) ({ document, weights } = withConnection(document, weights, name, "constructor"));
  ({ document, weights } = withNode(document, weights, 1));
  ({ document, weights } = withoutNode(document, weights, "H1"));
  assert.equal(names(document.nodes), "__proto__ <b>  🐍 B1 H2 B2 constructor toString H3");
  assert.equal(document.nodes[0].quantity, "__proto__");
});

test("a weight that is left with one use is tied no more", () => {
  const { document, weights } = made();
  const tied = { ...document, connections: document.connections.map((c, place) => ({ ...c, tie: place < 3 ? "Wr" : null, trainable: place !== 4 })) };
  const two = withoutConnection(tied, weights, 0);
  assert.deepEqual(two.document.connections.map(({ tie }) => tie), ["Wr", "Wr", null, null, null, null, null, null]);
  assert.deepEqual(two.document.connections.map(({ trainable }) => trainable), [true, true, true, false, true, true, true, true]);
  const one = withoutConnection(two.document, two.weights, "W2");
  assert.ok(one.document.connections.every(({ tie }) => tie === null));
  const fresh = withNewWeights(tied, weights, 5).weights;
  assert.equal(fresh[0], fresh[2]);
  assert.equal(fresh[4], weights[4]);
});

test("what cannot be done is refused in words", () => {
  const { document, weights } = made();
  const bare = withoutConnection(document, weights, "W7");
  const last = withoutConnection(bare.document, bare.weights, "W8");
  const refused = [
    [() => withConnection(document, weights, "H1", "H1"), /H1 → H1 would be a circle/],
    [() => withConnection(document, weights, "O1", "H1"), /O1 → H1 would close a circle, since H1 leads to O1/],
    [() => withConnection(document, weights, "I1", "H1"), /I1 → H1 is there already: it is W1/],
    [() => withConnection(document, weights, "H1", "I1"), /nothing leads into an input/],
    [() => withConnection(document, weights, "H1", "B1"), /nothing leads into a bias node/],
    [() => withConnection(document, weights, "H9", "O1"), /no node of the name “H9”/],
    [() => withoutNode(document, weights, "I1"), /I1 is an input/],
    [() => withoutConnection(last.document, last.weights, "W9"), /nothing would be connected to the output O1/],
    [() => withoutConnection(document, weights, 99), /it has 9/],
    [() => withNode(document, weights, 2), /no hidden layer 2; hidden layers have the numbers 1 to 1/],
    [() => withActivation(document, weights, "H1", "tahn"), /no activation “tahn” here\. There are: linear, sigmoid/],
    [() => withActivation(document, weights, "I1", "tanh"), /I1 is an input, which has no activation/],
    [() => withLoss(document, weights, "softmax_cross_entropy"), /needs at least 2 outputs/],
    [() => withNode({ ...document, editable: false, offered: null }, weights, 1), /cannot be changed here: .*Python/],
    [() => made({ hidden: [0] }), /1 or more; this is 0/],
    [() => made({ hidden: [1e4, 1e4] }), /more than a page can show/],
    [() => made({ inputs: ["a"], outputs: ["a"] }), /have one name/],
    [() => withNode(document, weights.slice(1), 1), /one weight for each of 9 connections; there are 8/],
  ];
  for (const [edit, words] of refused) assert.throws(edit, (error) => error instanceof EditError && words.test(error.message), String(words));
});

test("the targets that are offered are those that can be connected", () => {
  const { document, weights } = withoutConnection(...Object.values(made({ hidden: [2, 2] })), "W7");
  document.nodes.forEach((_, source) => {
    const offered = targetsOf(document, source);
    document.nodes.forEach((__, target) => {
      const connect = () => withConnection(document, weights, source, target);
      if (offered.includes(target)) connect();
      else assert.throws(connect, EditError);
    });
  });
});
