/** Places for labels along arrows: where none covers another, or a node; what finds none is left out until it is zoomed in. */

import { along, boxOf } from "./curves.js";
import { labelled, labelOf } from "./look.js";
import { BADGE, wordsWidth } from "./measures.js";
import { signOf } from "./network.js";
import { shown } from "./names.js";

const ALONG = [0.3, 0.22, 0.38, 0.46, 0.15, 0.54, 0.62, 0.7, 0.78];
const BESIDE_ERROR = [0.42, 0.55, 0.3];
/** Numbers change while they are looked at; their labels stay. */
const WIDEST = "−0.123";
const [MOST_DESIRED, MOST_SEEN] = [16, 45];
const FLAT = 13;

/**
 * A part of a scene that is seen: how large, and its box; null: all of it.
 * @typedef {{k: number, box: number[]|null}} Sight
 *
 * @typedef {{words: string, x: number, y: number, c?: number, node?: number}} Label
 */

/** The labels of connections, and of the desired outputs, with their places; their words change, and they stay. */
export class Labels {
  /** @param {import("./scene.js").Scene} scene @param {import("./look.js").Look} look @param {number[]} visible Connections. @param {import("./lettering.js").Lettering} lettering @param {Sight} sight */
  constructor(scene, look, visible, lettering, sight) {
    Object.assign(this, { scene, lettering, box: sight.box });
    this.taken = [...discs(scene), ...written(scene, lettering), ...numbers(scene, look, lettering)];
    const desired = this.#desired(look);
    const isIt = (c) => look.selected?.kind === "connection" && look.selected.index === c;
    const chosen = labelled(look, scene.network, this.#seen(visible)).filter((c) => !this.#isFlat || isIt(c));
    this.list = [...desired, ...chosen.map((c) => this.#label(look, c)).filter(Boolean)];
  }

  /** What labels depend on: if it is as before, they stay where they are. @returns {any[]} */
  static key(scene, look, visible, { k, box }) {
    const part = visible.length > MOST_SEEN ? String(box?.map(Math.round)) : "";
    return [scene, scene.shape, k, part, look.numbered, look.error.desired === null, visible.length, ...look.choice];
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
    return place && { words, c, x: place[0], y: place[1] };
  }

  #desired(look) {
    const { errorEdges, network } = this.scene;
    if (errorEdges.length > MOST_DESIRED || this.#isFlat) return [];
    return errorEdges.filter(({ nodes }) => nodes.length === 1).map(({ nodes: [node], curve }) => {
      const words = desiredWords(look, network, node);
      const place = this.#take(look.error.desired ? `${network.nodes[node].target} ${WIDEST}` : words, BESIDE_ERROR, curve, false);
      return place && { words, node, x: place[0], y: place[1] };
    }).filter(Boolean);
  }

  /** The first place where a label covers nothing; if it must be shown, where it covers least. */
  #take(words, shares, curve, must) {
    const [width, height] = [1.06 * wordsWidth(words, this.lettering.label) + 0.4 * this.lettering.label, 1.25 * this.lettering.label];
    const all = shares.map((share) => along(curve, share));
    const [whole, middle] = [width / 2, 0].map((reach) => all.filter((place) => this.#isSeen(place, reach)));
    const places = whole.length ? whole : middle.map((place) => this.#within(place, width / 2));
    const covered = places.map((place) => this.#covered(place, width, height));
    const least = Math.min(...covered);
    if (!places.length || (least > 0.12 * width * height && !must)) return null;
    const point = places[covered.indexOf(least)];
    this.taken.push({ point, width, height });
    return point;
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

  #covered([x, y], width, height) {
    return this.taken.reduce((sum, { point, width: other, height: high }) => {
      const beside = Math.max(0, (width + other) / 2 - Math.abs(x - point[0]));
      return sum + beside * Math.max(0, (height + high) / 2 - Math.abs(y - point[1]));
    }, 0);
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
  scene.network.nodes.forEach(({ activation }, node) => {
    const words = lettering.below(activation === null ? WIDEST : `${WIDEST} → ${WIDEST}`);
    if (words && scene.isOpen(node)) taken.push({ point: [scene.x[node], scene.y[node] + lettering.belowAt], width: wordsWidth(words, lettering.value), height });
  });
  return taken;
}
