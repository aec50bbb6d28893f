/** The samples of a training, one column for each. */

import { TrainingError } from "./options.js";
import { Room } from "./passes.js";
import { marked, worded } from "../words.js";

export class Samples {
  /** @param {import("./rows.js").Rows} rows @param {number[][]} x @param {number[][]} y */
  constructor(rows, x, y) {
    this.rows = rows;
    this.count = x.length;
    if (!x.length) throw new TrainingError(worded("there are no samples to train with: x has one row for each, and y its desired outputs."));
    if (y.length !== x.length) throw new TrainingError(worded("there are {count} samples, but desired outputs for {targets}.", { count: x.length, targets: y.length }));
    this.inputs = columns(x, rows.inputs.length, marked("sample {sample} must have {count} inputs, each a finite number; it has {found}."));
    this.targets = columns(y, rows.outputs.length, marked("sample {sample} must have {count} desired outputs, each a finite number; it has {found}."));
  }

  /** Put some of them into a room. @param {Room} room @param {Int32Array} chosen */
  into(room, chosen) {
    const { samples, activated, targets } = room;
    this.inputs.forEach((column, place) => picked(column, chosen, activated, this.rows.inputs[place] * samples));
    this.targets.forEach((column, place) => picked(column, chosen, targets, place * samples));
  }

  /** A room with all of them. */
  room() {
    const room = new Room(this.rows, this.count);
    this.into(room, Int32Array.from({ length: this.count }, (_, place) => place));
    return room;
  }
}

function picked(column, chosen, table, at) {
  for (let s = 0; s < chosen.length; s++) table[at + s] = column[chosen[s]];
}

function columns(rows, count, what) {
  const wrong = rows.findIndex((row) => row.length !== count || !row.every(Number.isFinite));
  if (wrong >= 0) throw new TrainingError(worded(what, { sample: wrong + 1, count, found: found(rows[wrong], count) }));
  return Array.from({ length: count }, (_, place) => Float64Array.from(rows, (row) => row[place]));
}

function found(row, count) {
  return row.length === count ? worded("{value} among them", { value: String(row.find((value) => !Number.isFinite(value))) }) : row.length;
}
