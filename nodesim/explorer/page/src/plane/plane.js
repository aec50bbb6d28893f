/** A node over the plane of two inputs as a map, or over one as a curve; of more inputs two are chosen. */

import { fill, h } from "../dom.js";
import { shown } from "../names.js";
import { calculates, indices } from "../network.js";
import { number } from "../numbers.js";
import { atMost } from "../often.js";
import { palette } from "../pen.js";
import { drawCross, drawCurve, drawPoints, Raster } from "./drawing.js";
import { Frame } from "./frame.js";
import { Legend } from "./legend.js";
import { extremes, scale, span, widened } from "./range.js";
import { Subject, whyNoMap } from "./subject.js";
import { marked, worded } from "../words.js";

const WIDEST = 460;
/** How often it is drawn while a training plays. */
const PER_SECOND = 10;
const CURVE_HEIGHT = 240;
/** Moves of the cross by arrow keys, from one side to the other. */
const MOVES = 40;
/** How near a click has to be to a sample, in pixels. */
const REACH = 12;
/** What is read aloud follows when the picture has come to rest. */
const REST = 300;

/** The section with the map or the curve. */
export class Plane {
  /** @param {import("../app.js").App} app */
  constructor(app) {
    this.app = app;
    this.chosen = null;
    this.axes = null;
    this.cross = null;
    this.visible = true;
    this.element = h("section.plane", { "aria-label": worded("Map") });
    this.title = h("h3");
    this.#build();
    new ResizeObserver(() => this.show()).observe(this.element);
    new IntersectionObserver(([{ isIntersecting }]) => {
      this.visible = isIntersecting;
      if (isIntersecting) this.show();
    }).observe(this.element);
    app.state.on(["selected"], () => (this.chosen = null));
    const calmly = atMost(PER_SECOND, () => app.session.playing, () => this.show());
    app.state.on(["selected", "to", "sample", "edits", "theme"], () => this.show());
    app.state.on(["epoch"], calmly);
    this.show();
  }

  /** Draw it anew, once for however often this is asked before the next picture of the screen. */
  show() {
    this.pending ??= requestAnimationFrame(() => {
      this.pending = null;
      if (this.element.isConnected && this.visible) this.draw();
    });
  }

  /** The node that is shown: the one chosen, else the selected one if it calculates, else the first output. */
  get node() {
    const { network, state } = this.app;
    const { selected } = state.values;
    if (this.chosen !== null) return this.chosen;
    if (selected?.kind === "node" && calculates(network.nodes[selected.index])) return selected.index;
    return network.outputs[0] ?? network.nodes.findIndex(calculates);
  }

  /** Draw it at once. */
  draw() {
    const why = whyNoMap(this.app.document);
    this.picture.hidden = Boolean(why);
    this.why.hidden = !why;
    if (why) return fill(this.why, why);
    const width = Math.min(WIDEST, this.element.clientWidth);
    if (!width) return;
    const subject = this.#subject();
    this.nodes.value = String(subject.node);
    this.theme = getComputedStyle(this.element).colorScheme === "dark" ? "dark" : "light";
    this.colours = palette(this.element);
    if (subject.axes.length === 1) this.#drawCurve(subject, width);
    else this.#drawMap(subject, width);
    this.#drawCross();
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.#describe(), REST);
  }

  #build() {
    const { nodes, inputs } = this.app.network;
    this.canvas = h("canvas", {
      tabindex: 0, role: "application", "aria-label": worded("Map"), "aria-roledescription": worded("map"),
      pointermove: (event) => this.#point(event), pointerdown: (event) => this.#point(event), pointerleave: (event) => isTouch(event) || this.#move(null), click: (event) => this.#pick(event), keydown: (event) => this.#key(event),
    });
    this.legend = new Legend();
    this.readout = h("p.readout", { "aria-live": "polite" });
    this.nodes = h("select", { "aria-label": worded("Node"), change: () => this.#choose(Number(this.nodes.value)) },
      indices(nodes, calculates).map((index) => h("option", { value: index }, shown(nodes[index].name))));
    this.axes = inputs.length > 1 ? [0, 1] : inputs.map((_, place) => place);
    this.picture = h("div.picture", null, h("div.row", null, h("label.control", null, h("span", null, worded("Node")), this.nodes), inputs.length > 2 && this.#axes(inputs)), this.canvas, this.readout, this.legend.element);
    this.why = h("p.hint");
    this.title.textContent = inputs.length === 1 ? worded("Curve") : worded("Map");
    this.element.setAttribute("aria-label", this.title.textContent);
    fill(this.element, this.title, this.picture, this.why);
  }

  /** Two of more inputs are chosen; the others stay as in the sample that is shown. */
  #axes(inputs) {
    const names = inputs.map((_, place) => this.#called(place));
    const labels = [worded("Across"), worded("Up")];
    const choices = labels.map((label, axis) => {
      const choice = h("select", { "aria-label": label, change: () => {
        const [before, other] = [this.axes[axis], this.axes[1 - axis]];
        const place = Number(choice.value);
        this.axes = axis === 0 ? [place, other === place ? before : other] : [other === place ? before : other, place];
        choices.forEach((each, which) => (each.value = String(this.axes[which])));
        this.cross = null;
        this.show();
      } }, names.map((name, place) => h("option", { value: place }, name)));
      choice.value = String(axis);
      return choice;
    });
    return [choices.map((choice, axis) => h("label.control", null, h("span", null, labels[axis]), choice)), h("p.hint", null, worded("The other inputs stay as in the sample that is shown."))];
  }

  #called(place) {
    const { network, bench } = this.app;
    const { name } = network.nodes[network.inputs[place]];
    const own = bench?.data?.inputs[place];
    return own && own !== name ? `${shown(name)}: ${shown(own)}` : shown(name);
  }

  #choose(node) {
    this.chosen = node;
    this.cross = null;
    this.show();
  }

  /** What is shown; made anew only where node, axes or samples are others. */
  #subject() {
    const { app, node, axes } = this;
    const key = [app.document, app.document.samples, node, ...axes];
    if (!this.key || key.some((part, place) => part !== this.key[place])) {
      this.key = key;
      this.subject = new Subject(app, node, axes);
      this.raster = axes.length === 1 ? null : new Raster(this.subject.side);
    }
    return this.subject;
  }

  #drawMap(subject, width) {
    const values = subject.values();
    const points = subject.points();
    const range = scale(values, subject.bounded);
    const own = coloursOf(points, subject.place >= 0 ? range : null);
    this.frame = this.#framed(width, Math.min(width, 400), subject.spans);
    this.raster.draw(this.frame, values, range, this.theme);
    const share = ({ target }) => (target === null ? null : (target - own[0]) / (own[1] - own[0]));
    drawPoints(this.frame, points.map((point) => ({ ...point, share: share(point) })), this.theme, this.colours);
    this.frame.axes([this.#called(subject.axes[0]), this.#called(subject.axes[1])], this.colours);
    this.extremes = extremes(values);
    this.legend.show(this.#sent, range, this.theme, this.#words(points, marked("Points: samples, coloured by their {target}.")));
  }

  #drawCurve(subject, width) {
    const values = subject.values();
    const isOutput = subject.place >= 0;
    const points = subject.points().map((point) => ({ ...point, share: 1, at: [point.at[0], isOutput ? point.target ?? NaN : subject.value(point.at)] }));
    const up = subject.bounded ? widened(subject.bounded) : span([...values, ...(isOutput ? points.map(({ at }) => at[1]) : [])]);
    this.frame = this.#framed(width, CURVE_HEIGHT, [subject.spans[0], up]);
    drawCurve(this.frame, values, this.colours.ink);
    drawPoints(this.frame, points, this.theme, this.colours);
    this.frame.axes([this.#called(subject.axes[0]), this.#sent], this.colours);
    this.extremes = extremes(values);
    this.legend.show(this.#sent, null, this.theme, this.#words(points, isOutput ? marked("Points: samples, at their {target}.") : marked("Points: samples, at what the node sends of them.")));
  }

  /** The name of what is drawn. */
  get #sent() {
    return shown(this.app.network.nodes[this.subject.node].activated);
  }

  get #target() {
    const { network } = this.app;
    return shown(network.nodes[network.outputs[this.subject.output]]?.target ?? worded("output value"));
  }

  #words(points, how) {
    if (!points.length) return worded("There are no samples.");
    return [worded(how, { target: this.#target }), ...(points.some(({ test }) => test) ? [worded("Hollow: held out for the test.")] : []), worded("With a ring: the sample shown.")].join(" ");
  }

  #framed(width, height, spans) {
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    return new Frame(this.canvas, width, height, spans);
  }

  /** What is read at the cross, in a line below. */
  #drawCross() {
    const { cross, subject } = this;
    const empty = worded("Point at it or tap it, or use the arrow keys, to read values.");
    if (!cross) return void (this.readout.textContent !== empty && (this.readout.textContent = empty));
    const value = subject.value(cross);
    drawCross(this.frame, [cross[0], cross[1] ?? value], this.colours.ink);
    const names = subject.axes.map((axis, place) => `${this.#called(axis)} = ${number(cross[place], 3)}`);
    this.readout.textContent = `${names.join(", ")}: ${this.#sent} = ${number(value, 4)}`;
  }

  /** A finger hides what is under it and leaves where it is lifted: what it has read stays. */
  #point(event) {
    const at = this.frame?.numbers(event.offsetX, event.offsetY) ?? null;
    if (at || !isTouch(event)) this.#move(at);
  }

  #move(at) {
    this.cross = at && at.slice(0, this.subject.axes.length);
    this.show();
  }

  /** Show the sample that is clicked at. */
  #pick({ offsetX, offsetY }) {
    const { frame, subject, app } = this;
    if (!frame) return;
    const isCurve = subject.axes.length === 1;
    const apart = ({ at }) => Math.hypot(frame.x(at[0]) - offsetX, isCurve ? 0 : frame.y(at[1]) - offsetY);
    const near = subject.points().filter((point) => apart(point) <= REACH).sort((a, b) => apart(a) - apart(b))[0];
    if (near && !near.shown) app.state.set({ sample: near.index, edits: { ...app.state.values.edits, inputs: {}, targets: {} } });
  }

  #key(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key];
    if (!step || !this.subject) return;
    event.preventDefault();
    const { spans } = this.subject;
    const from = this.cross ?? spans.map(([least, most]) => least / 2 + most / 2);
    this.#move(from.map((value, axis) => Math.min(spans[axis][1], Math.max(spans[axis][0], value + (step[axis] * (spans[axis][1] - spans[axis][0])) / MOVES))));
  }

  /** Say in words what the picture shows. */
  #describe() {
    const { subject, extremes } = this;
    if (!subject) return;
    const axes = subject.axes.map((axis, place) => worded("{axis} from {least} to {most}", { axis: this.#called(axis), least: number(subject.spans[place][0], 3), most: number(subject.spans[place][1], 3) }));
    const place = (i) => {
      const shares = subject.axes.length === 1 ? [i / (subject.side - 1)] : [(i % subject.side) / (subject.side - 1), 1 - Math.floor(i / subject.side) / (subject.side - 1)];
      return shares.map((share, axis) => number(subject.at(axis, share), 3)).join(", ");
    };
    const found = extremes ? worded("least {least} at {there}, most {most} at {elsewhere}", { least: number(extremes.least, 3), there: place(extremes.leastAt), most: number(extremes.most, 3), elsewhere: place(extremes.mostAt) }) : worded("no finite value");
    this.canvas.setAttribute("aria-label", worded(axes.length > 1 ? marked("{output} over {first} and {second}: {found}. Arrow keys move what is read.") : marked("{output} over {first}: {found}. Arrow keys move what is read."), { output: this.#sent, first: axes[0], second: axes[1], found }));
  }
}

function isTouch({ pointerType }) {
  return pointerType === "touch";
}

/** From where to where desired numbers are coloured: classes from 0 to 1, numbers as what the output sends. */
function coloursOf(points, range) {
  const targets = points.flatMap(({ target }) => (target === null ? [] : [target]));
  if (targets.every((target) => target === 0 || target === 1)) return [0, 1];
  return range ?? span(targets);
}
