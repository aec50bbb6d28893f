/** One chart of numbers over epochs, whose values are read by hovering; what is shown changes while a training plays. */

import uPlot from "uplot";
import { h } from "./dom.js";
import { number } from "./numbers.js";
import { scaleOf, WHOLE_STEPS } from "./scales.js";
import { worded } from "./words.js";

const HEIGHT = 150;

/** A chart that keeps its place. */
export class Plot {
  /**
   * @param {string} title
   * @param {{root: HTMLElement, ended: AbortSignal, go: (epoch: number) => void, now: () => number}} given What a click does, and which epoch is shown.
   */
  constructor(title, { root, ended, go, now }) {
    Object.assign(this, { title, root, go, now, plot: null, lines: [], made: "" });
    this.caption = h("figcaption");
    this.place = h("div.plot", { role: "img" });
    this.element = h("figure", { hidden: true }, this.caption, this.place);
    // Its library listens to the window, which would keep what is shown no longer.
    ended.addEventListener("abort", () => this.plot?.destroy());
    new ResizeObserver(() => this.#resize()).observe(this.element);
  }

  /** @param {number[]} epochs @param {[string, (number|null)[]][]} lines Nothing to show, if there is none. @param {string} [title] */
  show(epochs, lines, title = this.title) {
    this.element.hidden = !lines.length;
    if (!lines.length) return;
    Object.assign(this, { title, epochs, lines });
    this.#describe();
    if (this.asked) return;
    // Once, when the element has its room.
    this.asked = true;
    queueMicrotask(() => {
      this.asked = false;
      if (this.place.isConnected && this.lines.length) this.#draw();
    });
  }

  /** Begin anew when it is shown next: other colours. */
  forget() {
    this.made = "";
  }

  #describe() {
    const { epochs, lines, title } = this;
    const [, values] = lines[0];
    this.place.setAttribute("aria-label", worded("{title} over {count} epochs: from {first} to {last}", { title, count: epochs.length, first: number(values[0], 3), last: number(values.at(-1), 3) }));
  }

  #draw() {
    const { epochs, lines, title } = this;
    this.scale = scaleOf(lines.flatMap(([, values]) => values.filter((value) => value !== null)));
    const caption = this.scale.logarithmic ? worded("{title}, on a logarithmic scale", { title }) : title;
    if (this.caption.textContent !== caption) this.caption.textContent = caption;
    const placed = [epochs, ...lines.map(([, values]) => values.map((value) => (Number.isFinite(value) ? this.scale.place(value) : null)))];
    const few = lines.map(([, values]) => values.filter(Number.isFinite).length < 2);
    const made = JSON.stringify([lines.map(([label]) => label), this.scale.logarithmic, few]);
    if (this.plot && made === this.made) return this.plot.setData(placed);
    this.plot?.destroy();
    this.made = made;
    this.plot = this.#new(placed, few);
    return this.plot.over.addEventListener("click", () => this.go(this.plot.posToVal(this.plot.cursor.left, "x")));
  }

  #new(data, few) {
    const style = getComputedStyle(this.root);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const filter = (plot, ticks) => ticks;
    const rule = { stroke: colour("rule"), width: 1, filter };
    const axis = { stroke: colour("muted"), grid: rule, ticks: rule, font: "11px system-ui, sans-serif" };
    // Where nothing is pointed at the epoch tells that is shown, as far as its line goes.
    const at = (values, place) => values[place ?? this.#nearest()];
    const read = (line) => (plot, drawn, series, place) => number(at(this.lines[line][1], place) ?? NaN, 5);
    const series = [{ label: worded("epoch"), value: (plot, epoch, series, place) => String(at(this.epochs, place)) }, ...this.lines.map(([label], line) => ({
      label, stroke: colour(line ? "now" : "red"), width: 1.8, dash: line ? [5, 4] : undefined, spanGaps: false, points: { show: few[line] }, value: read(line),
    }))];
    return new uPlot({
      width: this.place.clientWidth || 400, height: HEIGHT, series, cursor: { y: false },
      scales: { x: { time: false, range: (self, least, most) => (least === most ? [least - 1, most + 1] : [least, most]) }, y: { range: (self, least, most) => this.scale.range?.() ?? around(least, most) } },
      axes: [{ ...axis, size: 28, incrs: WHOLE_STEPS }, { ...axis, size: 72, filter, splits: (...asked) => this.scale.splits?.() ?? ticks(...asked), values: (self, splits) => splits.map((tick) => this.scale.label(tick)) }],
      hooks: { draw: [(plot) => this.#mark(plot, colour("now"))] },
    }, data, this.place);
  }

  /** A line where the shown epoch is. */
  #mark(plot, colour) {
    const x = plot.valToPos(this.now(), "x", true);
    if (x < plot.bbox.left - 1 || x > plot.bbox.left + plot.bbox.width + 1) return;
    const { ctx } = plot;
    ctx.save();
    ctx.strokeStyle = colour;
    ctx.setLineDash([4, 3]);
    ctx.lineWidth = devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(x, plot.bbox.top);
    ctx.lineTo(x, plot.bbox.top + plot.bbox.height);
    ctx.stroke();
    ctx.restore();
  }

  /** The place of the epoch that is shown, or of the one nearest to it. */
  #nearest() {
    const now = this.now();
    const after = this.epochs.findIndex((epoch) => epoch >= now);
    if (after < 0) return this.epochs.length - 1;
    return after > 0 && now - this.epochs[after - 1] < this.epochs[after] - now ? after - 1 : after;
  }

  #resize() {
    const width = this.place.clientWidth;
    if (this.plot && width && width !== this.plot.width) this.plot.setSize({ width, height: HEIGHT });
  }
}

/** Some room above and below. */
function around(least, most) {
  if (least === null || least === undefined) return [0, 1];
  const room = (most - least) * 0.1 || Math.abs(most) * 0.1 || 1;
  return [least - room, most + room];
}

/** Round numbers between two, as many as fit. */
function ticks(plot, axis, least, most, step) {
  const first = Math.ceil(least / step - 1e-9) * step;
  return Array.from({ length: Math.max(0, Math.floor((most - first) / step + 1e-9) + 1) }, (_, place) => Number((first + place * step).toPrecision(12)));
}
