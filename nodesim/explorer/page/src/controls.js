/** What is looked at: sample, epoch, labels, filter, collapsed layers. */

import { button, h } from "./dom.js";
import { menu } from "./menu.js";
import { shown } from "./names.js";
import { number, plural } from "./numbers.js";
import { worded } from "./words.js";

/** @param {import("./app.js").App} app */
export function controls(app) {
  return h("div.controls", null, samples(app), labels(app), epochs(app), filter(app));
}

function samples(app) {
  const { samples } = app.document;
  if (!samples.length) return null;
  const choice = h("select", { "aria-label": worded("Sample"), change: () => app.state.set({ sample: Number(choice.value), edits: { ...app.state.values.edits, inputs: {}, targets: {} } }) },
    samples.map(({ name }, index) => h("option", { value: index }, shown(name))));
  const show = () => (choice.value = String(app.state.values.sample));
  app.state.on(["sample"], show);
  show();
  return h("label.control.of-sample", null, h("span", null, worded("Sample")), choice);
}

/** The slider over the epochs: hidden as long as there is only one. */
function epochs(app) {
  const { moments } = app.runs;
  const words = h("output", { class: "epoch" });
  const slider = h("input", { type: "range", min: 0, step: 1, "aria-label": worded("Epoch"), input: () => app.session.leave(Number(slider.value)) });
  const element = h("label.control.of-epoch", null, h("span", null, worded("Epoch")), slider, words);
  const show = () => {
    const { epoch, error } = moments.at(app.state.values.epoch);
    element.hidden = moments.length < 2;
    slider.max = String(moments.last);
    slider.value = String(app.state.values.epoch);
    slider.setAttribute("aria-valuetext", worded("epoch {epoch}", { epoch }));
    words.textContent = `${epoch}`;
    words.title = error === null ? "" : worded("error {error}", { error: number(error, 4) });
  };
  app.state.on(["epoch"], show);
  show();
  return element;
}

function labels(app) {
  const choices = [["names", worded("Names")], ["numbers", worded("Numbers")]].map(([value, label]) =>
    button(label, () => app.state.set({ labels: value }), { "data-labels": value }));
  const show = () => choices.forEach((choice) => choice.setAttribute("aria-pressed", String(choice.dataset.labels === app.state.values.labels)));
  app.state.on(["labels"], show);
  show();
  return h("div.control.segmented", { role: "group", "aria-label": worded("Labels") }, choices);
}

function filter(app) {
  const words = h("output");
  const slider = h("input", { type: "range", min: 0, max: 100, step: 1, "aria-label": worded("Smallest |weight| that is shown"), input: () => app.state.set({ threshold: level(app, Number(slider.value)) }) });
  const only = h("input", { type: "checkbox", change: () => app.state.set({ onlySelected: only.checked }) });
  const show = () => {
    const { threshold, onlySelected } = app.state.values;
    only.checked = onlySelected;
    const many = app.weights.reduce((sum, weight) => sum + Number(!(Math.abs(weight) < threshold)), 0);
    words.textContent = threshold ? worded("|weight| ≥ {threshold}: {connections}", { threshold: number(threshold, 3), connections: plural(String(many), "connection") }) : worded("all connections");
    slider.setAttribute("aria-valuetext", words.textContent);
    if (!threshold) slider.value = "0";
    element.firstChild.classList.toggle("active", Boolean(threshold || onlySelected || app.state.values.collapsed.length));
  };
  app.state.on(["threshold", "onlySelected", "epoch", "edits", "collapsed"], show);
  const element = menu(worded("Filter"), h("div.items.filter", null,
    h("label.check", null, only, worded("Only the selected paths")),
    h("label.range", null, h("span", null, worded("Smallest |weight|")), slider, words),
    layers(app),
  ));
  queueMicrotask(show);
  return element;
}

function layers(app) {
  const boxes = app.document.layers.map((_, layer) => h("input", { type: "checkbox", change: () => app.toggleLayer(layer) }));
  const show = () => boxes.forEach((box, layer) => (box.checked = app.state.values.collapsed.includes(layer)));
  app.state.on(["collapsed"], show);
  show();
  return h("fieldset", null, h("legend", null, worded("Collapse layers")), app.document.layers.map(({ name }, layer) =>
    h("label.check", null, boxes[layer], `${shown(name)} (${app.network.columns[layer].length})`)));
}

/** The |weight| below which so many percent of the connections lie. */
function level(app, percent) {
  if (!percent) return 0;
  const sizes = Float64Array.from(app.weights, Math.abs).sort();
  return sizes[Math.min(sizes.length - 1, Math.round((sizes.length * percent) / 100))];
}
