/** The shapes of a drawing on a canvas. */

import { along, head, isLine, pieces } from "./curves.js";
import { isNow, isSelected, tone } from "./look.js";
import { Labels } from "./labels.js";
import { BADGE, ERROR_RADIUS, fontSize, RADIUS, TARGET } from "./measures.js";
import { signOf } from "./network.js";
import { count } from "./numbers.js";
import { bundleWidth, namedBundles } from "./scene.js";
import { worded } from "./words.js";

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

function ring(context, x, y, radius, colours) {
  context.globalAlpha = 0.22;
  context.fillStyle = colours.red;
  context.beginPath();
  context.arc(x, y, radius + 8, 0, 2 * Math.PI);
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

export function drawBundles(context, scene, look, colours, k) {
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
    halo(context, count(String(members.length)), ...along(curve, 0.5), `${fontSize(12, k)}px ${FONT}`, colours.ink, colours.paper);
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
    write(context, worded("nodes"), x, y + 13 * size, `${14 * size}px ${FONT}`, on ? colours.red : colours.ink);
  }
}

/** A node, and what is written in and at it. @param {import("./lettering.js").Lettering} lettering */
export function drawNode(context, scene, look, colours, index, lettering) {
  const node = scene.network.nodes[index];
  const [x, y] = [scene.x[index], scene.y[index]];
  const kind = tone(look, worded("nodes"), index);
  const ink = inkOf(kind, colours);
  if (isSelected(look, "node", index)) ring(context, x, y, scene.radius[index], colours);
  const edge = isNow(look, "node", index) ? colours.now : kind === "faded" ? colours.faded : ink;
  const width = isNow(look, "node", index) ? 5 : Math.max(Math.min(kind === "on" ? 3.5 : 1.5, scene.radius[index] / 6), 0.8 / lettering.k);
  disc(context, x, y, scene.radius[index], node.kind === "bias" ? colours.shade : colours.paper, edge, width);
  const lines = lettering.names(node, scene.radius[index]);
  for (const { words, size, dy } of lines) write(context, words, x, y + dy, `${kind === "on" ? 600 : 400} ${size}px ${FONT}`, ink);
  if (lines.length === 2) split(context, x, y);
  const sign = signOf(node);
  if (sign && lines.length) badge(context, sign, x - BADGE.left, y - BADGE.above, ink, colours.paper, lettering.badge(sign));
  drawNumbers(context, look, colours, index, x, y, lettering);
}

/** The numbers under and over a node. */
function drawNumbers(context, look, colours, index, x, y, lettering) {
  const font = `${lettering.value}px ${FONT}`;
  const below = lettering.below(look.below(index));
  halo(context, below, x, y + lettering.belowAt, font, colours.ink, colours.paper);
  halo(context, lettering.above(look.above(index), below), x, y - lettering.aboveAt, font, colours.now, colours.paper);
}

/** A node that can be picked. */
export function drawAllowed(context, scene, colours, index, k) {
  context.setLineDash([6, 4]);
  context.strokeStyle = colours.now;
  context.lineWidth = Math.max(4, 2 / k);
  context.beginPath();
  context.arc(scene.x[index], scene.y[index], scene.radius[index] + 6, 0, 2 * Math.PI);
  context.stroke();
  context.setLineDash([]);
}

/** The edges from the outputs to e. */
export function drawErrorEdges(context, scene, look, colours, k) {
  for (const { nodes, curve } of scene.errorEdges) {
    const kind = look.error.edge(nodes[0]);
    context.strokeStyle = context.fillStyle = colourOf(kind, colours);
    context.lineWidth = Math.max(kind === "on" ? 2.5 : 1.2, 0.8 / k);
    context.globalAlpha = kind === "on" ? 1 : Math.max(0.15, Math.min(1, 60 / scene.errorEdges.length));
    context.setLineDash(k > 0.25 ? [2, 4] : []);
    context.beginPath();
    trace(context, curve);
    context.stroke();
    context.setLineDash([]);
    if (k > 0.25 && scene.errorEdges.length < 60) drawHeads(context, [0], [curve], false);
  }
  context.globalAlpha = 1;
}

/** e, with its number and its formula. */
export function drawError(context, scene, look, colours, lettering) {
  const { x, y } = scene.error;
  const { tone: kind, value } = look.error;
  const isIt = look.now?.kind === "error";
  const ink = inkOf(kind, colours);
  const edge = isIt ? colours.now : kind === "faded" ? colours.faded : ink;
  disc(context, x, y, ERROR_RADIUS, colours.paper, edge, isIt ? 5 : kind === "on" ? 3.5 : 1.5);
  write(context, "e", x, y, `italic ${kind === "on" ? 600 : 400} ${lettering.letter}px ${FONT}`, ink);
  for (const { words, size, dy } of lettering.error(value)) halo(context, words, x, y + dy, `${words === value ? 600 : 400} ${size}px ${FONT}`, words === value ? colours.ink : colours.muted, colours.paper);
}

function disc(context, x, y, radius, fill, edge, width) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  context.strokeStyle = edge;
  context.lineWidth = width;
  context.stroke();
}

function split(context, x, y) {
  context.lineWidth = 0.8;
  context.beginPath();
  context.moveTo(x - 20, y);
  context.lineTo(x + 20, y);
  context.stroke();
}

function badge(context, sign, x, y, ink, paper, room) {
  if (!room) return;
  context.beginPath();
  context.roundRect(x - 2 * room.half, y - room.high / 2, 2 * room.half, room.high, room.high / 2);
  context.fillStyle = paper;
  context.fill();
  context.lineWidth = 1.2;
  context.stroke();
  write(context, sign, x - room.half, y, `400 ${room.size}px ${FONT}`, ink);
}

function inkOf(kind, colours) {
  return { on: colours.red, of: colours.pale, faded: colours.muted, "": colours.ink }[kind];
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

/** Draw labels where they have been placed. @param {Labels} labels */
export function drawLabels(context, scene, look, colours, labels, lettering) {
  for (const label of labels.list) {
    const kind = label.node === undefined ? tone(look, "connections", label.c) : "";
    const ink = label.node === undefined ? inkOf(kind, colours) : colours.ink;
    halo(context, Labels.words(look, scene.network, label), label.x, label.y, `${kind === "on" ? 600 : 400} ${lettering.label}px ${FONT}`, ink, colours.paper);
  }
}

export function drawTitles(context, scene, colours, lettering) {
  const words = lettering.titles;
  scene.titles.forEach(({ x, y, start }, layer) => {
    write(context, words[layer], x, y - lettering.titleLift, `${lettering.title}px ${FONT}`, colours.muted, start ? "left" : "center");
  });
}

export function trace(context, curve) {
  context.moveTo(curve.x1, curve.y1);
  // Most are straight, and a line is drawn faster than a curve.
  if (isLine(curve)) context.lineTo(curve.x2, curve.y2);
  else for (const piece of pieces(curve)) context.quadraticCurveTo(...piece);
}

function write(context, words, x, y, font, colour, align = "center") {
  context.font = font;
  context.fillStyle = colour;
  context.textAlign = align;
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
