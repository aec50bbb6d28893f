import assert from "node:assert/strict";
import { test } from "node:test";
import { DataError, readData } from "../src/data/csv.js";
import { dataSetOf, samplesOf } from "../src/data/samples.js";
import { standardised } from "../src/data/scaling.js";
import { withTest } from "../src/data/split.js";
import { documentOf, random } from "./helpers.js";

const bytes = (text) => new TextEncoder().encode(text);
const read = (text, options) => readData(bytes(text), "my data.csv", options);

test("columns are standardised, classes become columns of 0 and 1", () => {
  const { data } = read("width;height;kind\n1,5;10;b\n2,5;20;a\n3,5;60;c\n");
  assert.deepEqual(data.inputs, ["width", "height"]);
  assert.deepEqual(data.outputs, ["a", "b", "c"]);
  assert.deepEqual(data.y, [[0, 1, 0], [1, 0, 0], [0, 0, 1]]);
  assert.equal(data.name, "my data");
  for (const column of [0, 1]) {
    const values = data.x.map((row) => row[column]);
    assert.ok(Math.abs(values.reduce((sum, value) => sum + value)) < 3e-4);
    assert.ok(Math.abs(values.reduce((sum, value) => sum + value ** 2, 0) - 3) < 1e-3);
  }
});

test("two classes share an output, words of an input become marks, truths are 0 and 1", () => {
  const { data } = read("isle,sex,old,class\nA,m,true,x\nB,f,false,y\nC,m,TRUE,x\n");
  assert.deepEqual(data.inputs, ["isle = A", "isle = B", "isle = C", "sex = m", "old"]);
  assert.deepEqual(data.x, [[1, 0, 0, 1, 1], [0, 1, 0, 0, 0], [0, 0, 1, 1, 1]]);
  assert.deepEqual([data.outputs, data.y, data.kind], [["class"], [[0], [1], [0]], "classes"]);
  assert.match(data.note, /1 for “y”, 0 for “x”/);
});

test("numbers of classes are classes where the reader says so", () => {
  const text = "a,b,class\n1,2,1\n2,3,10\n3,4,2\n";
  assert.equal(read(text).data.kind, "numbers");
  assert.equal(read(text).numbered, true);
  const { data } = read(text, { classes: true });
  assert.deepEqual([data.kind, data.outputs, data.y], ["classes", ["1", "2", "10"], [[1, 0, 0], [0, 0, 1], [0, 1, 0]]]);
  assert.deepEqual(read("a,y\n5,0\n6,1\n").data.y, [[0], [1]]);
  assert.equal(read("a,y\n5,0\n6,1\n").numbered, false);
});

test("targets that a network reaches stay as they are, others are standardised", () => {
  assert.deepEqual(read("a,y\n5,0.25\n6,-1\n").data.y, [[0.25], [-1]]);
  assert.deepEqual(read("a,y\n5,2500\n6,2600\n").data.y, [[-1], [1]]);
  assert.deepEqual(read("a,y\n5,2.5e-9\n6,2.6e-9\n").data.y, [[-1], [1]]);
});

test("rows with missing values are left out, and it is said", () => {
  const { data, said } = read("a,b,y\n1,2,3\nNA,2,3\n4,?,6\n4,5,6\n7,8,9\n");
  assert.equal(data.x.length, 3);
  assert.deepEqual(said, ["2 of 5 rows have missing values: left out."]);
  assert.match(read("a,b,y\n1,,3\n4,,6\n").said[0], /missing in column 2 \(“b”\): left out/);
  assert.throws(() => read("a,b,y\n1,,3\n2,,3\n4,1,6\n"), /missing in 2 of 3 rows; the first in line 2.*column 2 \(“b”\): fill it in/);
});

test("hostile names and numbers are safe", () => {
  const { data } = read("__proto__,constructor,<script>alert(1)</script>\n1,2,__proto__\n3,4,toString\n5,6,<img src=x>\n");
  assert.deepEqual(data.inputs, ["__proto__", "constructor"]);
  assert.deepEqual(data.outputs, ["<img src=x>", "__proto__", "toString"]);
  assert.equal({}.polluted, undefined);
  assert.deepEqual(read(",,y\n0.5,1,0\n2,3,1\n").data.inputs, ["column 1", "column 2"]);
  assert.deepEqual(read("column 2,,y\n0.5,1,0\n2,3,1\n").data.inputs, ["column 2", "column 2 (2)"]);
  const wide = read("a,b,y\n1e308,5e-324,1\n-1e308,0,2\n1.7e308,1e-320,3\n").data;
  assert.ok(wide.x.flat().every((value) => Math.abs(value) < 2));
  for (const text of ["a,b,y\n1e400,2,3\n1,2,3\n", "a,b,y\n-inf,2,3\n1,2,3\n", "a,a,y\n1,2,3\n"]) assert.throws(() => read(text), DataError);
});

test("what cannot be read is refused in words", () => {
  const refused = {
    "The file is empty": "\ufeff\n \n",
    "there is a header, but no data": "a,b\n",
    "Are decimals written with a point or a comma": "a;b;y\n1,5;2.5;3\n",
    "Line 3: it has 2 columns, the first row has 3": "a,b,y\n1,2,3\n4,5\n",
    "Line 2, column 1 \\(“a”\\): “2024-01-02” is a date": "a,b,y\n2024-01-02,2,3\n2024-01-03,2,3\n",
    "holds 11 different words": `a,b,y\n${Array.from({ length: 11 }, (_, row) => `w${"abcdefghijk"[row]},${row},1`).join("\n")}\n`,
    "holds “x” in every row": "a,y\n1,x\n2,x\n",
    "up to 20000 can be learned in a page": `a,y\n${"1,2\n".repeat(20001)}`,
    "JSON": '[{"a": 1}]',
    "No column is left for the inputs": "y\n1\n2\n",
    "a quote is not closed": 'a,b,y\n1,2,"x\n',
  };
  for (const [words, text] of Object.entries(refused)) {
    assert.throws(() => read(text), (error) => error instanceof DataError && new RegExp(words, "i").test(error.message), words);
  }
  assert.throws(() => readData(Uint8Array.of(0x50, 0x4b, 3, 4, 0), "x.xlsx"), /Excel.*CSV UTF-8/s);
  assert.throws(() => readData(Uint8Array.of(97, 59, 0xe4, 10, 49, 59, 50), "x.csv"), /line 1.*Save it in UTF-8/s);
  assert.throws(() => readData(new Uint8Array(20000001), "x.csv"), /20 MB can be learned/);
});

test("damaged files are read, or refused in words: nothing else happens", () => {
  const next = random(5);
  const whole = [...bytes('a;b;"c d";y\n1,5;2;x;0\n"4,25";-5;y;1\n.5;1e3;x;1\n# c\n;;;\n')];
  for (let round = 0; round < 3000; round++) {
    const damaged = whole.slice();
    for (let change = 0; change < 1 + round % 6; change++) {
      const [place, value] = [Math.floor(next() * damaged.length), Math.floor(next() * 256)];
      if (next() < 0.4) damaged.splice(place, 1);
      else if (next() < 0.5) damaged[place] = value;
      else damaged.splice(place, 0, ...bytes(['"', ";", "\n", ",", "\t", "NaN", "1e999", "\0"][value % 8]));
    }
    try {
      const { data } = readData(Uint8Array.from(damaged));
      assert.ok([...data.x, ...data.y].flat().every(Number.isFinite));
      assert.ok(data.x.every((row) => row.length === data.inputs.length) && data.y.every((row) => row.length === data.outputs.length));
      assert.equal(new Set(data.inputs).size, data.inputs.length);
    } catch (error) {
      assert.ok(error instanceof DataError, `${error.stack}\n${JSON.stringify(Buffer.from(damaged).toString())}`);
    }
  }
});

test("thousands of rows are read at once", () => {
  const rows = Array.from({ length: 20000 }, (_, row) => `${row % 97},${row % 89},${row % 83},${row % 3 ? "a" : "b"}`);
  assert.equal(read(`p,q,r,y\n${rows.join("\n")}`).data.x.length, 20000);
});

test("a share of each class is held out, the same one every time", () => {
  const data = { name: "", inputs: ["a"], outputs: ["u", "v"], kind: "classes", note: "", x: [], y: [], test: [] };
  for (let row = 0; row < 100; row++) {
    data.x.push([row]);
    data.y.push(row < 20 ? [1, 0] : [0, 1]);
  }
  const held = withTest(data, 0.2);
  assert.equal(held.test.filter((row) => row < 20).length, 4);
  assert.equal(held.test.length, 20);
  assert.equal(new Set(held.test).size, 20);
  assert.deepEqual(withTest(data, 0.2), held);
  assert.notDeepEqual(withTest(data, 0.2, 1).test, held.test);
  assert.deepEqual(withTest(held, 0).test, []);
  // Whatever the share, something of each class is left to learn from.
  assert.equal(withTest({ ...data, x: [[1], [2]], y: [[0, 1], [1, 0]] }, 1).test.length, 0);
});

test("standardised numbers do not depend on their unit", () => {
  const next = random(3);
  for (const unit of [1, 1e-300, 1e150, -7e300]) {
    const column = Array.from({ length: 50 }, () => next() - 0.3);
    const [plain, scaled] = [column, column.map((value) => value * unit)].map((each) => standardised(each).values);
    plain.forEach((value, place) => assert.ok(Math.abs(value - Math.sign(unit) * scaled[place]) <= 1.01e-4));
  }
  assert.deepEqual(standardised([3, 3, 3]).values, [0, 0, 0]);
});

test("the page's own samples are a data set, where they have targets", () => {
  const document = documentOf([["I1", "I2"], ["O1"]], [["I1", "O1"], ["I2", "O1"]]);
  assert.equal(dataSetOf(document), null);
  document.samples = [{ name: "a", x: [1, "NaN"], y: [0] }, { name: "b", x: [1, 2], y: null }, { name: "c", x: [3, 4], y: [1], test: true }];
  const { inputs, outputs, kind, x, y, test } = dataSetOf(document);
  assert.deepEqual([inputs, outputs, kind, x, y, test], [["I1", "I2"], ["O1"], "classes", [[1, NaN], [3, 4]], [[0], [1]], [1]]);
  const again = dataSetOf({ ...document, samples: samplesOf({ x, y, test }) });
  assert.deepEqual([again.x, again.y, again.test], [x, y, test]);
});
