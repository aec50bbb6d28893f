/** What is pointed at in a list is shown in the drawing. What an element stands for may change while it is pointed at. */

/**
 * Let an element stand for a path: pointed at or focused, it alone is red.
 * @template {HTMLElement} T
 * @param {import("./app.js").App} app @param {T} element @param {{nodes: number[], connections: number[]}} path
 * @returns {T}
 */
export function standsForPath(app, element, { nodes, connections }) {
  const point = () => app.state.set({ only: element.standsFor });
  const leave = () => app.state.set({ only: null, pointed: null });
  element.standsFor = { nodes, connections };
  element.dataset.path = connections.join(" ");
  element.addEventListener("pointerenter", point);
  element.addEventListener("pointerleave", leave);
  element.addEventListener("focusin", point);
  element.addEventListener("focusout", leave);
  return element;
}

/**
 * Let an element stand for a node or a connection of the drawing.
 * @template {Element} T
 * @param {import("./app.js").App} app @param {T} element @param {{kind: string, index: number}} of
 * @returns {T}
 */
export function standsFor(app, element, { kind, index }) {
  element.standsFor = { kind, index };
  element.addEventListener("pointerenter", () => app.state.set({ pointed: element.standsFor }));
  element.addEventListener("pointerleave", () => app.state.set({ pointed: null }));
  return element;
}
