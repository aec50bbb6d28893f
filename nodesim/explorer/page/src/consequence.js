/** What the reader's changes do to e and the outputs, beside what the slopes at the start predict. */

import { slopeOf } from "./duals.js";
import { kinkBetween } from "./kinks.js";
import { number } from "./numbers.js";
import { once } from "./once.js";
import { directionOf } from "./updates.js";
import { worded } from "./words.js";

const CLOSE = 0.1;

/**
 * One change.
 * @typedef {object} Change
 * @property {"weights"|"inputs"|"targets"} part
 * @property {string} key Its name among the edits.
 * @property {string} name As it is written: W1, I1, y1.
 * @property {number} from
 * @property {number} to
 * @property {number} slope ∂e by it, before; NaN where it is not known.
 *
 * @typedef {object} Consequence
 * @property {Change[]} changes
 * @property {number} predicted Σ slope·Δ; NaN where one is not known.
 * @property {number} became What e changed by; NaN without e.
 */

/**
 * @param {import("./network.js").Network} network
 * @param {import("./sums.js").Run} before The same sample and epoch without edits.
 * @param {import("./sums.js").Run|null} after
 * @param {import("./runs.js").Edits} edits
 * @returns {Consequence}
 */
export function consequence(network, before, after, edits) {
  const changes = [
    ...lasting(network, edits.weights).map(([key, to]) => weightChange(network, before, key, to)),
    ...Object.entries(edits.inputs).map(([key, to]) => inputChange(network, before, key, to)),
    ...Object.entries(edits.targets).map(([key, to]) => targetChange(network, before, key, to)),
  ];
  const predicted = changes.reduce((sum, { slope, from, to }) => sum + (to === from ? 0 : slope * (to - from)), 0);
  const became = (after?.error ?? NaN) - (before.error ?? NaN);
  return { changes, predicted, became };
}

/** The changes of weights that count: of connections that share one the last. */
function lasting({ connections, byName }, changes) {
  const own = (key) => connections[byName.get(key).index].tie;
  const entries = Object.entries(changes);
  return entries.filter(([key], place) => own(key) === null || !entries.slice(place + 1).some(([other]) => own(other) === own(key)));
}

function weightChange(network, before, key, to) {
  const { index } = network.byName.get(key);
  const slope = before.gradient ? directionOf(network, before.gradient, index) : NaN;
  return { part: "weights", key, name: network.connections[index].quantity, from: before.weights[index], to, slope };
}

/** ∂e/∂I is what backpropagation carries on to where the input stands. */
function inputChange(network, before, key, to) {
  const { index } = network.byName.get(key);
  return { part: "inputs", key, name: network.nodes[index].quantity, from: before.activated[index], to, slope: before.delta?.[index] ?? NaN };
}

function targetChange(network, before, key, to) {
  const { index } = network.byName.get(key);
  const place = network.place[index];
  return { part: "targets", key, name: network.nodes[index].target, from: before.targets?.[place] ?? NaN, to, slope: slopeByTarget(network, before, place) };
}

/** ∂e/∂y, from the loss as it is written; NaN where it is not. @param {import("./network.js").Network} network @param {import("./sums.js").Run} run @param {number} place */
export function slopeByTarget({ document, outputs, ofSums }, run, place) {
  const { program } = document.loss;
  if (program === null || run.error === null || !run.targets) return NaN;
  return once(run, `slope by target ${place}`, () => {
    const a = outputs.map((node) => (ofSums ? run.value : run.activated)[node]);
    return slopeOf(document.programs[program].function, { y: [...run.targets], a, n: [outputs.length] }, "y", place);
  });
}

/**
 * How what the slope predicts compares with what happened.
 * @param {import("./network.js").Network} network @param {import("./sums.js").Run} before @param {import("./sums.js").Run} after @param {Consequence} found
 */
export function comparison(network, before, after, { changes, predicted, became }) {
  const apart = Math.abs(predicted - became);
  const size = Math.max(Math.abs(predicted), Math.abs(became));
  const rounding = 4e-16 * (Math.abs(before.error) + Math.abs(after.error));
  if (size <= rounding) return worded("nothing moves, as the slope says.");
  if (apart <= Math.max(rounding, 1e-9 * size)) return worded("the same: on this way e is a straight line.");
  const kink = kinkBetween(network, before, after);
  if (apart <= CLOSE * size) return kink ? worded("close, though {quantity} went over the kink of {activation} at {number}.", kinked(network, kink)) : worded("close, since the step is small.");
  if (kink) return worded("not the same, since {quantity} went over the kink of {activation} at {number}: a kink lies between, and the slope at the start knows nothing of it.", kinked(network, kink));
  return curved(network, before, after, changes);
}

function kinked({ nodes }, { node, at }) {
  const { quantity, activation } = nodes[node];
  return { quantity, activation, number: number(at) };
}

/** e is a curve: of a single change how steep it is at the end. */
function curved(network, before, after, changes) {
  const plain = worded("not the same, since e is a curve: the slope holds only close to the start.");
  if (changes.length !== 1) return plain;
  const [{ part, key, name, slope }] = changes;
  const make = { weights: weightChange, inputs: inputChange, targets: targetChange }[part];
  const end = make(network, after, key, 0).slope;
  return Number.isFinite(end) ? worded("not the same, since e is a curve: ∂e/∂{name} is {start} at the start and {end} at the end; the slope holds only close to the start.", { name, start: number(slope, 3), end: number(end, 3) }) : plain;
}
