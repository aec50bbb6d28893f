/** The drawing: SVG or canvas, with pan and zoom, pointer and keyboard. */

import { select } from "d3-selection";
import { zoom, zoomIdentity } from "d3-zoom";
import { CanvasPicture } from "./canvas.js";
import { button, h, s } from "./dom.js";
import { SvgPicture } from "./svg.js";
import { neighbour } from "./walking.js";

/** Above so many connections the drawing is a canvas. */
const MOST_IN_SVG = 3000;

/** What the whole drawing leaves free: the titles of a small drawing above, the legend and the buttons below. */
const MARGINS = { side: 8, top: 14, bottom: 46 };

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
    this.network = network;
    this.told = told;
    this.picture = network.connections.length > MOST_IN_SVG ? new CanvasPicture() : new SvgPicture(named);
    this.tip = h("div.tip", { hidden: true, "aria-hidden": "true" });
    this.stage = h("div.stage", null, this.picture.element, legend(), this.tip, this.#buttons());
    this.element = this.stage;
    this.zoom = zoom().scaleExtent([0.01, 8]).filter(movable).on("zoom", ({ transform }) => this.picture.transform(transform));
    select(this.picture.element).call(this.zoom).on("dblclick.zoom", null);
    this.#listen();
  }

  /** Show a new arrangement, whole. @param {import("./scene.js").Scene} scene */
  arrange(scene) {
    this.scene = scene;
    this.picture.arrange(scene);
    this.fit();
  }

  /** @param {import("./look.js").Look} look @param {{kind: string, index: number}|null} selected */
  paint(look, selected) {
    this.picture.paint(look);
    this.selected = selected;
    this.#reachable();
  }

  /** Show the whole drawing. */
  fit() {
    const { clientWidth, clientHeight } = this.stage;
    if (!clientWidth || !this.scene) return;
    const [width, height] = [clientWidth - 2 * MARGINS.side, clientHeight - MARGINS.top - MARGINS.bottom];
    const k = Math.min(1.7, width / this.scene.width, height / this.scene.height);
    const x = (clientWidth - k * this.scene.width) / 2;
    const y = MARGINS.top + (height - k * this.scene.height) / 2;
    select(this.picture.element).call(this.zoom.transform, zoomIdentity.translate(x, y).scale(k));
  }

  /** Fit again when there is another amount of room. */
  follow() {
    let size = "";
    new ResizeObserver(() => {
      const now = `${this.stage.clientWidth} ${this.stage.clientHeight}`;
      if (now !== size) this.fit();
      size = now;
    }).observe(this.stage);
  }

  #buttons() {
    const by = (factor) => () => select(this.picture.element).call(this.zoom.scaleBy, factor);
    return h("div.zooms", { role: "group", "aria-label": "Zoom" },
      button("+", by(1.4), { "aria-label": "Zoom in" }),
      button("−", by(1 / 1.4), { "aria-label": "Zoom out" }),
      button("Fit", () => this.fit(), { "aria-label": "Show the whole network" }),
    );
  }

  #listen() {
    const { element } = this.picture;
    element.addEventListener("click", (event) => this.#choose(this.picture.hit(event)));
    element.addEventListener("pointermove", (event) => event.buttons === 0 && this.#point(event));
    element.addEventListener("pointerleave", () => (this.tip.hidden = true));
    element.addEventListener("keydown", (event) => this.#key(event));
    // Not at the picture itself: an SVG that listens to focus can be focused.
    this.stage.addEventListener("focusin", (event) => this.#focused(event));
  }

  #choose(found) {
    if (found?.kind === "layer") this.told.toggle(found.index);
    else if (found?.kind === "target") this.told.derive(found.index);
    else this.told.select(found);
  }

  /** An element that is focused by the keyboard is selected. */
  #focused(event) {
    if (!event.target.matches?.(":focus-visible")) return;
    const found = this.picture.hit(event);
    if (found?.kind === "node" || found?.kind === "connection") this.told.select(found);
  }

  #point(event) {
    const found = this.picture.hit(event);
    const words = found ? this.told.describe(found) : "";
    this.picture.element.classList.toggle("over", Boolean(found));
    this.tip.hidden = !words;
    this.tip.textContent = words;
    const box = this.stage.getBoundingClientRect();
    const right = event.clientX - box.left > box.width / 2;
    this.tip.style.left = right ? "auto" : `${event.clientX - box.left + 14}px`;
    this.tip.style.right = right ? `${box.right - event.clientX + 14}px` : "auto";
    this.tip.style.top = `${event.clientY - box.top + 14}px`;
  }

  #key(event) {
    const found = event.target === this.picture.element ? null : this.picture.hit(event);
    if (found && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      this.#choose(found);
      return;
    }
    const next = neighbour(this.scene, this.selected ?? found, event.key);
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

/** What the lines mean. */
function legend() {
  const line = (dashes) => s("svg", { width: 30, height: 8, "aria-hidden": "true" }, s("line", { x1: 0, y1: 4, x2: 30, y2: 4, class: dashes ? "dashed" : "" }));
  return h("p.legend", null, h("span", null, line(false), "weight above 0"), h("span", null, line(true), "below 0"), h("span", null, "the thicker, the larger"));
}

/** A wheel zooms, one finger scrolls the page, two move the drawing. */
function movable(event) {
  if (event.type === "touchstart") return event.touches.length > 1;
  return !event.button;
}
