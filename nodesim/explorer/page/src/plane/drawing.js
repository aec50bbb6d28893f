/** Maps and curves on a canvas: values, samples as points, what is pointed at. */

import { colour, coloured, written } from "./colours.js";

const RADIUS = 4;

/** A picture of so many points a side, which is made larger when it is drawn. */
export class Raster {
  /** @param {number} side */
  constructor(side) {
    this.canvas = globalThis.document.createElement("canvas");
    this.canvas.width = this.canvas.height = side;
    this.context = this.canvas.getContext("2d");
    this.image = this.context.createImageData(side, side);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  /** @param {import("./frame.js").Frame} frame @param {Float64Array} values @param {[number, number]} scale @param {"light"|"dark"} theme */
  draw({ context, box }, values, scale, theme) {
    coloured(values, scale, theme, this.pixels);
    this.context.putImageData(this.image, 0, 0);
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "low";
    // The outermost points stand on the edges: half a pixel of the picture lies beyond.
    const half = 0.5;
    const { width } = this.canvas;
    context.drawImage(this.canvas, half, half, width - 2 * half, width - 2 * half, box.x, box.y, box.width, box.height);
  }
}

/** A line through values that are evenly apart; interrupted where they are not finite. @param {import("./frame.js").Frame} frame @param {Float64Array} values @param {string} stroke */
export function drawCurve(frame, values, stroke) {
  frame.within((context) => {
    context.strokeStyle = stroke;
    context.lineWidth = 2;
    context.beginPath();
    let pen = false;
    values.forEach((value, place) => {
      if (Number.isFinite(value)) context[pen ? "lineTo" : "moveTo"](frame.box.x + (place / (values.length - 1)) * frame.box.width, frame.y(value));
      pen = Number.isFinite(value);
    });
    context.stroke();
  });
}

/**
 * Draw samples: filled those that are learned, hollow those that are held out, with a ring the one that is shown.
 * @param {import("./frame.js").Frame} frame
 * @param {{at: number[], share: number|null, test: boolean, shown: boolean}[]} points Share: of the way from the lowest colour to the highest; null where nothing is desired.
 * @param {"light"|"dark"} theme
 * @param {Record<string, string>} colours
 */
export function drawPoints(frame, points, theme, colours) {
  frame.within((context) => {
    for (const { at, share, test, shown } of points) {
      const [x, y] = [frame.x(at[0]), frame.y(at[1])];
      if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
      const fill = share === null ? colours.muted : written(colour(theme, share));
      if (shown) {
        ring(context, x, y, RADIUS + 5, colours.paper, 5);
        ring(context, x, y, RADIUS + 5, colours.ink, 2.5);
      }
      // An edge like the paper parts points that lie on one another, and on a map of their own colour.
      disc(context, x, y, RADIUS + 1.5, colours.paper);
      if (test) ring(context, x, y, RADIUS - 0.75, fill, 2);
      else disc(context, x, y, RADIUS, fill);
    }
  });
}

/** Lines through what is pointed at. @param {import("./frame.js").Frame} frame @param {number[]} at @param {string} stroke */
export function drawCross(frame, [across, up], stroke) {
  frame.within((context) => {
    const { box } = frame;
    context.strokeStyle = stroke;
    context.lineWidth = 1;
    context.setLineDash([4, 3]);
    context.beginPath();
    context.moveTo(frame.x(across), box.y);
    context.lineTo(frame.x(across), box.y + box.height);
    if (Number.isFinite(frame.y(up))) {
      context.moveTo(box.x, frame.y(up));
      context.lineTo(box.x + box.width, frame.y(up));
    }
    context.stroke();
  });
}

function disc(context, x, y, radius, fill) {
  context.fillStyle = fill;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

function ring(context, x, y, radius, stroke, width) {
  context.strokeStyle = stroke;
  context.lineWidth = width;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.stroke();
}
