/** Places for labels along arrows: where none covers another, or a node; what finds none is left out until it is zoomed in. */

import { Covering } from "./covering.js";
import { along, boxOf } from "./curves.js";
import { labelled, labelOf } from "./look.js";
import { BADGE, wordsWidth } from "./measures.js";
import { signOf } from "./network.js";
import { partial, short, shown } from "./names.js";

const ALONG = [0.3, 0.22, 0.38, 0.46, 0.15, 0.54, 0.62, 0.7, 0.78, 0.26, 0.34, 0.42, 0.5, 0.18, 0.58, 0.66, 0.74];
const BESIDE_ERROR = [0.42, 0.55, 0.3, 0.36, 0.48, 0.62, 0.24];
/** A label covers at most this share of itself; and how much worse that is than to lie on a line. */
const [MOST_COVERED, LINES] = [0.12, 0.2];
/** Numbers change while they are looked at; their labels stay. */
const WIDEST = "−0.123";
const [MOST_DESIRED, MOST_SEEN] = [16, 45];
const FLAT = 13;

/**
 * A part of a scene that is seen: how large, and its box; null: all of it.
 * @typedef {{k: number, box: number[]|null}} Sight
 *
 * @typedef {{words: string, x: number, y: number, width: number, height: number, c?: number, node?: number}} Label
 */

/** The labels of connections, and of the desired outputs, with their places; their words change, and they stay. */
export class Labels {
  /** @param {import("./scene.js").Scene} scene @param {import("./look.js").Look} look @param {number[]} visible Connections. @param {import("./lettering.js").Lettering} lettering @param {Sight} sight */
  constructor(scene, look, visible, lettering, sight) {
    Object.assign(this, { scene, lettering, box: sight.box });
    const lines = [...visible.map((c) => scene.curve(c)), ...scene.errorEdges.map(({ curve }) => curve)];
    this.covering = new Covering([...discs(scene), ...written(scene, lettering), ...numbers(scene, look, lettering)], lines);
    const desired = this.#desired(look);
    const isIt = (c) => look.selected?.kind === "connection" && look.selected.index === c;
    const chosen = labelled(look, scene.network, this.#seen(visible)).filter((c) => !this.#isFlat || isIt(c));
    this.list = [...desired, ...chosen.map((c) => this.#label(look, c)).filter(Boolean)];
  }

  /** What labels depend on: if it is as before, they stay where they are. @returns {any[]} */
  static key(scene, look, visible, { k, box }) {
    const part = visible.length > MOST_SEEN ? String(box?.map(Math.round)) : "";
    return [scene, scene.shape, k, part, look.numbered, look.stepped, look.error.desired === null, visible.length, ...look.choice];
  }

  /** The words of a label now. @param {import("./look.js").Look} look @param {import("./network.js").Network} network @param {Label} label */
  static words(look, network, { c, node }) {
    return node === undefined ? labelOf(look, network, c) : desiredWords(look, network, node);
  }

  /** Whether lines lie so close together that nobody could tell whose label is whose. */
  get #isFlat() {
    return this.lettering.along * this.lettering.k < FLAT;
  }

  #seen(visible) {
    if (!this.box || visible.length <= MOST_SEEN) return visible;
    const [left, top, right, bottom] = this.box;
    return visible.filter((c) => {
      const [l, t, r, b] = boxOf(this.scene.curve(c));
      return l < right && r > left && t < bottom && b > top;
    });
  }

  #label(look, c) {
    const words = labelOf(look, this.scene.network, c);
    const widest = look.labels === "numbers" && words.length < WIDEST.length ? WIDEST : words;
    const place = this.#take(widest, ALONG, this.scene.curve(c), look.selected?.kind === "connection" && look.selected.index === c);
    return place && { words, c, ...place };
  }

  #desired(look) {
    const { errorEdges, network } = this.scene;
    if (errorEdges.length > MOST_DESIRED || this.#isFlat) return [];
    return errorEdges.filter(({ nodes }) => nodes.length === 1).map(({ nodes: [node], curve }) => {
      const words = desiredWords(look, network, node);
      const place = this.#take(look.error.desired ? `${network.nodes[node].target} ${WIDEST}` : words, BESIDE_ERROR, curve, false);
      return place && { words, node, ...place };
    }).filter(Boolean);
  }

  /** The place where a label covers least: nothing but lines, unless it must be shown. */
  #take(words, shares, curve, must) {
    const [width, height] = [1.06 * wordsWidth(words, this.lettering.label) + 0.4 * this.lettering.label, 1.25 * this.lettering.label];
    const all = shares.map((share) => along(curve, share));
    const [whole, middle] = [width / 2, 0].map((reach) => all.filter((place) => this.#isSeen(place, reach)));
    const places = whole.length ? whole : middle.map((place) => this.#within(place, width / 2));
    const covered = places.map((place) => this.covering.covered(place, width, height) / (width * height));
    const allowed = must ? places : places.filter((_, at) => covered[at] <= MOST_COVERED);
    if (!allowed.length) return null;
    const cost = allowed.map((place) => 4 * covered[places.indexOf(place)] + (LINES * this.covering.crossed(place, width, height, curve)) / height);
    const point = allowed[cost.indexOf(Math.min(...cost))];
    this.covering.take({ point, width, height });
    return { x: point[0], y: point[1], width, height };
  }

  /** Whether so much to the left and to the right of a place is seen. */
  #isSeen([x, y], reach) {
    const { width, height } = this.scene;
    const [left, top, right, bottom] = this.box ?? [0, 0, width, height];
    return x - reach >= left && x + reach <= right && y >= top && y <= bottom;
  }

  /** Moved aside, until it is seen whole. */
  #within([x, y], reach) {
    const [left, , right] = this.box ?? [0, 0, this.scene.width];
    return [Math.max(left + reach, Math.min(right - reach, x)), y];
  }
}

/** "y1", or "y1 0.99". */
function desiredWords({ error }, { nodes, place }, node) {
  const name = shown(nodes[node].target);
  return error.desired ? `${name} ${error.desired(place[node])}` : name;
}

/** The middles of the circles. */
function discs(scene) {
  return scene.network.nodes.flatMap((_, node) => (scene.isOpen(node) ? [{ point: [scene.x[node], scene.y[node]], width: 1.6 * scene.radius[node], height: 1.6 * scene.radius[node] }] : []));
}

/** Titles, and the signs of nodes that are no sums. */
function written(scene, lettering) {
  const { titles, network: { nodes } } = scene;
  const size = lettering.title;
  const over = lettering.titles.map((words, layer) => ({ point: [titles[layer].x, titles[layer].y - lettering.titleLift], width: wordsWidth(words, size), height: size }));
  const badges = nodes.flatMap((node, index) => {
    const room = scene.isOpen(index) && signOf(node) ? lettering.badge(signOf(node)) : null;
    return room ? [{ point: [scene.x[index] - BADGE.left - room.half, scene.y[index] - BADGE.above], width: 2 * room.half, height: room.high }] : [];
  });
  return [...over, ...badges];
}

/** Numbers under nodes have their places, as wide as they get; so has what stands under e. */
function numbers(scene, look, lettering) {
  const taken = [];
  if (scene.error) {
    const lines = lettering.error(look.numbered ? WIDEST : "");
    lines.forEach(({ words, size, dy }) => taken.push({ point: [scene.error.x, scene.error.y + dy], width: wordsWidth(words, size), height: size }));
  }
  if (!look.numbered) return taken;
  const height = 1.25 * lettering.value;
  scene.network.nodes.forEach(({ activation, quantity }, node) => {
    const over = look.stepped && activation !== null && scene.isOpen(node) ? lettering.above(`${partial("e", short(quantity, 20))} ${WIDEST}`, "") : "";
    if (over) taken.push({ point: [scene.x[node], scene.y[node] - lettering.aboveAt], width: wordsWidth(over, lettering.value), height });
    const words = lettering.below(activation === null ? WIDEST : `${WIDEST} → ${WIDEST}`);
    if (words && scene.isOpen(node)) taken.push({ point: [scene.x[node], scene.y[node] + lettering.belowAt], width: wordsWidth(words, lettering.value), height });
  });
  return taken;
}
