/** How long a step may be: e after one update with small and large η, beside e as it is. */

import { calculate } from "./engine.js";
import { h } from "./dom.js";
import { indices } from "./network.js";
import { number } from "./numbers.js";
import { once } from "./once.js";
import { canUpdate, errorAfter, errorWith, stepped } from "./updates.js";

const RATES = [0.01, 0.1, 0.3, 1, 3, 10];
/** All samples are asked where that is quick: samples times connections. */
const QUICK = 6000;

/**
 * @typedef {object} Rung
 * @property {number} rate
 * @property {boolean} chosen
 * @property {number} one e of the sample that is shown.
 * @property {number|null} all The mean over all samples, after an update with the mean of their gradients.
 */

/** e after one update for some η, the chosen one among them. @param {number} rate @returns {number[]} */
function rungs(rate) {
  return [...new Set([...RATES, rate])].filter((each) => each > 0).sort((a, b) => a - b);
}

/**
 * @param {import("./network.js").Network} network
 * @param {import("./sums.js").Run} run
 * @param {number} rate The chosen one.
 * @param {{x: number[], y: number[]|null}[]} samples All; without targets of each, only the one that is shown is asked.
 * @returns {{before: {one: number, all: number|null}, rungs: Rung[]}}
 */
export function ladder(network, run, rate, samples) {
  const whole = samples.length > 1 && samples.every(({ y }) => y) && samples.length * network.connections.length <= QUICK ? together(network, run, samples) : null;
  return {
    before: { one: run.error, all: whole && whole(0) },
    rungs: rungs(rate).map((each) => ({ rate: each, chosen: each === rate, one: errorAfter(network, run, each), all: whole && whole(each) })),
  };
}

/** The mean error over all samples after an update of a rate. */
function together(network, run, samples) {
  const gradient = once(run, "gradient of all samples", () => {
    const sum = new Float64Array(network.connections.length);
    for (const { x, y } of samples) {
      const { gradient: own } = calculate(network, run.weights, x, y);
      sum.forEach((_, c) => (sum[c] += (own?.[c] ?? NaN) / samples.length));
    }
    return sum;
  });
  return (rate) => {
    const weights = stepped(network, run.weights, gradient, rate);
    return samples.reduce((total, { x, y }) => total + errorWith(network, weights, x, y) / samples.length, 0);
  };
}

/** Whether an update overshoots. @param {number} before @param {number} after */
export function isTooLong(before, after) {
  return !(after <= before);
}

/** What one update does to e, in words. @param {number} before @param {number} after @param {number} rate */
export function updateWords(before, after, rate) {
  const moved = `from ${number(before)} to ${number(after)}`;
  if (before === after) return `One update with η = ${number(rate)} leaves e as it is, at ${number(before)}.`;
  if (isTooLong(before, after)) return `This step is too long: with η = ${number(rate)} e grows ${moved}. The gradient says which way is down, but only close by: W − η·∂e/∂W jumps over the valley and lands higher on the other side.`;
  return `One update with η = ${number(rate)} brings e down ${moved}.`;
}

/** The lines of the overview. @param {import("./app.js").App} app */
export function stepSizes(app) {
  const { network, run, document, runs, state } = app;
  if (!canUpdate(network, run)) return null;
  const rate = state.values.learningRate;
  // While a training plays the one that is shown has to do.
  const asked = app.session.playing ? [] : indices(document.samples, ({ test }) => !test);
  const samples = asked.map((index) => runs.sample(index, index === state.values.sample ? state.values.edits : { ...state.values.edits, inputs: {}, targets: {} }));
  const { before, rungs: steps } = ladder(network, run, rate, samples);
  return h("section.step-sizes", { "aria-label": "How long may a step be?" },
    h("h3", null, "How long may a step be?"),
    h("p.hint", null, `Training repeats the update W − η·∂e/∂W; η is the learning rate. e of this sample${document.samples.length > 1 ? " alone" : ""} is ${number(before.one)} now. After one update by it it is:`),
    h("table.rates", null,
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "η"), h("th", { scope: "col" }, "e after one update"), h("td"), before.all !== null && h("th", { scope: "col" }, `mean of all ${samples.length}`))),
      h("tbody", null, steps.map((rung) => row(rung, before))),
    ),
    h("p.hint", null, before.all === null ? ladderWords(before.one, steps, document.samples.length > 1 ? "for this sample alone" : "here") : ladderWords(before.all, steps.map(({ rate, all }) => ({ rate, one: all })), `for the mean of all ${samples.length}, which batches of all samples go by`)),
  );
}

function row({ rate, chosen, one, all }, before) {
  const bar = h("i", { class: isTooLong(before.one, one) ? "bar" : "bar down" });
  // e as it is now takes half the room.
  bar.style.width = `${Number.isFinite(one) && before.one > 0 ? Math.max(1, Math.min(100, (50 * one) / before.one)) : 100}%`;
  return h("tr", { class: chosen ? "chosen" : null, "data-rate": String(rate), "data-error": String(one), "data-all": all === null ? null : String(all) },
    h("th", { scope: "row" }, `${number(rate)}${chosen ? " (chosen)" : ""}`),
    h("td", null, moved(before.one, one)),
    h("td.track", { "aria-hidden": "true" }, bar),
    all !== null && h("td", null, moved(before.all, all)),
  );
}

function moved(before, after) {
  const sign = after === before ? "=" : isTooLong(before, after) ? "↑" : "↓";
  return [h("span", { class: sign === "↑" ? "red" : "down" }, sign), ` ${number(after, 4)}`];
}

function ladderWords(before, steps, where) {
  const failed = steps.filter(({ one }) => isTooLong(before, one));
  const best = steps.reduce((a, b) => (b.one < a.one ? b : a));
  if (steps.every(({ one }) => one === before)) return "e does not move: the gradients are 0, and no η changes that.";
  if (!failed.length) return `None of these steps is too long ${where}; the lowest e comes with η = ${number(best.rate)}. Whether the next ones are is another matter.`;
  const worst = failed.at(-1);
  const more = failed.length > 1 ? `, with η = ${number(worst.rate)} even to ${number(worst.one, 4)}` : "";
  return `Too long a step ${where}: with η = ${number(failed[0].rate)} e grows from ${number(before, 4)} to ${number(failed[0].one, 4)}${more}. The gradient is the slope of e where the weights are now; far from there it no longer holds, and W − η·∂e/∂W jumps over the valley to a place that is higher. Repeated, such steps swing further and further: the training fails.`;
}
