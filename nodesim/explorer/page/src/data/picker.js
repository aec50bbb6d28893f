/** Which data set is learned: one of those offered, the page's own samples, or a file that the reader drops. */

import { button, fill, h } from "../dom.js";
import { shown } from "../names.js";
import { plural } from "../numbers.js";
import { warning } from "../warning.js";
import { DataError, readData } from "./csv.js";
import { dropsOf } from "./dropping.js";
import { dataSetOf } from "./samples.js";
import { withTest } from "./split.js";
import { worded } from "../words.js";

const SHARES = [0, 20, 50];
const USUAL_SHARE = 0.2;
/** Values of options: the samples that the page came with, a file, nothing yet. */
const OWN = "own";
const FILE = "file";
const NONE = "none";

/** What was read, for as long as there is the page: another network in it has a picker of its own. @type {WeakMap<HTMLElement, {sets: Map<string, import("./csv.js").DataSet>, file: any, picker?: Picker}>} */
const remembered = new WeakMap();

/**
 * A choice of data sets. Files may be dropped anywhere on the page.
 * @param {import("../app.js").App} app
 * @param {object} given
 * @param {import("./csv.js").DataSet|null} [given.chosen] What is shown at first; null for the samples that the page came with.
 * @param {(data: import("./csv.js").DataSet|null) => void} given.choose Told what the reader chooses; null for the samples that the page came with.
 * @returns {{element: HTMLElement, show: (data: import("./csv.js").DataSet|null) => void}}
 */
export function dataPicker(app, { chosen = null, choose }) {
  const picker = new Picker(app, choose);
  picker.show(chosen);
  return { element: picker.element, show: (data) => picker.show(data) };
}

class Picker {
  constructor(app, choose) {
    this.app = app;
    this.tell = choose;
    this.data = null;
    if (!remembered.has(app.root)) remembered.set(app.root, { sets: setsOf(app.bench?.document ?? app.document), file: null });
    this.memory = remembered.get(app.root);
    this.memory.picker = this;
    this.sets = this.memory.sets;
    this.#build();
    dropsOf(app.root, (file) => this.#take(file));
  }

  /** Show what is chosen, without telling of it. */
  show(data) {
    this.data = data ?? this.sets.get(OWN) ?? null;
    const key = this.data ? this.#keyOf(this.data) : NONE;
    if (this.data) this.sets.set(key, this.data);
    const named = ([value, { name }]) => h("option", { value }, shown(name));
    const none = h("option", { value: NONE, disabled: true }, worded("Choose …"));
    fill(this.choice, key === NONE && none, [...this.sets].map(named));
    this.choice.value = key;
    this.#shares();
    this.#summary(key);
  }

  #keyOf(data) {
    const found = [...this.sets].find(([, { x, y }]) => x === data.x && y === data.y);
    return found?.[0] ?? FILE;
  }

  #build() {
    this.choice = h("select.data-set", { "aria-label": worded("Data set"), change: () => this.#choose(this.sets.get(this.choice.value), this.choice.value === OWN) });
    this.share = h("select", { "aria-label": worded("Test share"), change: () => this.#choose(withTest(this.data, Number(this.share.value) / 100)) });
    this.input = h("input", { type: "file", hidden: true, accept: ".csv,.tsv,.txt,text/csv,text/tab-separated-values", "aria-label": worded("CSV file"), change: () => this.#take(this.input.files[0]) });
    this.numbered = h("input", { type: "checkbox", change: () => this.#read(this.memory.file, this.numbered.checked) });
    this.asClasses = h("label.check", null, this.numbered, worded("Its numbers are classes"));
    this.preview = h("p.hint.preview");
    this.warning = warning();
    this.element = h("div.data-picker", { role: "group", "aria-label": worded("Data") },
      h("div.row", null,
        h("label.control", null, h("span", null, worded("Data set")), this.choice),
        button(worded("Own CSV…"), () => this.input.click()), this.input, this.asClasses,
        h("label.control", null, h("span", null, worded("Test share")), this.share)),
      this.preview, this.warning.element);
  }

  #shares() {
    const { data } = this;
    const held = data ? data.test.length : 0;
    // Of classes whole numbers of samples are held out: 19.6 % is what was meant by 20 %.
    const near = data ? SHARES.find((share) => withTest(data, share / 100).test.length === held) ?? Math.round((100 * held) / data.x.length) : 0;
    fill(this.share, [...new Set([...SHARES, near])].sort((a, b) => a - b).map((share) => h("option", { value: share }, `${share} %`)));
    this.share.value = String(near);
    this.share.disabled = !data;
  }

  #summary(key) {
    const { file } = this.memory;
    const read = key === FILE && file;
    this.asClasses.hidden = !read || !file.numbered;
    this.numbered.checked = Boolean(read && file.classes);
    const words = this.data ? [inWords(this.data), this.data.note, ...(read ? file.said : [])] : [];
    this.preview.textContent = words.filter(Boolean).map(shown).join(" ");
  }

  #choose(data, back = false) {
    this.warning.say("");
    this.show(data);
    this.app.say(worded("Data set {name}: {words}", { name: shown(data.name), words: inWords(data) }));
    this.tell(back && !data.test.length ? null : data);
  }

  async #take(file) {
    if (!file) return;
    const bytes = await file.arrayBuffer().catch(() => null);
    // The same file can be chosen again, mended.
    this.input.value = "";
    // Until it is read another network may be shown, with a picker of its own.
    const { picker } = this.memory;
    if (bytes) picker.#read({ name: file.name, bytes }, false);
    else picker.warning.say(worded("{name} cannot be read. Drop one file, no folder.", { name: shown(file.name) }));
  }

  #read({ name, bytes }, classes) {
    try {
      const { data, said, numbered } = readData(bytes, name, { classes });
      this.memory.file = { name, bytes, said, numbered, classes };
      this.sets.set(FILE, withTest(data, USUAL_SHARE));
      this.#choose(this.sets.get(FILE));
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      this.warning.say(`${shown(name)}: ${shown(error.message)}`);
    }
  }
}

/** The data sets that there are at first, by the values of their options. */
function setsOf(document) {
  const own = dataSetOf(document);
  const offered = (document.offered?.data ?? []).map((data, place) => [String(place), data]);
  return new Map([...(own ? [[OWN, own]] : []), ...offered]);
}

/** What a data set is, in one line. @param {import("./csv.js").DataSet} data */
function inWords({ x, inputs, outputs, kind, test }) {
  const many = (number, noun) => plural(String(number), noun);
  const told = { rows: many(x.length, "row"), train: x.length - test.length, test: test.length, inputs: many(inputs.length, "input"), outputs: many(outputs.length, "output"), count: outputs.length === 1 ? 2 : outputs.length };
  if (kind === "classes") return worded("{rows}: {train} to train, {test} to test. {inputs}, {outputs}, {count} classes.", told);
  return worded("{rows}: {train} to train, {test} to test. {inputs}, {outputs}, numbers to be learned.", told);
}
