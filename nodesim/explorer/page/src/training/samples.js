/** The samples of a training, one column for each. */

import { TrainingError } from "./options.js";
import { Room } from "./passes.js";

export class Samples {
  /** @param {import("./rows.js").Rows} rows @param {number[][]} x @param {number[][]} y */
  constructor(rows, x, y) {
    this.rows = rows;
    this.count = x.length;
    if (!x.length) throw new TrainingError("there are no samples to train with: x has one row for each, and y its desired outputs.");
    if (y.length !== x.length) throw new TrainingError(`there are ${x.length} samples, but desired outputs for ${y.length}.`);
    this.inputs = columns(x, rows.inputs.length, "inputs");
    this.targets = columns(y, rows.outputs.length, "desired outputs");
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
  if (wrong >= 0) throw new TrainingError(`sample ${wrong + 1} must have ${count} ${what}, each a finite number; it has ${found(rows[wrong], count)}.`);
  return Array.from({ length: count }, (_, place) => Float64Array.from(rows, (row) => row[place]));
}

function found(row, count) {
  return row.length === count ? `${String(row.find((value) => !Number.isFinite(value)))} among them` : row.length;
}
