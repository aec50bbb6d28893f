/** What is drawn of a scene on a canvas, in which order and in which portions. */

import { Labels } from "./labels.js";
import { Lettering } from "./lettering.js";
import { isNow, MOST_HEADS, tone, widthOf } from "./look.js";
import { colourOf, drawAllowed, drawBlocks, drawBundles, drawError, drawErrorEdges, drawHalo, drawHeads, drawLabels, drawNode, drawTarget, drawTitles, isLegible, trace } from "./pen.js";

const PORTION = 2000;
const MOST_AT_ONCE = 3000;

/** Draw a scene at once. @param {CanvasRenderingContext2D} context @param {import("./scene.js").Scene} scene @param {import("./look.js").Look} look @param {Record<string, string>} colours @param {number} k */
export function draw(context, scene, look, colours, k) {
  const plan = new Plan(scene, look, { k, box: null });
  for (let place = 0; plan.drawCalm(context, colours, place); place++);
  plan.drawClear(context, colours);
}

/** What is drawn of a scene, in which order. */
export class Plan {
  /** @param {import("./scene.js").Scene} scene @param {import("./look.js").Look} look @param {import("./labels.js").Sight} sight @param {Set<number>|null} [allowed] Nodes that can be picked. */
  constructor(scene, look, sight, allowed = null) {
    const { curves } = scene;
    Object.assign(this, { scene, look, curves, sight, allowed, k: sight.k, lettering: new Lettering(scene, sight.k) });
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
    if (place === 0) drawBundles(context, this.scene, this.look, colours, this.k);
    const chunk = this.calm[place];
    if (!chunk) return false;
    for (const group of chunk) this.#lines(context, colours, group, this.opacity * (group.kind === "on" ? 3 : 1), group.kind === "on" ? 1 : 0.6);
    return true;
  }

  /** Draw what stands out, and all that is not a connection; returns the labels. */
  drawClear(context, colours) {
    const { scene, look, curves, k, lettering } = this;
    drawHalo(context, look, curves, colours, k);
    drawErrorEdges(context, scene, look, colours, k);
    for (const group of this.clear) this.#lines(context, colours, group, Math.max(0.12, Math.min(1, 500 / group.members.length)), 1.2);
    drawBlocks(context, scene, look, colours);
    const labels = new Labels(scene, look, this.open, lettering, this.sight);
    drawLabels(context, scene, look, colours, labels, lettering);
    scene.network.nodes.forEach((node, index) => scene.isOpen(index) && drawNode(context, scene, look, colours, index, lettering));
    for (const node of this.allowed ?? []) if (scene.isOpen(node)) drawAllowed(context, scene, colours, node, k);
    if (scene.error) drawError(context, scene, look, colours, lettering);
    if (isLegible(k)) for (const node of look.targets) if (scene.isOpen(node)) drawTarget(context, scene, look, colours, node);
    drawTitles(context, scene, colours, lettering);
    return labels;
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
