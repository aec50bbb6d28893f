/** The buttons of the training, and how it is trained. */

import { button, fill, h } from "../dom.js";
import { shown } from "../names.js";
import { number } from "../numbers.js";
import { warning } from "../warning.js";
import { usualRate } from "./session.js";
import { marked, worded } from "../words.js";

/** How many epochs a second there may be while it plays. */
const SPEEDS = [["1", marked("1 epoch/s")], ["10", marked("10 epochs/s")], ["60", marked("60 epochs/s")], ["", marked("fastest")]];
const BATCHES = [["1", marked("one sample")], ["8", marked("mini: {count}")], ["16", marked("mini: {count}")], ["32", marked("mini: {count}")], ["all", marked("all samples")]];

/** @param {import("../app.js").App} app @param {import("./session.js").Session} session @param {{element: HTMLElement}} picker Of the data set. */
export function trainingBar(app, session, picker) {
  const buttons = pressed(session);
  const trouble = warning();
  const parts = ["", "", ""].map(() => h("span"));
  const readout = h("p.readout");
  const show = () => {
    const impossible = Boolean(session.whyNot);
    for (const [name, each] of Object.entries(buttons)) each.disabled = impossible || (name === "Pause" ? !session.playing : name === "Play" && session.playing);
    buttons.Play.classList.toggle("primary", !session.playing);
    buttons.Pause.classList.toggle("primary", session.playing);
    trouble.say(session.trouble);
    if (impossible) readout.textContent = session.whyNot;
    else showProgress(app, readout, parts);
    readout.classList.toggle("impossible", impossible);
  };
  session.on(show);
  app.state.on(["epoch", "edits"], show);
  show();
  return h("section.training", { "aria-label": worded("Training") },
    h("div.row", null, h("div.buttons", { role: "group", "aria-label": worded("Train") }, Object.values(buttons)), readout),
    !session.whyNot && settings(app, session),
    app.document.offered && picker.element,
    trouble.element,
  );
}

/** The buttons, under the names that people and tests know them by. */
function pressed(session) {
  const pressing = [
    [marked("Play"), () => session.play()],
    [marked("Pause"), () => session.pause()],
    [marked("One update"), () => session.update()],
    [marked("One epoch"), () => session.epoch()],
    [marked("Reset"), () => session.reset()],
  ];
  return Object.fromEntries(pressing.map(([name, press]) => [name, button(worded(name), press)]));
}

/** Each number has a place of its own, so that none moves when another becomes longer. */
function showProgress(app, readout, places) {
  const { epoch, error, test } = app.runs.moments.at(app.state.values.epoch);
  const words = [worded("epoch {epoch}", { epoch })];
  if (error !== null) words.push(worded("mean e {error}", { error: number(error, 4) }));
  if (test !== null && test !== undefined) words.push(worded("test {error}", { error: number(test, 4) }));
  words.forEach((each, place) => (places[place].textContent = `${each} `));
  if (readout.childElementCount !== words.length) fill(readout, places.slice(0, words.length));
}

/** Of each setting its element, and how it shows what is set. @param {import("../app.js").App} app @param {import("./session.js").Session} session */
function settings(app, session) {
  const optimizers = (app.document.offered?.optimizers ?? [{ name: "sgd" }]).map(({ name }) => [name, shown(name)]);
  const set = (changes) => {
    session.set(changes);
    return true;
  };
  const each = [
    entry(session, worded("Learning rate"), (learningRate) => learningRate > 0 && set({ learningRate }), ({ learningRate }) => learningRate),
    choice(worded("Optimizer"), () => optimizers, (name) => session.set({ optimizer: name, learningRate: usualRate(app.document, name) }), ({ optimizer }) => optimizer),
    choice(worded("Batch"), batches, (value) => session.set({ batch: value === "all" ? value : Number(value) }), ({ batch }) => String(batch)),
    entry(session, "L2", (l2) => l2 >= 0 && set({ l2 }), ({ l2 }) => l2),
    choice(worded("Speed"), () => SPEEDS, (value) => session.run(value === "" ? null : Number(value)), () => String(session.pace ?? "")),
    tick(worded("Shuffle"), (shuffle) => session.set({ shuffle }), ({ shuffle }) => shuffle, ({ batch }) => batch === "all"),
  ];
  const show = () => each.forEach(({ show: showOne }) => showOne(session.options));
  session.on(show);
  show();
  return h("div.settings", null, each.map(({ element }) => element));
}

function batches({ batch }) {
  return BATCHES.some(([value]) => value === String(batch)) ? BATCHES : [[String(batch), marked("mini: {count}")], ...BATCHES];
}

/** @param {(value: number) => boolean} change Returns whether it was taken. */
function entry(session, name, change, of) {
  const box = h("input", { type: "number", step: "any", min: 0, "aria-label": name, change: () => take() });
  const write = (options) => (box.value = String(of(options)));
  const take = () => {
    const wanted = Number(box.value);
    const taken = box.value !== "" && Number.isFinite(wanted) && change(wanted);
    // What cannot be is not left standing there, as if it counted.
    if (!taken) write(session.options);
  };
  const show = (options) => box !== box.ownerDocument.activeElement && write(options);
  return { element: h("label.control", null, h("span", null, name), box), show };
}

function choice(name, choices, choose, of) {
  const select = h("select", { "aria-label": name, change: () => choose(select.value) });
  const show = (options) => {
    const offered = choices(options);
    if (select.options.length !== offered.length) fill(select, offered.map(([value, label]) => h("option", { value }, worded(label, { count: value }))));
    select.value = of(options);
  };
  return { element: h("label.control", null, h("span", null, name), select), show };
}

/** @param {(options: any) => boolean} idle Where it makes no difference, and is not shown. */
function tick(name, change, of, idle) {
  const box = h("input", { type: "checkbox", change: () => change(box.checked) });
  const element = h("label.check", null, box, name);
  const show = (options) => {
    box.checked = of(options);
    element.hidden = idle(options);
  };
  return { element, show };
}
