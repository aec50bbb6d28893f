/** Which colour means which value, with numbers, and what the points are. */

import { fill, h } from "../dom.js";
import { shown } from "../names.js";
import { number } from "../numbers.js";
import { pale, written } from "./colours.js";

const WIDTH = 160;
const HEIGHT = 12;

/** The legend under a map or a curve. */
export class Legend {
  constructor() {
    this.bar = h("canvas", { width: WIDTH, height: HEIGHT, "aria-hidden": "true" });
    this.ends = [0, 1, 2].map(() => h("span"));
    this.scale = h("div.scale", null, h("span.of"), h("div.ends", null, this.bar, h("div.numbers", null, this.ends)));
    this.points = h("p.hint.points");
    this.element = h("div.plane-legend", null, this.scale, this.points);
  }

  /**
   * @param {string} name What is coloured.
   * @param {[number, number]|null} span Null where nothing is, as of a curve.
   * @param {"light"|"dark"} theme
   * @param {string} words What the points are.
   */
  show(name, span, theme, words) {
    // While a training plays the same is asked for many times a second.
    const key = JSON.stringify([name, span, theme, words]);
    if (key === this.key) return;
    this.key = key;
    this.scale.hidden = !span;
    fill(this.points, words);
    if (!span) return;
    fill(this.scale.firstChild, shown(name));
    [span[0], span[0] / 2 + span[1] / 2, span[1]].forEach((value, place) => fill(this.ends[place], number(value, 3)));
    const context = this.bar.getContext("2d");
    for (let x = 0; x < WIDTH; x++) {
      context.fillStyle = written(pale(theme, x / (WIDTH - 1)));
      context.fillRect(x, 0, 1, HEIGHT);
    }
  }
}
