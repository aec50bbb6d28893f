/** The article's steps 2 and 3 for many samples at once. */

import { joined, partials } from "../joins.js";
import { addWeighted, meanProducts } from "./kernels.js";
import { allFinite, ColumnProgram } from "./program.js";

/** A number that is not finite: whose it is, and which of its quantities. */
export class NotFinite extends Error {
  /** @param {"sum"|"activated"|"error"|"entering"|"delta"|"gradient"|"update"} what @param {number} index Of the node or connection. @param {number} value */
  constructor(what, index, value) {
    super(what);
    this.what = what;
    this.index = index;
    this.value = value;
  }
}

/** Room for the numbers of so many samples: a row for each node. */
export class Room {
  /** @param {import("./rows.js").Rows} rows @param {number} samples */
  constructor(rows, samples) {
    this.samples = samples;
    const table = (count) => new Float64Array(count * samples);
    [this.value, this.activated, this.slope] = [0, 1, 2].map(() => table(rows.count));
    this.delta = table(rows.back);
    this.parts = table(rows.back - rows.count);
    [this.given, this.targets, this.entering] = [0, 1, 2].map(() => table(rows.outputs.length));
    this.errors = new Float64Array(samples);
    rows.biases.forEach((row, place) => this.activated.fill(rows.constants[place], row * samples, (row + 1) * samples));
  }
}

/** Forward and backward through a network. */
export class Passes {
  /** @param {import("./rows.js").Rows} rows @param {any} document Of which programs and loss are read. */
  constructor(rows, { programs, loss }) {
    this.rows = rows;
    this.ofSums = loss.of_sums;
    const program = (steps, outputs = 1) => steps && new ColumnProgram(steps, outputs);
    this.programs = programs.map((each, place) => {
      const used = rows.groups.some((group) => group.program === place);
      return used ? { call: program(each.function), derivative: program(each.derivative) } : null;
    });
    const { function: error, derivative } = programs[loss.program];
    this.error = program(error, rows.outputs.length);
    this.seed = program(derivative, rows.outputs.length);
  }

  /** H = Σ W·HA or what else is made of that, HA = activation(H): of what stands in the rows of the inputs. @param {Room} room @param {Float64Array} weights */
  forward(room, weights) {
    const { value, activated, samples } = room;
    for (const group of this.rows.groups) {
      const [from, to] = [group.first * samples, (group.first + group.count) * samples];
      value.fill(0, from, to);
      for (const task of group.tasks) {
        if (task.join) this.#join(room, weights, task, group.alive);
        else addWeighted(value, task.row * samples, samples, activated, task.sources, weights, task.links);
      }
      this.programs[group.program].call.run({ z: value }, { at: from, stride: 0, samples: to - from }, activated);
      if (!allFinite(value, from, to) || !allFinite(activated, from, to)) throw this.#forwardFault(room, group);
    }
  }

  /** H of a node that is no sum, and its partial derivatives by what comes in. */
  #join({ value, activated, parts, samples }, weights, { row, sources, links, part, join }, alive) {
    const coming = new Array(links.length);
    for (let s = 0; s < samples; s++) {
      for (let k = 0; k < links.length; k++) coming[k] = weights[links[k]] * activated[sources[k] * samples + s];
      const found = joined(join, coming);
      value[row * samples + s] = found;
      if (alive) partials(join, coming, found).forEach((each, k) => (parts[(part + k) * samples + s] = each));
    }
  }

  /** The error of each sample, and their mean. @param {Room} room */
  errorOf(room) {
    const { rows, error } = this;
    const { samples, given, targets, errors } = room;
    const table = this.ofSums ? room.value : room.activated;
    rows.outputs.forEach((row, place) => given.set(table.subarray(row * samples, (row + 1) * samples), place * samples));
    error.run({ y: targets, a: given, z: given }, { at: 0, stride: samples, samples }, errors, 1);
    let mean = 0;
    for (let s = 0; s < samples; s++) mean += errors[s] / samples;
    if (!Number.isFinite(mean)) throw new NotFinite("error", -1, mean);
    return mean;
  }

  /** Derivatives of that mean by every weight, after `forward` and `errorOf`. @param {Room} room @param {Float64Array} weights @param {Float64Array} gradients */
  backward(room, weights, gradients) {
    const { samples, given, targets, entering } = room;
    this.seed.run({ y: targets, a: given, z: given }, { at: 0, stride: samples, samples }, entering);
    if (!allFinite(entering, 0, entering.length)) throw this.#enteringFault(room);
    gradients.fill(0);
    for (let place = this.rows.groups.length - 1; place >= 0; place--) {
      const group = this.rows.groups[place];
      if (group.alive) this.#backThrough(room, weights, gradients, group);
    }
    if (!allFinite(gradients, 0, gradients.length)) throw this.gradientFault(gradients);
  }

  /** ∂e/∂H of a group's nodes, from what they feed; and the gradients of what feeds them. */
  #backThrough(room, weights, gradients, group) {
    const { value, activated, slope, delta, samples } = room;
    const [from, to] = [group.first * samples, (group.first + group.count) * samples];
    this.programs[group.program].derivative.run({ z: value, a: activated }, { at: from, stride: 0, samples: to - from }, slope);
    delta.fill(0, from, to);
    for (const task of group.tasks) {
      addWeighted(delta, task.row * samples, samples, delta, task.behind, weights, task.outgoing);
      if (task.place >= 0 && !this.ofSums) enter(room, task);
    }
    for (let i = from; i < to; i++) delta[i] *= slope[i];
    if (this.ofSums) for (const task of group.tasks) if (task.place >= 0) enter(room, task);
    if (!allFinite(delta, from, to)) throw this.#deltaFault(room, group);
    for (const task of group.tasks) {
      if (task.join) spread(room, task, gradients);
      else meanProducts(gradients, task.links, samples, activated, task.sources, delta, task.row * samples);
    }
  }

  #forwardFault({ value, activated, samples }, { tasks }) {
    for (const { node, row } of tasks) {
      for (let i = row * samples; i < (row + 1) * samples; i++) {
        if (!Number.isFinite(value[i])) return new NotFinite("sum", this.rows.nodes.indexOf(node), value[i]);
        if (!Number.isFinite(activated[i])) return new NotFinite("activated", this.rows.nodes.indexOf(node), activated[i]);
      }
    }
    throw new Error("all numbers are finite");
  }

  #enteringFault({ entering, samples }) {
    const bad = entering.findIndex((value) => !Number.isFinite(value));
    const row = this.rows.outputs[Math.floor(bad / samples)];
    return new NotFinite("entering", this.rows.row.indexOf(row), entering[bad]);
  }

  #deltaFault({ delta, samples }, { first, count }) {
    const bad = delta.subarray(first * samples, (first + count) * samples).findIndex((value) => !Number.isFinite(value));
    const row = first + Math.floor(bad / samples);
    return new NotFinite("delta", this.rows.row.indexOf(row), delta[first * samples + bad]);
  }

  /** @param {Float64Array} gradients Of which one is not finite. */
  gradientFault(gradients) {
    const bad = gradients.findIndex((value) => !Number.isFinite(value));
    return new NotFinite("gradient", bad, gradients[bad]);
  }
}

/** Add where the error enters at an output. */
function enter({ delta, entering, samples }, { row, place }) {
  const [to, from] = [row * samples, place * samples];
  for (let s = 0; s < samples; s++) delta[to + s] += entering[from + s];
}

/** What goes back over each connection into a node that is no sum: its delta times the partial derivative. */
function spread({ activated, delta, parts, samples }, { row, links, sources, back, part }, gradients) {
  links.forEach((c, k) => {
    const [to, from, at] = [(back + k) * samples, (part + k) * samples, row * samples];
    let sum = 0;
    for (let s = 0; s < samples; s++) {
      delta[to + s] = delta[at + s] * parts[from + s];
      sum += activated[sources[k] * samples + s] * delta[to + s];
    }
    gradients[c] = sum / samples;
  });
}
