/** What is written in and at nodes, and over columns, in the size in which it is shown: what would be too small is left out until it is zoomed in. */

import { BELOW, ABOVE, ERROR_RADIUS, fontSize, LEAST, lettersIn, RADIUS, wordsWidth } from "./measures.js";
import { shortTitle } from "./building/arranging.js";
import { namesIn } from "./network.js";
import { short, shortApart, shown } from "./names.js";

const NAME = 13;
const NUMBERS = "−0.123 → −0.123".length;
const NUMBER = "−0.123".length;
/** How far the two names of a node are from its middle, measured in their height. */
const APART = 0.72;
const SHORT = 4;
const TITLE_ROOM = 22;
const ERROR_WIDTH = 168;

/**
 * @typedef {{words: string, size: number, dy: number}} Line
 */

/** The writing of a scene that is shown k times as large. */
export class Lettering {
  /** @param {import("./scene.js").Scene} scene @param {number} k */
  constructor(scene, k) {
    Object.assign(this, { scene, k });
    this.label = fontSize(12, k);
    this.value = fontSize(11, k);
    this.name = Math.max(NAME, LEAST / k);
    this.both = scene.network.nodes.every((node, index) => namesIn(node).every((name, _, names) => names.length < 2 || this.#fits(name, true, scene.radius[index])));
    // Names that are short anyway are all there, or none of them.
    const short = (node) => [...shown(node.name)].length <= SHORT;
    this.any = scene.network.nodes.every((node, index) => !short(node) || scene.radius[index] < RADIUS || this.#fits(node.name, false, RADIUS));
    const { shape: { down, row, column } } = scene;
    [this.across, this.along] = down ? [row, column] : [column, row];
  }

  /** The names in the circle of a node. @param {any} node @param {number} radius @returns {Line[]} */
  names(node, radius) {
    const names = namesIn(node);
    if (!this.any || (radius < RADIUS && 2 * radius * this.k < LEAST + 3)) return [];
    if (names.length === 2 && this.both) return names.map((name, place) => ({ words: shown(name), size: this.name, dy: (place ? APART : -APART) * this.name }));
    const fits = this.#fits(names[0], false, radius);
    const size = fits ? this.#size(radius) : LEAST / this.k;
    const most = fits ? Infinity : lettersIn(2 * radius - 0.1 * RADIUS, size);
    return most < 3 ? [] : [{ words: this.#cut(node, names[0], most), size, dy: 0 }];
  }

  /** A name cut so that it differs from those of its column. */
  #cut({ layer }, name, most) {
    const { columns, nodes } = this.scene.network;
    if ([...shown(name)].length <= most || columns[layer].length > 60) return short(name, most);
    return shortApart(name, most, columns[layer].map((node) => namesIn(nodes[node])[0]));
  }

  /** What stands under a node: both numbers, the last one alone, or none, as there is room. @param {string} words */
  below(words) {
    if (RADIUS + 3 + this.value > this.along - RADIUS + 1) return "";
    if (wordsWidth("0".repeat(NUMBERS), this.value) <= this.across) return words;
    return wordsWidth("0".repeat(NUMBER), this.value) <= this.across ? words.split(" → ").at(-1) : "";
  }

  /** What stands over a node, where it does not meet what stands under the one above. @param {string} words @param {string} below */
  above(words, below) {
    const room = this.along - 2 * RADIUS - (below ? this.value : 0);
    return room >= this.value + 2 && wordsWidth(words, this.value) <= this.across ? words : "";
  }

  /** How far from the middle of a node its numbers stand. */
  get belowAt() {
    return Math.max(BELOW, RADIUS + 3 + this.value / 2);
  }

  get aboveAt() {
    return Math.max(ABOVE, RADIUS + 2 + this.value / 2);
  }

  /** The sign at a node that is no sum: its size, and half its width; null where it would be too small. @param {string} sign */
  badge(sign) {
    const size = LEAST / Math.min(1, this.k);
    return size > 20 ? null : { size, half: Math.max(12, wordsWidth(sign, size) / 2 + 4), high: size + 6 };
  }

  /** What is written under e: its number, and its formula as there is room. @param {string} value @returns {Line[]} */
  error(value) {
    const { forms, y } = this.scene.error;
    const room = Math.min(ERROR_WIDTH, 2 * this.across - 2 * RADIUS - 20);
    const fits = (lines) => lines.every((line) => wordsWidth(line, 0.95 * this.value) <= room);
    const formula = forms.find(fits) ?? [];
    const lines = [...(value ? [value] : []), ...formula].map((words, place) => ({ words, size: this.value, dy: ERROR_RADIUS + 4 + this.value * (0.55 + 1.2 * place) }));
    // Where letters are large beside the drawing, a formula would end below it.
    return lines.at(-1)?.dy + this.value / 2 <= this.scene.height - y + ERROR_RADIUS / 2 ? lines : lines.slice(0, value ? 1 : 0);
  }

  /** The titles of the layers; where lines run to and fro, with an arrow at the first of each. @returns {string[]} */
  get titles() {
    return this.#forms().map((words, layer) => {
      const { arrow } = this.scene.titles[layer];
      if (!arrow || !words) return words;
      return arrow === "←" ? `← ${words}` : `${words} →`;
    });
  }

  /** All in one form: whole, short, or only numbers. */
  #forms() {
    const { titles } = this.scene;
    const forms = [(name) => short(name, 20), (name) => short(shortTitle(name), 20)];
    const fits = (form) => titles.every(({ name, room, arrow }) => wordsWidth(form(name) + (arrow && "→ "), this.title) <= room - 4);
    const form = forms.find(fits);
    return form ? titles.map(({ name }) => form(name)) : this.#numbers(forms[1]);
  }

  /** Of many layers the numbers, between the names of the first and the last; if there is room for them. */
  #numbers(short) {
    const { titles } = this.scene;
    const last = titles.length - 1;
    const numbered = titles[0].room * this.k >= 1.6 * LEAST;
    return titles.map(({ name }, layer) => {
      if (layer === 0 || layer === last) return short(name);
      return numbered && layer > 1 && layer < last - 1 ? /\d+/.exec(name)?.[0] ?? "" : "";
    });
  }

  /** Titles that are large beside a small drawing stand higher. */
  get titleLift() {
    return Math.max(0, 0.65 * this.title - TITLE_ROOM);
  }

  /** The letter in the circle of e. */
  get letter() {
    return Math.max(20, LEAST / this.k);
  }

  get title() {
    return fontSize(12, this.k);
  }

  #size(radius) {
    return Math.max((NAME * radius) / RADIUS, LEAST / this.k);
  }

  /** Whether a name fits into half a circle, or a whole one; a short one may reach a little beyond. */
  #fits(name, half, radius) {
    const size = this.#size(radius);
    const outer = (half ? APART + 0.38 : 0.4) * size;
    if (outer >= radius) return false;
    const slack = !half && [...shown(name)].length <= SHORT ? 1.35 : 1;
    return wordsWidth(shown(name), size) <= slack * 2 * Math.sqrt(radius ** 2 - outer ** 2);
  }
}
