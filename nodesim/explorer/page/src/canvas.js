/** The drawing on a canvas, for networks of many connections. */

import { h } from "./dom.js";
import { isLegible, palette } from "./pen.js";
import { curvesOf, Plan } from "./plan.js";
import { distance, RADIUS, TARGET } from "./scene.js";

/** A picture of a scene on two canvases: calm connections below, drawn bit by bit; what is red, nodes and labels above. */
export class CanvasPicture {
  constructor() {
    this.canvases = { calm: h("canvas"), clear: h("canvas") };
    const label = "The network. Arrow keys move along connections and nodes.";
    this.element = h("div", { class: "drawing", tabindex: 0, role: "application", "aria-label": label }, this.canvases.calm, this.canvases.clear);
    this.at = { x: 0, y: 0, k: 1 };
    this.drawn = this.at;
  }

  /** @param {import("./scene.js").Scene} scene */
  arrange(scene) {
    this.scene = scene;
    this.curves = curvesOf(scene);
    this.drawn = null;
  }

  /** @param {import("./look.js").Look} look */
  paint(look) {
    this.look = look;
    this.#redraw();
  }

  /** Move what is drawn at once; draw it sharply when it has come to rest. */
  transform(at) {
    this.at = at;
    clearTimeout(this.rest);
    if (!this.drawn) return this.#redraw();
    const k = at.k / this.drawn.k;
    const move = `translate(${at.x - this.drawn.x * k}px, ${at.y - this.drawn.y * k}px) scale(${k})`;
    for (const canvas of Object.values(this.canvases)) canvas.style.transform = move;
    this.rest = setTimeout(() => this.#redraw(), 100);
    return undefined;
  }

  elementOf() {
    return null;
  }

  /** What is under the pointer. @param {MouseEvent} event */
  hit(event) {
    const box = this.element.getBoundingClientRect();
    const x = (event.clientX - box.left - this.at.x) / this.at.k;
    const y = (event.clientY - box.top - this.at.y) / this.at.k;
    return this.#block(x, y) ?? this.#target(x, y) ?? this.#node(x, y) ?? this.#connection(x, y);
  }

  #block(x, y) {
    const found = this.scene.blocks.find((block) => Math.abs(block.x - x) < 46 * this.scene.blockScale && Math.abs(block.y - y) < 40 * this.scene.blockScale);
    return found ? { kind: "layer", index: found.layer } : null;
  }

  #target(x, y) {
    const { look, scene } = this;
    if (!isLegible(this.at.k)) return null;
    const found = look.targets.find((node) => scene.isOpen(node) && Math.hypot(scene.x[node] + TARGET.right - x, scene.y[node] + TARGET.below - y) <= TARGET.radius);
    return found === undefined ? null : { kind: "target", index: found };
  }

  #node(x, y) {
    const reach = Math.max(RADIUS, 4 / this.at.k);
    const { x: xs, y: ys } = this.scene;
    for (let node = xs.length - 1; node >= 0; node--) {
      if (this.scene.isOpen(node) && Math.hypot(xs[node] - x, ys[node] - y) <= reach) return { kind: "node", index: node };
    }
    return null;
  }

  #connection(x, y) {
    let [found, nearest] = [null, 6 / this.at.k];
    this.curves.forEach((curve, c) => {
      if (!curve || x < Math.min(curve.x1, curve.x2) - nearest || x > Math.max(curve.x1, curve.x2) + nearest || !this.look.visible(c)) return;
      const apart = distance(curve, x, y);
      if (apart < nearest) [found, nearest] = [{ kind: "connection", index: c }, apart];
    });
    return found;
  }

  #redraw() {
    this.pending ??= requestAnimationFrame(() => {
      this.pending = null;
      if (this.look && this.scene && this.element.clientWidth) this.#draw();
    });
  }

  #draw() {
    this.drawn = this.at;
    const colours = palette(this.element);
    const plan = new Plan(this.scene, this.look, this.curves, this.at.k);
    this.#drawCalm(plan, colours);
    plan.drawClear(prepared(this.canvases.clear, this.element, this.at), colours);
  }

  /** Draw the calm connections, a portion in each frame; not again if nothing of them has changed. */
  #drawCalm(plan, colours) {
    const { clientWidth, clientHeight } = this.element;
    const { x, y, k } = this.at;
    const key = [this.scene, x, y, k, clientWidth, clientHeight, colours.line, colours.paper, ...this.look.calm];
    if (this.key && key.every((part, place) => part === this.key[place])) return;
    this.key = key;
    const context = prepared(this.canvases.calm, this.element, this.at);
    cancelAnimationFrame(this.going);
    const goOn = (place) => {
      if (plan.drawCalm(context, colours, place)) this.going = requestAnimationFrame(() => goOn(place + 1));
    };
    goOn(0);
  }
}

/** A canvas of the size of an element, empty, in the coordinates of the scene. */
function prepared(canvas, { clientWidth, clientHeight }, { x, y, k }) {
  const ratio = window.devicePixelRatio || 1;
  canvas.style.transform = "";
  canvas.width = Math.round(clientWidth * ratio);
  canvas.height = Math.round(clientHeight * ratio);
  const context = canvas.getContext("2d");
  context.setTransform(ratio * k, 0, 0, ratio * k, ratio * x, ratio * y);
  return context;
}
