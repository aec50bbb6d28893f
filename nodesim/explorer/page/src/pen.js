/** The shapes of a drawing on a canvas. */

import { isNow, isSelected, labelOf, tone } from "./look.js";
import { Places } from "./labels.js";
import { namesIn, signOf } from "./network.js";
import { short, sizeOf } from "./names.js";
import { count } from "./numbers.js";
import { ABOVE, along, BADGE, BELOW, bundleWidth, head, namedBundles, RADIUS, TARGET } from "./scene.js";

const FONT = 'system-ui, "Segoe UI", "DejaVu Sans", Verdana, sans-serif';

/** Whether what is written in a node, or stands beside it, is large enough to be seen. @param {number} k */
export function isLegible(k) {
  return RADIUS * k >= 7;
}

/** The colours of a theme, as its style has them. @param {Element} element */
export function palette(element) {
  const style = getComputedStyle(element);
  const names = ["ink", "line", "faded", "red", "pale", "paper", "shade", "now", "muted"];
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim() || "#888"]));
}

/** The selected connection stands out among the others in red. */
export function drawHalo(context, look, curves, colours, k) {
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

export function drawHeads(context, members, curves, large) {
  for (const c of members) {
    const [[x, y], ...rest] = head(curves[c], large ? 13 : 10, large ? 5.5 : 4);
    context.beginPath();
    context.moveTo(x, y);
    rest.forEach((point) => context.lineTo(...point));
    context.fill();
  }
}

export function drawBundles(context, scene, look, colours) {
  const on = new Set([...look.on.connections].map((c) => scene.bundleOf[c]));
  scene.bundles.forEach((bundle, index) => {
    context.strokeStyle = on.has(index) ? colours.red : look.chosen ? colours.faded : colours.line;
    context.lineWidth = bundleWidth(scene, bundle);
    context.globalAlpha = scene.bundles.length > 200 && !on.has(index) ? 0.3 : 1;
    context.beginPath();
    trace(context, bundle.curve);
    context.stroke();
  });
  context.globalAlpha = 1;
  for (const { curve, members } of namedBundles(scene)) {
    halo(context, count(String(members.length)), ...along(curve, 0.5), `12px ${FONT}`, colours.ink, colours.paper);
  }
}

export function drawBlocks(context, scene, look, colours) {
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

export function drawNode(context, scene, look, colours, index, k) {
  const node = scene.network.nodes[index];
  const [x, y] = [scene.x[index], scene.y[index]];
  const kind = tone(look, "nodes", index);
  const ink = { on: colours.red, of: colours.pale, faded: colours.muted, "": colours.ink }[kind];
  if (isSelected(look, "node", index)) ring(context, x, y, colours);
  context.beginPath();
  context.arc(x, y, RADIUS, 0, 2 * Math.PI);
  context.fillStyle = node.kind === "bias" ? colours.shade : colours.paper;
  context.fill();
  context.strokeStyle = isNow(look, "node", index) ? colours.now : kind === "faded" ? colours.faded : ink;
  context.lineWidth = isNow(look, "node", index) ? 5 : Math.max(kind === "on" ? 3.5 : 1.5, 0.8 / k);
  context.stroke();
  if (!isLegible(k)) return;
  const names = namesIn(node);
  names.forEach((name, place) => {
    const offset = names.length === 2 ? [-10, 11][place] : 0;
    write(context, short(name), x, y + offset, `${kind === "on" ? 600 : 400} ${sizeOf(name)}px ${FONT}`, ink);
  });
  if (names.length === 2) {
    context.lineWidth = 0.8;
    context.beginPath();
    context.moveTo(x - 20, y);
    context.lineTo(x + 20, y);
    context.stroke();
  }
  const sign = signOf(node);
  if (sign) badge(context, sign, x - BADGE.left, y - BADGE.above, ink, colours.paper);
  halo(context, look.below(index), x, y + BELOW, `11px ${FONT}`, colours.ink, colours.paper);
  halo(context, look.above(index), x, y - ABOVE, `11px ${FONT}`, colours.now, colours.paper);
}

function badge(context, sign, x, y, ink, paper) {
  context.beginPath();
  context.roundRect(x - BADGE.half, y - 8, 2 * BADGE.half, 16, 8);
  context.fillStyle = paper;
  context.fill();
  context.lineWidth = 1.2;
  context.stroke();
  write(context, sign, x, y, `400 10px ${FONT}`, ink);
}

/** The mark by which an output is derived. */
export function drawTarget(context, scene, look, colours, node) {
  const [x, y] = [scene.x[node] + TARGET.right, scene.y[node] + TARGET.below];
  const chosen = look.target === node;
  const circle = (radius) => {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
  };
  circle(TARGET.radius);
  context.fillStyle = chosen ? colours.now : colours.paper;
  context.fill();
  context.strokeStyle = colours.now;
  context.lineWidth = 1.5;
  context.stroke();
  circle(TARGET.inner);
  context.fillStyle = colours.paper;
  if (chosen) context.fill();
  else context.stroke();
}

export function drawLabels(context, scene, look, colours, labels, curves) {
  const places = new Places(scene, look);
  for (const c of labels) {
    const words = labelOf(look, scene.network, c);
    const [x, y] = places.take(words, (t) => along(curves[c], t));
    const kind = tone(look, "connections", c);
    const ink = { on: colours.red, of: colours.pale, faded: colours.muted, "": colours.ink }[kind];
    halo(context, words, x, y, `${kind === "on" ? 600 : 400} 12px ${FONT}`, ink, colours.paper);
  }
}

export function drawTitles(context, scene, colours, k) {
  scene.network.document.layers.forEach(({ name }, layer) => {
    write(context, short(name, 20), scene.columnX(layer), 16 - (k < 0.6 ? 8 / k : 0), `${Math.max(12, 11 / k)}px ${FONT}`, colours.muted);
  });
}

export function trace(context, { x1, y1, cx, cy, x2, y2 }) {
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
  context.lineWidth = 8;
  context.lineJoin = "round";
  context.strokeText(words, x, y);
  write(context, words, x, y, font, colour);
}

export function colourOf(kind, colours) {
  return { on: colours.red, of: colours.pale, now: colours.now, faded: colours.faded, "": colours.line }[kind];
}
