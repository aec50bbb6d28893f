/** How long a step may be: e after one update with small and large η, beside e as it is. */

import { calculate } from "./engine.js";
import { h } from "./dom.js";
import { indices } from "./network.js";
import { number } from "./numbers.js";
import { once } from "./once.js";
import { canUpdate, errorAfter, errorWith, stepped } from "./updates.js";
import { marked, worded } from "./words.js";

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
  const told = { rate: number(rate), before: number(before), after: number(after) };
  if (before === after) return worded("One update with η = {rate} leaves e as it is, at {before}.", told);
  if (isTooLong(before, after)) return worded("This step is too long: with η = {rate} e grows from {before} to {after}. The gradient says which way is down, but only close by: W − η·∂e/∂W jumps over the valley and lands higher on the other side.", told);
  return worded("One update with η = {rate} brings e down from {before} to {after}.", told);
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
  return h("section.step-sizes", { "aria-label": worded("How long may a step be?") },
    h("h3", null, worded("How long may a step be?")),
    h("p.hint", null, worded(document.samples.length > 1 ? marked("Training repeats the update W − η·∂e/∂W; η is the learning rate. e of this sample alone is {error} now. After one update by it it is:") : marked("Training repeats the update W − η·∂e/∂W; η is the learning rate. e of this sample is {error} now. After one update by it it is:"), { error: number(before.one) })),
    h("table.rates", null,
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "η"), h("th", { scope: "col" }, worded("e after one update")), h("td"), before.all !== null && h("th", { scope: "col" }, worded("mean of all {count}", { count: samples.length })))),
      h("tbody", null, steps.map((rung) => row(rung, before))),
    ),
    h("p.hint", null, before.all === null ? ladderWords(before.one, steps, worded(document.samples.length > 1 ? marked("for this sample alone") : marked("here"))) : ladderWords(before.all, steps.map(({ rate, all }) => ({ rate, one: all })), worded("for the mean of all {count}, which batches of all samples go by", { count: samples.length }))),
  );
}

function row({ rate, chosen, one, all }, before) {
  const bar = h("i", { class: isTooLong(before.one, one) ? "bar" : "bar down" });
  // e as it is now takes half the room.
  bar.style.width = `${Number.isFinite(one) && before.one > 0 ? Math.max(1, Math.min(100, (50 * one) / before.one)) : 100}%`;
  return h("tr", { class: chosen ? "chosen" : null, "data-rate": String(rate), "data-error": String(one), "data-all": all === null ? null : String(all) },
    h("th", { scope: "row" }, chosen ? worded("{rate} (chosen)", { rate: number(rate) }) : number(rate)),
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
  if (steps.every(({ one }) => one === before)) return worded("e does not move: the gradients are 0, and no η changes that.");
  if (!failed.length) return worded("None of these steps is too long {where}; the lowest e comes with η = {rate}. Whether the next ones are is another matter.", { where, rate: number(best.rate) });
  const worst = failed.at(-1);
  const told = { where, rate: number(failed[0].rate), before: number(before, 4), after: number(failed[0].one, 4), other: number(worst.rate), most: number(worst.one, 4) };
  const words = failed.length > 1 ? marked("Too long a step {where}: with η = {rate} e grows from {before} to {after}, with η = {other} even to {most}.") : marked("Too long a step {where}: with η = {rate} e grows from {before} to {after}.");
  return `${worded(words, told)} ${worded("The gradient is the slope of e where the weights are now; far from there it no longer holds, and W − η·∂e/∂W jumps over the valley to a place that is higher. Repeated, such steps swing further and further: the training fails.")}`;
}
