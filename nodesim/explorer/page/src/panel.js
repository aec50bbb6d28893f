/** The explanation beside the drawing: of what is selected, or of the whole. */

import { fill, h } from "./dom.js";
import { headline } from "./headline.js";
import { meanings } from "./meanings.js";
import { notices } from "./notices.js";
import { overview } from "./overview.js";
import { ranking } from "./ranking.js";
import { terms } from "./terms.js";
import { treeSection } from "./branches.js";
import { editing } from "./editing.js";

/** The panel. */
export class Panel {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.element = h("div.explanation");
  }

  /** Show the explanation of the state. */
  show() {
    const { app } = this;
    const focused = this.element.contains(document.activeElement) ? document.activeElement.dataset.keep : null;
    const open = this.#open();
    const parts = app.trace
      ? [headline(app), notices(app), ...(app.trace.count === "0" ? [] : [terms(app), ranking(app), treeSection(app), meanings(app)]), editing(app)]
      : [overview(app), notices(app)];
    fill(this.element, parts);
    this.#reopen(open);
    if (focused) this.element.querySelector(`[data-keep="${focused}"]`)?.focus();
  }

  /** Mark the path that is pointed at, in every list. */
  mark() {
    const { only } = this.app.state.values;
    const key = only ? only.connections.join(" ") : null;
    for (const row of this.element.querySelectorAll("[data-path]")) row.classList.toggle("pointed", row.dataset.path === key);
  }

  #open() {
    return new Map([...this.element.querySelectorAll("details[data-section]")].map((part) => [part.dataset.section, part.open]));
  }

  #reopen(open) {
    for (const part of this.element.querySelectorAll("details[data-section]")) {
      if (open.has(part.dataset.section)) part.open = open.get(part.dataset.section);
    }
  }
}

/**
 * Let an element stand for a path: pointed at or focused, it alone is red.
 * @param {import("./app.js").App} app @param {HTMLElement} element @param {{nodes: number[], connections: number[]}} path
 */
export function pointing(app, element, { nodes, connections }) {
  const point = () => app.state.set({ only: { nodes, connections } });
  const leave = () => app.state.set({ only: null, pointed: null });
  element.dataset.path = connections.join(" ");
  element.addEventListener("pointerenter", point);
  element.addEventListener("pointerleave", leave);
  element.addEventListener("focusin", point);
  element.addEventListener("focusout", leave);
  return element;
}
