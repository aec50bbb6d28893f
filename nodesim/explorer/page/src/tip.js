/** What is said at the pointer: it follows the pointer, and the numbers of now. */

import { h } from "./dom.js";

const APART = 14;

/** A tooltip over the drawing. */
export class Tip {
  /** @param {(found: {kind: string, index: number}) => string} describe */
  constructor(describe) {
    this.describe = describe;
    this.found = null;
    this.element = h("div.tip", { hidden: true, "aria-hidden": "true" });
  }

  /** Say what something is, or nothing. @param {{kind: string, index: number}|null} found @param {PointerEvent} pointer @param {DOMRect} box */
  show(found, { clientX, clientY, pointerType }, box) {
    // A finger covers what it points at, and what it taps is explained beside the drawing.
    this.found = pointerType === "touch" ? null : found;
    this.refresh();
    const [x, y] = [clientX - box.left, clientY - box.top];
    const { style } = this.element;
    style.left = x > box.width / 2 ? "auto" : `${x + APART}px`;
    style.right = x > box.width / 2 ? `${box.width - x + APART}px` : "auto";
    style.top = y > box.height - 70 ? "auto" : `${y + APART}px`;
    style.bottom = y > box.height - 70 ? `${box.height - y + APART}px` : "auto";
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
