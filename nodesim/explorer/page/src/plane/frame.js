/** The frame of a picture on a canvas: its axes with numbers and names, and where points of it stand. */

import { number } from "../numbers.js";
import { ticks } from "./range.js";

const FONT = "11px system-ui, sans-serif";
const ROOM = { left: 50, right: 10, top: 8, bottom: 38 };
const MOST_TICKS = 6;

/** A canvas with axes, in units of the screen. */
export class Frame {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {number} width
   * @param {number} height
   * @param {[number, number][]} spans Across, and up.
   */
  constructor(canvas, width, height, spans) {
    const ratio = globalThis.devicePixelRatio || 1;
    const size = [Math.round(width * ratio), Math.round(height * ratio)];
    // To set a size, even the same, takes time.
    if (canvas.width !== size[0]) canvas.width = size[0];
    if (canvas.height !== size[1]) canvas.height = size[1];
    this.context = canvas.getContext("2d");
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.clearRect(0, 0, width, height);
    this.spans = spans;
    this.box = { x: ROOM.left, y: ROOM.top, width: Math.max(1, width - ROOM.left - ROOM.right), height: Math.max(1, height - ROOM.top - ROOM.bottom) };
  }

  /** Where a number of the axis across stands. @param {number} value */
  x(value) {
    const [least, most] = this.spans[0];
    return this.box.x + ((value - least) / (most - least)) * this.box.width;
  }

  /** Where a number of the axis up stands. @param {number} value */
  y(value) {
    const [least, most] = this.spans[1];
    return this.box.y + (1 - (value - least) / (most - least)) * this.box.height;
  }

  /** What stands at a place of the canvas: numbers of both axes; null beside the picture. @param {number} x @param {number} y @returns {[number, number]|null} */
  numbers(x, y) {
    const { box, spans } = this;
    const shares = [(x - box.x) / box.width, 1 - (y - box.y) / box.height];
    if (shares.some((share) => share < 0 || share > 1)) return null;
    return /** @type {[number, number]} */ (shares.map((share, axis) => spans[axis][0] * (1 - share) + spans[axis][1] * share));
  }

  /** Draw the axes. @param {[string, string]} names @param {Record<string, string>} colours */
  axes(names, colours) {
    const { context, box, spans } = this;
    context.font = FONT;
    context.lineWidth = 1;
    context.strokeStyle = colours.line;
    context.strokeRect(box.x - 0.5, box.y - 0.5, box.width + 1, box.height + 1);
    context.fillStyle = colours.muted;
    [context.textAlign, context.textBaseline] = ["center", "top"];
    for (const tick of ticks(spans[0], Math.min(MOST_TICKS, box.width / 50))) context.fillText(number(tick, 4), this.x(tick), box.y + box.height + 5);
    [context.textAlign, context.textBaseline] = ["right", "middle"];
    for (const tick of ticks(spans[1], MOST_TICKS)) context.fillText(number(tick, 4), box.x - 5, this.y(tick));
    context.fillStyle = colours.ink;
    [context.textAlign, context.textBaseline] = ["center", "bottom"];
    context.fillText(names[0], box.x + box.width / 2, box.y + box.height + ROOM.bottom - 4, box.width);
    context.save();
    context.translate(11, box.y + box.height / 2);
    context.rotate(-Math.PI / 2);
    context.textBaseline = "middle";
    context.fillText(names[1], 0, 0, box.height);
    context.restore();
  }

  /** Draw only within the picture. @param {(context: CanvasRenderingContext2D) => void} draw */
  within(draw) {
    const { context, box } = this;
    context.save();
    context.beginPath();
    context.rect(box.x, box.y, box.width, box.height);
    context.clip();
    draw(context);
    context.restore();
  }
}
