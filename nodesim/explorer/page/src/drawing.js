/** The drawing: SVG or canvas, with pan and zoom, pointer and keyboard. */

import { select } from "d3-selection";
import { zoom, zoomIdentity } from "d3-zoom";
import { CanvasPicture } from "./canvas.js";
import { button, h } from "./dom.js";
import { legend } from "./legend.js";
import { Lettering } from "./lettering.js";
import { wordsWidth } from "./measures.js";
import { boxesToKeep, boxOfElement, filling, isInSight, seenBox, withNeighbours } from "./sight.js";
import { SvgPicture } from "./svg.js";
import { Tip } from "./tip.js";
import { neighbour } from "./walking.js";
import { worded } from "./words.js";

/** Above so many connections the drawing is a canvas. */
const MOST_IN_SVG = 3000;
const MARGIN = 4;
const LARGEST_WHOLE = 1.7;
/** A stage is not lower than that. */
const LEAST_HIGH = 240;
/** How high a title is; how much room the drawing has for them beside its first column and above it, in its own measure. */
const TITLE = { high: 22, side: 56, above: 43 };

/** The drawing and its buttons. */
export class Drawing {
  /**
   * @param {import("./network.js").Network} network
   * @param {object} told
   * @param {(element: {kind: string, index: number}|null) => void} told.select
   * @param {(layer: number) => void} told.toggle
   * @param {(output: number) => void} told.derive
   * @param {(element: {kind: string, index: number}|null) => string} told.describe
   * @param {boolean} named Whether elements get ids; in a page with several explorers they may not.
   */
  constructor(network, told, named) {
    this.told = told;
    this.named = named;
    this.tip = new Tip((found) => told.describe(found));
    this.frame = h("div.frame");
    this.under = h("div.under", null, h("span"), this.#buttons());
    this.stage = h("div.stage", null, this.frame, this.under);
    this.element = this.stage;
    // A notebook draws before the cell has a place: an SVG does not know its size then.
    this.zoom = zoom().extent(() => [[0, 0], [this.stage.clientWidth, this.stage.clientHeight]]).scaleExtent([0.01, 40]).filter(movable).on("zoom", (event) => this.#moved(event));
    // Not at the picture itself: an SVG that listens to focus can be focused.
    this.stage.addEventListener("focusin", (event) => this.#focused(event));
    this.replace(network);
  }

  /** Draw another network from now on; what is arranged next is its scene. @param {import("./network.js").Network} network */
  replace(network) {
    this.#endPick();
    this.network = network;
    const large = network.connections.length > MOST_IN_SVG;
    if (this.picture && large === this.picture instanceof CanvasPicture) return;
    this.picture = large ? new CanvasPicture() : new SvgPicture(this.named);
    this.frame.replaceChildren(this.picture.element, this.tip.element);
    select(this.picture.element).call(this.zoom).on("dblclick.zoom", null);
    this.#listen();
  }

  /** Show a new arrangement, whole. @param {import("./scene.js").Scene} scene */
  arrange(scene) {
    this.#endPick();
    this.scene = scene;
    [this.look, this.selected, this.reachable] = [null, undefined, null];
    this.tip.hide();
    if (this.#room().width) this.#reshape();
    this.under.replaceChild(legend(Boolean(scene.error)), this.under.firstChild);
    this.picture.arrange(scene);
    this.fit();
  }

  /** @param {import("./look.js").Look} look @param {{kind: string, index: number}|null} selected */
  paint(look, selected) {
    const another = this.selected !== selected;
    this.look = look;
    this.selected = selected;
    this.picture.paint(look);
    this.tip.refresh();
    if (!another && this.reachable) return;
    this.toSelection.disabled = !selected;
    this.#reachable();
    if (selected) this.#bringIntoSight(selected);
  }

  /** Show the whole drawing. */
  fit() {
    const { width, height } = this.#room();
    if (!width || !this.scene) return;
    const whole = [0, 0, this.scene.width, this.scene.height];
    const { k } = filling(whole, { width, height }, LARGEST_WHOLE);
    // Titles do not become smaller with the drawing: they need room of their own.
    const lettering = new Lettering(this.scene, k);
    const half = (wordsWidth(lettering.titles[0] ?? "", lettering.title) * k) / 2;
    const [side, top] = [Math.max(0, half - TITLE.side * k), Math.max(0, TITLE.high - TITLE.above * k)];
    const { x, y, k: scale } = filling(whole, { width: width - 2 * side, height: height - top }, LARGEST_WHOLE);
    this.#show({ x: x + side, y: y + top, k: scale });
  }

  /** Show what is selected, large. */
  zoomToSelection() {
    const box = this.selected && boxOfElement(this.scene, this.selected);
    if (box) this.#show(filling(withNeighbours(box, this.selected.kind), this.#room()));
  }

  /** Fit again when there is another amount of room. */
  follow() {
    let size = "";
    new ResizeObserver(() => {
      const { clientWidth, clientHeight } = this.frame;
      const now = `${clientWidth} ${clientHeight}`;
      // An SVG of 100 % is laid out anew, with all its words, whenever a number beside it changes.
      this.frame.style.setProperty("--wide", clientWidth ? `${clientWidth}px` : "100%");
      this.frame.style.setProperty("--high", clientHeight ? `${clientHeight}px` : "100%");
      if (now !== size) this.#resized();
      size = now;
    }).observe(this.frame);
  }

  /**
   * Let the reader pick a node by a click, or with Enter: those that are allowed are marked. Escape ends it.
   * @param {Set<number>} allowed @param {(node: number) => void} told
   * @returns {() => void} Ends it.
   */
  pick(allowed, told) {
    this.#endPick();
    const escape = (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.#endPick();
    };
    this.picking = { allowed, told, escape, root: this.stage.ownerDocument };
    this.picking.root.addEventListener("keydown", escape, true);
    this.stage.classList.add("picking");
    this.picture.mark(allowed);
    return () => this.#endPick();
  }

  #endPick() {
    if (!this.picking) return;
    this.picking.root.removeEventListener("keydown", this.picking.escape, true);
    this.picking = null;
    this.stage.classList.remove("picking");
    this.picture.mark(null);
  }

  #room() {
    return { width: this.frame.clientWidth - 2 * MARGIN, height: this.frame.clientHeight - 2 * MARGIN };
  }

  #show({ x, y, k }) {
    select(this.picture.element).call(this.zoom.transform, zoomIdentity.translate(x + MARGIN, y + MARGIN).scale(k));
  }

  /** What the reader moves settles when it rests; what a button or a search moves, at once. */
  #moved({ transform, sourceEvent }) {
    this.at = transform;
    this.picture.transform(transform, seenBox(transform, this.#room()), !sourceEvent);
    if (sourceEvent) this.tip.hide();
  }

  /** Fill the room anew: the columns may stand otherwise. */
  #resized() {
    if (!this.scene || this.#room().width <= 0 || this.#room().height <= 0) return;
    if (this.#reshape()) {
      this.picture.arrange(this.scene);
      this.fit();
      if (this.look) this.picture.paint(this.look);
      this.picture.mark(this.picking?.allowed ?? null);
      this.#reachable();
    } else this.fit();
  }

  /** Arrange for all the room there may be; where the page scrolls past the drawing, it leaves none empty. */
  #reshape() {
    const { style } = this.stage;
    [style.height, style.minHeight] = ["", ""];
    const { width, height } = this.#room();
    const moved = this.scene.reshape({ width, height });
    if (getComputedStyle(this.stage).flexGrow !== "0") return moved;
    const wanted = TITLE.high + this.scene.height * Math.min(LARGEST_WHOLE, width / this.scene.width);
    if (wanted < height - 20) [style.height, style.minHeight] = [`${Math.max(LEAST_HIGH, this.stage.clientHeight - (height - wanted))}px`, "0"];
    return moved;
  }

  #bringIntoSight(selected) {
    const box = boxOfElement(this.scene, selected);
    if (box && this.at && this.#room().width > 0 && !isInSight(box, seenBox(this.at, this.#room()))) this.zoomToSelection();
  }

  #buttons() {
    const by = (factor) => () => select(this.picture.element).call(this.zoom.scaleBy, factor);
    this.toSelection = button(worded("Selection"), () => this.zoomToSelection(), { "aria-label": worded("Zoom to the selection"), title: worded("Zoom to the selection"), disabled: true });
    return h("div.zooms", { role: "group", "aria-label": worded("Zoom") },
      button("+", by(1.4), { "aria-label": worded("Zoom in") }),
      button("−", by(1 / 1.4), { "aria-label": worded("Zoom out") }),
      this.toSelection,
      button(worded("Fit"), () => this.fit(), { "aria-label": worded("Show the whole network") }),
    );
  }

  #listen() {
    const { element } = this.picture;
    element.addEventListener("click", (event) => this.#clicked(this.picture.hit(event)));
    element.addEventListener("pointermove", (event) => event.buttons === 0 && this.#point(event));
    element.addEventListener("pointerleave", () => this.tip.hide());
    element.addEventListener("keydown", (event) => this.#key(event));
  }

  /** From a label the arrow keys lead on, as from its connection. */
  #clicked(found) {
    if (found?.kind === "connection" && !this.picking) this.picture.elementOf("connection", found.index)?.focus({ preventScroll: true });
    this.#choose(found);
  }

  #choose(found) {
    if (this.picking) return this.#picked(found);
    const { kind, index } = found ?? {};
    if (kind === "layer") return this.told.toggle(index);
    if (kind === "target") return this.told.derive(index);
    // A click on e while an output is derived: e is derived again.
    if (kind === "error" && this.look.target !== null) return this.told.derive(this.look.target);
    if (kind === "desired") return this.told.select({ kind: "node", index });
    return this.told.select(kind === "error" ? null : found);
  }

  #picked(found) {
    if (found?.kind !== "node" || !this.picking.allowed.has(found.index)) return;
    const { told } = this.picking;
    this.#endPick();
    told(found.index);
  }

  /** An element that is focused by the keyboard is selected. */
  #focused(event) {
    if (this.picking || !event.target.matches?.(":focus-visible")) return;
    const found = this.picture.hit(event);
    if (found?.kind === "node" || found?.kind === "connection") this.told.select(found);
  }

  #point(event) {
    const found = this.picture.hit(event);
    this.picture.element.classList.toggle("over", Boolean(found));
    this.tip.show(found, event, this.frame.getBoundingClientRect(), found ? boxesToKeep(this.scene, this.at, [found, this.selected]) : []);
  }

  #key(event) {
    const found = event.target === this.picture.element ? null : this.picture.hit(event);
    if (found && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      this.#choose(found);
      return;
    }
    const next = this.picking ? null : neighbour(this.scene, this.selected ?? found, event.key);
    if (!next) return;
    event.preventDefault();
    this.told.select(next);
    this.picture.elementOf(next.kind, next.index)?.focus();
  }

  /** One element can be reached with the tabulator: the selected one, or the first. */
  #reachable() {
    this.reachable?.setAttribute("tabindex", "-1");
    const { kind, index } = this.selected ?? { kind: "node", index: this.network.order.find((node) => this.scene.isOpen(node)) };
    this.reachable = this.picture.elementOf(kind, index);
    this.reachable?.setAttribute("tabindex", "0");
  }
}

/** A wheel zooms, one finger scrolls the page, two move the drawing. */
function movable(event) {
  if (event.type === "touchstart") return event.touches.length > 1;
  return !event.button;
}
