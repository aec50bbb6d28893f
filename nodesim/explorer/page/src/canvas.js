/** The drawing on a canvas, for networks of many connections, and for pictures that are saved as PNG. */

import { h } from "./dom.js";
import { Places } from "./labels.js";
import { isNow, isSelected, labelOf, labelled, tone, widthOf } from "./look.js";
import { short } from "./names.js";
import { count } from "./numbers.js";
import { along, distance, head, namedBundles, RADIUS } from "./scene.js";

const MOST_HEADS = 600;
const PORTION = 2000;
const MOST_AT_ONCE = 3000;
const FONT = 'system-ui, "Segoe UI", "DejaVu Sans", Verdana, sans-serif';

/** The colours of a theme, as its style has them. @param {Element} element */
export function palette(element) {
  const style = getComputedStyle(element);
  const names = ["ink", "line", "faded", "red", "pale", "paper", "shade", "now", "muted"];
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim() || "#888"]));
}

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
    return this.#block(x, y) ?? this.#node(x, y) ?? this.#connection(x, y);
  }

  #block(x, y) {
    const found = this.scene.blocks.find((block) => Math.abs(block.x - x) < 46 * this.scene.blockScale && Math.abs(block.y - y) < 40 * this.scene.blockScale);
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

/** The curves of a scene, null where an end is collapsed. @param {import("./scene.js").Scene} scene */
export function curvesOf(scene) {
  return scene.network.connections.map(({ source, target }, c) => (scene.isOpen(source) && scene.isOpen(target) ? scene.curve(c) : null));
}

/** Draw a scene at once. @param {CanvasRenderingContext2D} context @param {import("./scene.js").Scene} scene @param {import("./look.js").Look} look @param {Record<string, string>} colours @param {number} k */
export function draw(context, scene, look, colours, k) {
  const plan = new Plan(scene, look, curvesOf(scene), k);
  for (let place = 0; plan.drawCalm(context, colours, place); place++);
  plan.drawClear(context, colours);
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

/** What is drawn of a scene, in which order. */
class Plan {
  constructor(scene, look, curves, k) {
    Object.assign(this, { scene, look, curves, k });
    this.open = [];
    curves.forEach((curve, c) => curve && look.visible(c) && this.open.push(c));
    const red = (c) => look.on.connections.has(c) || look.of?.connections.has(c);
    const clear = look.on.connections.size <= MOST_AT_ONCE ? red : () => false;
    this.calm = chunks(grouped(this.open.filter((c) => !clear(c)), look));
    this.clear = grouped(this.open.filter((c) => clear(c) || isNow(look, "connection", c)), look);
    // Where many lie over each other they are drawn lightly: what is dense stays darker.
    this.opacity = this.open.length > 3000 ? Math.max(0.05, 1500 / this.open.length) : 1;
  }

  /** Draw some of the calm connections; returns whether there are more. */
  drawCalm(context, colours, place) {
    if (place === 0) drawBundles(context, this.scene, this.look, colours);
    const chunk = this.calm[place];
    if (!chunk) return false;
    for (const group of chunk) this.#lines(context, colours, group, this.opacity * (group.kind === "on" ? 3 : 1), group.kind === "on" ? 1 : 0.6);
    return true;
  }

  /** Draw what stands out, and all that is not a connection. */
  drawClear(context, colours) {
    const { scene, look, curves, k } = this;
    drawHalo(context, look, curves, colours, k);
    for (const group of this.clear) this.#lines(context, colours, group, Math.max(0.12, Math.min(1, 500 / group.members.length)), 1.2);
    drawBlocks(context, scene, look, colours);
    if (k > 0.35) drawLabels(context, scene, look, colours, labelled(look, this.open), curves);
    scene.network.nodes.forEach((node, index) => scene.isOpen(index) && drawNode(context, scene, look, colours, index, k));
    drawTitles(context, scene, colours, k);
  }

  #lines(context, colours, { kind, step, negative, members }, opacity, least) {
    const calm = kind === "" || kind === "faded";
    context.globalAlpha = Math.min(1, opacity);
    context.strokeStyle = context.fillStyle = colourOf(kind, colours);
    context.lineWidth = Math.max(kind === "now" ? 4 : step, least / this.k);
    // Dashes smaller than a pixel cannot be seen.
    context.setLineDash(negative && this.k > 0.25 ? [7, 5] : []);
    context.beginPath();
    for (const c of members) trace(context, this.curves[c]);
    context.stroke();
    context.setLineDash([]);
    if (this.k > 0.25 && (this.open.length <= MOST_HEADS || (!calm && members.length <= MOST_HEADS))) drawHeads(context, members, this.curves, !calm);
    context.globalAlpha = 1;
  }
}

/** Connections that are drawn with one stroke: of one kind, width and sign. */
function grouped(connections, look) {
  const groups = new Map();
  for (const c of connections) {
    const kind = isNow(look, "connection", c) ? "now" : tone(look, "connections", c);
    const step = Math.round(widthOf(look, c) * 2) / 2;
    const negative = look.weights[c] < 0;
    const key = `${kind} ${step} ${negative}`;
    if (!groups.has(key)) groups.set(key, { kind, step, negative, members: [] });
    groups.get(key).members.push(c);
  }
  const rank = { faded: 0, "": 1, of: 2, on: 3, now: 4 };
  return [...groups.values()].sort((a, b) => rank[a.kind] - rank[b.kind]);
}

/** Groups cut into portions, each of which is drawn in one frame. */
function chunks(groups) {
  const portions = [];
  let room = 0;
  for (const group of groups) {
    for (let start = 0; start < group.members.length; ) {
      if (room <= 0) {
        portions.push([]);
        room = PORTION;
      }
      const members = group.members.slice(start, start + room);
      portions.at(-1).push({ ...group, members });
      start += members.length;
      room -= members.length;
    }
  }
  return portions;
}

/** The selected connection stands out among the others in red. */
function drawHalo(context, look, curves, colours, k) {
  const curve = look.selected?.kind === "connection" && curves[look.selected.index];
  if (!curve) return;
  context.globalAlpha = 0.22;
  context.strokeStyle = colours.red;
  context.lineWidth = Math.max(14, 6 / k);
  context.beginPath();
  trace(context, curve);
  context.stroke();
  context.globalAlpha = 1;
}

function ring(context, x, y, colours) {
  context.globalAlpha = 0.22;
  context.fillStyle = colours.red;
  context.beginPath();
  context.arc(x, y, RADIUS + 8, 0, 2 * Math.PI);
  context.fill();
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
    context.lineWidth = (1 + Math.min(9, Math.log2(1 + members.length) * 0.7)) * scene.blockScale;
    context.globalAlpha = scene.bundles.length > 200 && !on.has(index) ? 0.3 : 1;
    context.beginPath();
    trace(context, curve);
    context.stroke();
  });
  context.globalAlpha = 1;
  for (const { curve, members } of namedBundles(scene)) {
    halo(context, count(String(members.length)), ...along(curve, 0.5), `12px ${FONT}`, colours.ink, colours.paper);
  }
}

function drawBlocks(context, scene, look, colours) {
  const size = scene.blockScale;
  for (const { layer, x, y, many } of scene.blocks) {
    const on = scene.network.columns[layer].some((node) => look.on.nodes.has(node));
    context.fillStyle = colours.paper;
    context.strokeStyle = on ? colours.red : look.chosen ? colours.faded : colours.ink;
    context.lineWidth = (on ? 3.5 : 1.5) * size;
    context.beginPath();
    context.roundRect(x - 46 * size, y - 40 * size, 92 * size, 80 * size, 14 * size);
    context.fill();
    context.stroke();
    write(context, String(many), x, y - 9 * size, `600 ${18 * size}px ${FONT}`, on ? colours.red : colours.ink);
    write(context, "nodes", x, y + 13 * size, `${11 * size}px ${FONT}`, on ? colours.red : colours.ink);
  }
}

function drawNode(context, scene, look, colours, index, k) {
  const node = scene.network.nodes[index];
  const [x, y] = [scene.x[index], scene.y[index]];
  const kind = tone(look, "nodes", index);
  const ink = { on: colours.red, of: colours.pale, faded: colours.muted, "": colours.ink }[kind];
  if (isSelected(look, "node", index)) ring(context, x, y, colours);
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
  // Most are straight, and a line is drawn faster than a curve.
  if (Math.abs((cx - x1) * (y2 - y1) - (cy - y1) * (x2 - x1)) < 1e-6 * (Math.abs(x2 - x1) + Math.abs(y2 - y1)) ** 2) context.lineTo(x2, y2);
  else context.quadraticCurveTo(cx, cy, x2, y2);
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
