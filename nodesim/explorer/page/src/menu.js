/** A menu that opens under its button, and closes when the reader turns to something else. */

import { h } from "./dom.js";

/**
 * @param {string} label
 * @param {...any} items
 * @returns {HTMLDetailsElement}
 */
export function menu(label, ...items) {
  const summary = h("summary", null, label);
  const element = h("details.menu", null, summary, items);
  const close = () => (element.open = false);
  const beside = (event) => event.composedPath().includes(element) || close();
  element.addEventListener("toggle", () => {
    if (element.open) document.addEventListener("pointerdown", beside);
    else document.removeEventListener("pointerdown", beside);
  });
  element.addEventListener("focusout", ({ relatedTarget }) => relatedTarget === null || element.contains(relatedTarget) || close());
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !element.open) return;
    event.stopPropagation();
    close();
    summary.focus();
  });
  return element;
}
