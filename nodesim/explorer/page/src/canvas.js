/** The drawing on a canvas, for networks of many connections, and for pictures that are saved as PNG. */

import { h } from "./dom.js";
import { Places } from "./labels.js";
import { isNow, labelOf, labelled, tone, widthOf } from "./look.js";
import { short } from "./names.js";
import { along, distance, head, RADIUS } from "./scene.js";

const MOST_MOVING = 6000;
const MOST_DASHED = 6000;
const FONT = 'system-ui, "Segoe UI", "DejaVu Sans", Verdana, sans-serif';

/** The colours of a theme, as its style has them. @param {Element} element */
export function palette(element) {
  const style = getComputedStyle(element);
  const names = ["ink", "line", "faded", "red", "pale", "paper", "shade", "now", "muted"];
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim() || "#888"]));
}

/** A picture of a scene on a canvas. */
export class CanvasPicture {
  constructor() {
    this.element = h("canvas", { class: "drawing", tabindex: 0, role: "application", "aria-label": "The network. Arrow keys move along connections and nodes." });
    this.at = { x: 0, y: 0, k: 1 };
    this.moving = false;
  }

  /** @param {import("./scene.js").Scene} scene */
  arrange(scene) {
    this.scene = scene;
    this.curves = scene.network.connections.map(({ source, target }, c) => scene.isOpen(source) && scene.isOpen(target) ? scene.curve(c) : null);
  }

  /** @param {import("./look.js").Look} look */
  paint(look) {
    this.look = look;
    this.#redraw();
  }

  transform(at) {
    this.at = at;
    this.moving = true;
    this.#redraw();
    clearTimeout(this.rest);
    this.rest = setTimeout(() => {
      this.moving = false;
      this.#redraw();
    }, 120);
  }

  elementOf() {
    return null;
  }

  /** What is under the pointer. @param {MouseEvent} event */
  hit(event) {
    const box = this.element.getBoundingClientRect();
    const x = (event.clientX - box.left - this.at.x) / this.at.k;
    const y = (event.clientY - box.top - this.at.y) / this.at.k;
    return this.#block(x, y) ?? this.#node(x, y) ?? this.#connection(x, y);
  }

  #block(x, y) {
    const found = this.scene.blocks.find((block) => Math.abs(block.x - x) < 46 && Math.abs(block.y - y) < 40);
    return found ? { kind: "layer", index: found.layer } : null;
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
      if (this.look && this.scene) this.#draw();
    });
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.element;
    const ratio = window.devicePixelRatio || 1;
    if (this.element.width !== Math.round(width * ratio)) this.element.width = Math.round(width * ratio);
    if (this.element.height !== Math.round(height * ratio)) this.element.height = Math.round(height * ratio);
    const context = this.element.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.element.width, this.element.height);
    context.setTransform(ratio * this.at.k, 0, 0, ratio * this.at.k, ratio * this.at.x, ratio * this.at.y);
    draw(context, this.scene, this.look, palette(this.element), { k: this.at.k, curves: this.curves, moving: this.moving });
  }
}

/**
 * Draw a scene.
 * @param {CanvasRenderingContext2D} context
 * @param {import("./scene.js").Scene} scene
 * @param {import("./look.js").Look} look
 * @param {Record<string, string>} colours
 * @param {{k: number, curves: (import("./scene.js").Curve|null)[], moving?: boolean}} how How large; and roughly while it moves.
 */
export function draw(context, scene, look, colours, { k, curves, moving = false }) {
  const open = [];
  curves.forEach((curve, c) => curve && look.visible(c) && open.push(c));
  drawBundles(context, scene, look, colours);
  const some = moving && open.length > MOST_MOVING ? open.filter((c, place) => place % Math.ceil(open.length / MOST_MOVING) === 0) : open;
  drawConnections(context, some, curves, look, colours, k, open.length);
  drawBlocks(context, scene, look, colours);
  const labels = labelled(look, open).filter(() => k > 0.35);
  drawLabels(context, scene, look, colours, labels, curves);
  scene.network.nodes.forEach((node, index) => scene.isOpen(index) && drawNode(context, scene, look, colours, index, k));
  drawTitles(context, scene, colours, k);
}

function drawConnections(context, open, curves, look, colours, k, many) {
  const groups = new Map();
  for (const c of open) {
    const kind = isNow(look, "connection", c) ? "now" : tone(look, "connections", c);
    const step = Math.round(widthOf(look, c) * 2) / 2;
    const key = `${kind} ${step} ${look.weights[c] < 0}`;
    if (!groups.has(key)) groups.set(key, { kind, step, negative: look.weights[c] < 0, members: [] });
    groups.get(key).members.push(c);
  }
  const rank = { faded: 0, "": 1, of: 2, on: 3, now: 4 };
  const opacity = many > 3000 ? Math.max(0.06, Math.min(1, 2500 / many)) : 1;
  for (const { kind, step, negative, members } of [...groups.values()].sort((a, b) => rank[a.kind] - rank[b.kind])) {
    const calm = kind === "" || kind === "faded";
    context.globalAlpha = calm ? opacity : kind === "on" && members.length > 2000 ? 0.35 : 1;
    context.strokeStyle = context.fillStyle = colourOf(kind, colours);
    context.lineWidth = Math.max(kind === "now" ? 4 : step, (calm ? 0.6 : 1.2) / k);
    context.setLineDash(negative && (many <= MOST_DASHED || !calm) ? [7, 5] : []);
    context.beginPath();
    for (const c of members) trace(context, curves[c]);
    context.stroke();
    if (many <= 600 || (!calm && members.length <= 600)) drawHeads(context, members, curves, !calm);
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
}

function drawHeads(context, members, curves, large) {
  for (const c of members) {
    const [[x, y], ...rest] = head(curves[c], large ? 13 : 10, large ? 5.5 : 4);
    context.beginPath();
    context.moveTo(x, y);
    rest.forEach((point) => context.lineTo(...point));
    context.fill();
  }
}

function drawBundles(context, scene, look, colours) {
  const on = new Set([...look.on.connections].map((c) => scene.bundleOf[c]));
  scene.bundles.forEach(({ curve, members }, index) => {
    context.strokeStyle = on.has(index) ? colours.red : look.chosen ? colours.faded : colours.line;
    context.lineWidth = 1 + Math.min(9, Math.log2(1 + members.length) * 0.7);
    context.globalAlpha = scene.bundles.length > 200 && !on.has(index) ? 0.3 : 1;
    context.beginPath();
    trace(context, curve);
    context.stroke();
  });
  context.globalAlpha = 1;
}

function drawBlocks(context, scene, look, colours) {
  for (const { layer, x, y, many } of scene.blocks) {
    const on = scene.network.columns[layer].some((node) => look.on.nodes.has(node));
    context.fillStyle = colours.paper;
    context.strokeStyle = on ? colours.red : look.chosen ? colours.faded : colours.ink;
    context.lineWidth = on ? 3.5 : 1.5;
    context.beginPath();
    context.roundRect(x - 46, y - 40, 92, 80, 14);
    context.fill();
    context.stroke();
    write(context, String(many), x, y - 9, `600 18px ${FONT}`, on ? colours.red : colours.ink);
    write(context, "nodes", x, y + 13, `11px ${FONT}`, on ? colours.red : colours.ink);
  }
}

function drawNode(context, scene, look, colours, index, k) {
  const node = scene.network.nodes[index];
  const [x, y] = [scene.x[index], scene.y[index]];
  const kind = tone(look, "nodes", index);
  const ink = { on: colours.red, of: colours.pale, faded: colours.muted, "": colours.ink }[kind];
  context.beginPath();
  context.arc(x, y, RADIUS, 0, 2 * Math.PI);
  context.fillStyle = node.kind === "bias" ? colours.shade : colours.paper;
  context.fill();
  context.strokeStyle = isNow(look, "node", index) ? colours.now : ink;
  context.lineWidth = isNow(look, "node", index) ? 5 : Math.max(kind === "on" ? 3.5 : 1.5, 0.8 / k);
  context.stroke();
  if (RADIUS * k < 7) return;
  const names = node.activation === null ? [node.name] : [node.name, node.activated];
  names.forEach((name, place) => {
    const offset = names.length === 2 ? [-10, 11][place] : 0;
    write(context, short(name), x, y + offset, `${kind === "on" ? 600 : 400} ${name.length <= 5 ? 13 : 9}px ${FONT}`, ink);
  });
  if (names.length === 2) {
    context.lineWidth = 0.8;
    context.beginPath();
    context.moveTo(x - 20, y);
    context.lineTo(x + 20, y);
    context.stroke();
  }
  halo(context, look.below(index), x, y + RADIUS + 13, `11px ${FONT}`, colours.ink, colours.paper);
  halo(context, look.above(index), x, y - RADIUS - 11, `11px ${FONT}`, colours.now, colours.paper);
}

function drawLabels(context, scene, look, colours, labels, curves) {
  const places = new Places();
  for (const c of labels) {
    const words = labelOf(look, scene.network, c);
    const [x, y] = places.take(words, (t) => along(curves[c], t));
    const kind = tone(look, "connections", c);
    const ink = { on: colours.red, of: colours.pale, faded: colours.muted, "": colours.ink }[kind];
    halo(context, words, x, y, `${kind === "on" ? 600 : 400} 12px ${FONT}`, ink, colours.paper);
  }
}

function drawTitles(context, scene, colours, k) {
  scene.network.document.layers.forEach(({ name }, layer) => {
    write(context, short(name, 20), scene.columnX(layer), 16 - (k < 0.6 ? 8 / k : 0), `${Math.max(12, 11 / k)}px ${FONT}`, colours.muted);
  });
}

function trace(context, { x1, y1, cx, cy, x2, y2 }) {
  context.moveTo(x1, y1);
  context.quadraticCurveTo(cx, cy, x2, y2);
}

function write(context, words, x, y, font, colour) {
  context.font = font;
  context.fillStyle = colour;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(words, x, y);
}

function halo(context, words, x, y, font, colour, paper) {
  if (!words) return;
  context.font = font;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.strokeStyle = paper;
  context.lineWidth = 5;
  context.lineJoin = "round";
  context.strokeText(words, x, y);
  write(context, words, x, y, font, colour);
}

function colourOf(kind, colours) {
  return { on: colours.red, of: colours.pale, now: colours.now, faded: colours.faded, "": colours.line }[kind];
}
