/** What is said at the pointer: it follows the pointer, and the numbers of now. */

import { h } from "./dom.js";

const [APART, FARTHER] = [14, 48];

/** A tooltip over the drawing. */
export class Tip {
  /** @param {(found: {kind: string, index: number}) => string} describe */
  constructor(describe) {
    this.describe = describe;
    this.found = null;
    this.element = h("div.tip", { hidden: true, "aria-hidden": "true" });
  }

  /** Say what something is, or nothing. @param {{kind: string, index: number}|null} found @param {PointerEvent} pointer @param {DOMRect} box @param {number[][]} kept What should stay seen: left, top, right, bottom, and how much it matters. */
  show(found, { clientX, clientY, pointerType }, box, kept = []) {
    // A finger covers what it points at, and what it taps is explained beside the drawing.
    this.found = pointerType === "touch" ? null : found;
    this.refresh();
    if (this.element.hidden) return;
    const { style } = this.element;
    // Near the edge it would be narrower.
    style.left = "0";
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const [x, y] = [clientX - box.left, clientY - box.top];
    const inside = (left, top) => [Math.max(2, Math.min(box.width - width - 2, left)), Math.max(2, Math.min(box.height - height - 2, top))];
    const places = [y + APART, y - APART - height, y + FARTHER, y - FARTHER - height].flatMap((top) => [x + APART, x - APART - width].map((left) => inside(left, top)));
    const hidden = places.map((place) => [[x - 4, y - 4, x + 4, y + 4, 1000], ...kept].reduce((sum, other) => sum + overlap(place, width, height, other), 0));
    const [left, top] = places[hidden.indexOf(Math.min(...hidden))];
    [style.left, style.top] = [`${left}px`, `${top}px`];
  }

  /** Say it with the numbers of now. */
  refresh() {
    const words = this.found ? this.describe(this.found) : "";
    this.element.hidden = !words;
    if (this.element.textContent !== words) this.element.textContent = words;
  }

  hide() {
    this.found = null;
    this.element.hidden = true;
  }
}

/** How much of something a tooltip would hide. */
function overlap([left, top], width, height, [l, t, r, b, weight]) {
  return weight * Math.max(0, Math.min(left + width, r) - Math.max(left, l)) * Math.max(0, Math.min(top + height, b) - Math.max(top, t));
}
