/** The training: the error over the epochs, and the selected weight over the recorded ones. */

import uPlot from "uplot";
import { fill, h } from "./dom.js";
import { nameOf } from "./network.js";
import { shown } from "./names.js";
import { number } from "./numbers.js";
import { scaleOf, WHOLE_STEPS } from "./scales.js";

const HEIGHT = 150;

/** The charts under the explanation. */
export class Charts {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.element = h("section.charts", { "aria-label": "Training" });
    this.plots = [];
    new ResizeObserver(() => this.#resize()).observe(this.element);
  }

  /** Whether there is anything to show. */
  get empty() {
    return !this.app.document.history && this.app.document.epochs.length < 2;
  }

  /** Draw them anew. */
  show() {
    this.plots.forEach((plot) => plot.destroy());
    this.plots = [];
    this.element.hidden = this.empty;
    if (this.empty) return;
    fill(this.element, h("h3", null, "Training"), this.#error(), this.#weight());
  }

  #error() {
    const { history, epochs } = this.app.document;
    const recorded = epochs.filter(({ error }) => error !== null);
    if (!history?.errors.length) {
      return recorded.length > 1 ? this.#chart("Error", recorded.map(({ epoch }) => epoch), [["error", recorded.map(({ error }) => Number(error))]]) : null;
    }
    const lines = [["error", history.errors.map(Number)]];
    if (history.validation.length) lines.push(["validation", history.validation.map(Number)]);
    return this.#chart("Error", history.epochs ?? history.errors.map((error, epoch) => epoch + 1), lines);
  }

  #weight() {
    const { epochs } = this.app.document;
    const { selected } = this.app.state.values;
    if (selected?.kind !== "connection" || epochs.length < 2) return null;
    const name = shown(nameOf(this.app.network, selected));
    return this.#chart(`Weight ${name}`, epochs.map(({ epoch }) => epoch), [[name, epochs.map((_, epoch) => this.app.runs.recorded.of(epoch)[selected.index])]]);
  }

  #chart(title, epochs, lines) {
    const place = h("div.plot", { role: "img", "aria-label": `${title} over ${epochs.length} epochs: from ${number(lines[0][1][0], 3)} to ${number(lines[0][1].at(-1), 3)}` });
    const style = getComputedStyle(this.app.root);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const scale = scaleOf(lines.flatMap(([, values]) => values));
    const filter = (plot, ticks) => ticks;
    const rule = { stroke: colour("rule"), width: 1, filter };
    const axis = { stroke: colour("muted"), grid: rule, ticks: rule, font: "11px system-ui, sans-serif" };
    const series = [{ label: "epoch" }, ...lines.map(([label], index) => ({ label, stroke: colour(index ? "now" : "red"), width: 1.8, dash: index ? [5, 4] : undefined, spanGaps: false, points: { show: lines[index][1].filter(Number.isFinite).length < 2 } }))];
    queueMicrotask(() => {
      if (!place.isConnected) return;
      const plot = new uPlot({
        width: place.clientWidth || 400, height: HEIGHT, series, legend: { show: lines.length > 1 }, cursor: { y: false },
        scales: { x: { time: false, range: (self, least, most) => (least === most ? [least - 1, most + 1] : [least, most]) }, y: scale.range ? { range: scale.range } : {} },
        axes: [{ ...axis, size: 28, incrs: WHOLE_STEPS }, { ...axis, size: 72, filter, splits: scale.splits, values: (self, ticks) => ticks.map(scale.label) }],
        hooks: { draw: [(self) => this.#mark(self, colour("now"))] },
      }, [epochs, ...lines.map(([, values]) => values.map((value) => (Number.isFinite(value) ? scale.place(value) : null)))], place);
      plot.over.addEventListener("click", () => this.#go(plot.posToVal(plot.cursor.left, "x")));
      this.plots.push(plot);
    });
    return h("figure", null, h("figcaption", null, scale.logarithmic ? `${title}, on a logarithmic scale` : title), place);
  }

  /** A line where the shown epoch is. */
  #mark(plot, colour) {
    const { epoch } = this.app.document.epochs[this.app.state.values.epoch];
    const x = plot.valToPos(epoch, "x", true);
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

  /** Go to the recorded epoch that is nearest. */
  #go(epoch) {
    const { epochs } = this.app.document;
    let best = 0;
    epochs.forEach((record, index) => {
      if (Math.abs(record.epoch - epoch) < Math.abs(epochs[best].epoch - epoch)) best = index;
    });
    this.app.state.set({ epoch: best });
  }

  #resize() {
    for (const plot of this.plots) {
      const width = plot.root.parentElement?.clientWidth;
      if (width && width !== plot.width) plot.setSize({ width, height: HEIGHT });
    }
  }
}
