import assert from "node:assert/strict";
import { after, test } from "node:test";
import { layered, withNode } from "../src/building/index.js";
import { shortTitle } from "../src/building/arranging.js";
import { plural } from "../src/numbers.js";
import { obstacle } from "../src/training/obstacles.js";
import { isLike, marked, speak, spoken, worded, woven } from "../src/words.js";
import { layered as small, OFFERED, PROGRAMS } from "./helpers.js";

const TABLE = {
  "Hidden layer {number}": "{number}. verdeckte Schicht", "Hidden {number}": "{number}. verdeckte", "Input layer": "Eingabeschicht", "Input": "Eingabe",
  "network {sizes}": "Netz {sizes}", "{count} of {all} samples are shown.": "{all} Beispiele (davon {count} gezeigt).", "1 path": "1 Pfad", "{count} paths": "{count} Pfade",
};

after(() => speak(undefined));

test("a text is said by the table, and in English where there is none", () => {
  speak({ "{a} of {b}": "von {b} {a}", constructor: "Erbauer" });
  assert.equal(worded("{a} of {b}", { a: 1, b: "{a}" }), "von {a} 1");
  assert.equal(worded("{a} and {b}", { a: NaN, b: 0 }), "NaN and 0");
  assert.equal(worded("toString"), "toString");
  assert.equal(worded("constructor"), "Erbauer");
  speak(undefined);
  assert.equal(worded("{a} of {b}", { a: 1, b: 2 }), "1 of 2");
  assert.deepEqual(spoken(), {});
  assert.equal(marked("{a} of {b}"), "{a} of {b}");
});

test("elements are woven in wherever the sentence has them", () => {
  assert.deepEqual(woven("{red} von {start}.", { start: "e", red: ["a", "b"] }), ["", ["a", "b"], " von ", "e", "."]);
});

test("a network that is edited keeps its language", () => {
  speak(TABLE);
  const document = { ...small([2, 2, 1]).network.document, programs: PROGRAMS, offered: OFFERED };
  const made = layered(document, { inputs: 2, outputs: 1, hidden: [2] });
  assert.deepEqual(made.document.layers.map(({ name }) => name), ["Eingabeschicht", "1. verdeckte Schicht", "Output layer"]);
  assert.equal(made.document.title, "Netz 2-2-1");
  assert.deepEqual(made.document.layers.map(({ name }) => shortTitle(name)), ["Eingabe", "1. verdeckte", "Output"]);
  assert.equal(shortTitle("front"), "front");
  const few = { ...made.document, samples: [{ name: "a", x: [0, 1], y: [1] }], missing: ["10\u202f000 Beispiele (davon 20 gezeigt).", "Something else."] };
  const { document: edited } = withNode(few, made.weights, 1);
  assert.deepEqual(edited.missing, few.missing.slice(0, 1));
  assert.ok(!isLike("{count} of {all} (all)", "1 of 2 all"));
  assert.deepEqual([plural("1", "path"), plural("1234", "path")], ["1 Pfad", "1\u202f234 Pfade"]);
  assert.equal(obstacle({ ...document, connections: [] }), "There is no weight to train: the network has no connections, or all of them are frozen.");
});
