/** The drawing on a canvas, for networks of many connections. */

import { boxOf, distance } from "./curves.js";
import { h } from "./dom.js";
import { isLegible, palette } from "./pen.js";
import { ERROR_RADIUS, TARGET, targetReach } from "./measures.js";
import { Plan } from "./plan.js";
import { worded } from "./words.js";

/** A picture of a scene on two canvases: calm connections below, drawn bit by bit; what is red, nodes and labels above. */
export class CanvasPicture {
  constructor() {
    this.canvases = { calm: h("canvas"), clear: h("canvas") };
    const label = worded("The network. Arrow keys move along connections and nodes.");
    this.element = h("div", { class: "drawing", tabindex: 0, role: "application", "aria-label": label }, this.canvases.calm, this.canvases.clear);
    this.at = { x: 0, y: 0, k: 1 };
    this.drawn = this.at;
  }

  /** @param {import("./scene.js").Scene} scene */
  arrange(scene) {
    this.scene = scene;
    this.boxes = scene.curves.map((curve) => curve && boxOf(curve));
    this.drawn = null;
    this.labels = [];
  }

  /** @param {import("./look.js").Look} look */
  paint(look) {
    this.look = look;
    this.#redraw();
  }

  /** Move what is drawn at once; draw it sharply when it has come to rest. @param {{x: number, y: number, k: number}} at @param {number[]|null} box What is seen of the scene. */
  transform(at, box) {
    this.at = at;
    this.box = box;
    clearTimeout(this.rest);
    if (!this.drawn) return this.#redraw();
    const k = at.k / this.drawn.k;
    const move = `translate(${at.x - this.drawn.x * k}px, ${at.y - this.drawn.y * k}px) scale(${k})`;
    for (const canvas of Object.values(this.canvases)) canvas.style.transform = move;
    this.rest = setTimeout(() => this.#redraw(), 100);
    return undefined;
  }

  /** Mark the nodes that can be picked; null: no more. @param {Set<number>|null} allowed */
  mark(allowed) {
    this.allowed = allowed;
    this.#redraw();
  }

  elementOf() {
    return null;
  }

  /** What is under the pointer. @param {MouseEvent} event */
  hit(event) {
    const box = this.element.getBoundingClientRect();
    const x = (event.clientX - box.left - this.at.x) / this.at.k;
    const y = (event.clientY - box.top - this.at.y) / this.at.k;
    return this.#block(x, y) ?? this.#target(x, y) ?? this.#error(x, y) ?? this.#node(x, y) ?? this.#label(x, y) ?? this.#connection(x, y);
  }

  #block(x, y) {
    const found = this.scene.blocks.find((block) => Math.abs(block.x - x) < 46 * this.scene.blockScale && Math.abs(block.y - y) < 40 * this.scene.blockScale);
    return found ? { kind: "layer", index: found.layer } : null;
  }

  #target(x, y) {
    const { look, scene } = this;
    if (!isLegible(this.at.k)) return null;
    const found = look.targets.find((node) => scene.isOpen(node) && Math.hypot(scene.x[node] + TARGET.right - x, scene.y[node] + TARGET.below - y) <= targetReach(this.at.k));
    return found === undefined ? null : { kind: "target", index: found };
  }

  #error(x, y) {
    const { error } = this.scene;
    const reach = Math.max(ERROR_RADIUS, 4 / this.at.k);
    return error && Math.hypot(error.x - x, error.y - y) <= reach ? { kind: "error", index: 0 } : null;
  }

  #node(x, y) {
    const { x: xs, y: ys, radius } = this.scene;
    for (let node = xs.length - 1; node >= 0; node--) {
      if (this.scene.isOpen(node) && Math.hypot(xs[node] - x, ys[node] - y) <= Math.max(radius[node], 4 / this.at.k)) return { kind: "node", index: node };
    }
    return null;
  }

  /** A label is whose it is, whatever runs below it. */
  #label(x, y) {
    const found = this.labels?.find((label) => Math.abs(label.x - x) <= label.width / 2 && Math.abs(label.y - y) <= label.height / 2);
    if (!found) return null;
    return found.node === undefined ? { kind: "connection", index: found.c } : { kind: "desired", index: found.node };
  }

  #connection(x, y) {
    let [found, nearest] = [null, 6 / this.at.k];
    this.boxes.forEach((box, c) => {
      if (!box || x < box[0] - nearest || x > box[2] + nearest || y < box[1] - nearest || y > box[3] + nearest || !this.look.visible(c)) return;
      const apart = distance(this.scene.curve(c), x, y);
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
    const moved = this.drawn !== this.at;
    this.drawn = this.at;
    const colours = palette(this.element);
    const plan = new Plan(this.scene, this.look, { k: this.at.k, box: this.box ?? null }, this.allowed);
    this.#drawCalm(plan, colours, moved);
    this.labels = plan.drawClear(prepared(this.canvases.clear, this.element, this.at), colours).list;
  }

  /**
   * Draw the calm connections, a portion in each frame; not again if nothing of them has changed. Where only weights
   * have, as in training, they are drawn aside, and shown when all are there.
   */
  #drawCalm(plan, colours, moved) {
    const { clientWidth, clientHeight } = this.element;
    const { x, y, k } = this.at;
    const [weights, ...choice] = this.look.calm;
    const key = [this.scene, this.scene.shape, x, y, k, clientWidth, clientHeight, colours.line, colours.paper, ...choice];
    const same = !moved && this.key && key.every((part, place) => part === this.key[place]);
    if (same && this.weights === weights) return;
    if (same && this.going) {
      this.waits = true;
      return;
    }
    [this.key, this.weights, this.waits] = [key, weights, false];
    cancelAnimationFrame(this.going);
    const canvas = same ? (this.aside ??= h("canvas")) : this.canvases.calm;
    this.#goOn(plan, prepared(canvas, this.element, this.at), colours, 0);
  }

  #goOn(plan, context, colours, place) {
    this.going = null;
    if (plan.drawCalm(context, colours, place)) {
      this.going = requestAnimationFrame(() => this.#goOn(plan, context, colours, place + 1));
      return;
    }
    if (context.canvas === this.aside) copied(this.aside, this.canvases.calm);
    if (this.waits) this.#redraw();
  }
}

/** Show on a canvas what another one shows. */
function copied(from, to) {
  const context = to.getContext("2d");
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, to.width, to.height);
  context.drawImage(from, 0, 0);
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
