/** The elements of a drawing in SVG. What changes is kept beside them, and only a change is written. */

import { head, pieces } from "./curves.js";
import { s } from "./dom.js";
import { BADGE, ERROR_RADIUS, TARGET } from "./measures.js";
import { signOf } from "./network.js";
import { kindWords, shown } from "./names.js";
import { worded } from "./words.js";

/** Write an attribute if it is another than before; null takes it away. @param {Element & {was?: Record<string, any>}} element @param {string} name @param {string|number|null} value */
export function put(element, name, value) {
  const was = (element.was ??= {});
  if (was[name] === value) return;
  was[name] = value;
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, String(value));
}

/** Write a text if it is another than before. @param {Element & {words?: string}} element @param {string} words */
export function say(element, words) {
  if (element.words === words) return;
  element.words = words;
  element.textContent = words;
}

/** Write a line of a node, or nothing. @param {Element} element @param {import("./lettering.js").Line|undefined} line @param {number} y */
export function write(element, line, y) {
  say(element, line?.words ?? "");
  // What is empty has no place, as before it was written.
  put(element, "font-size", line ? line.size.toFixed(2) : null);
  put(element, "y", line ? (y + line.dy).toFixed(2) : null);
}

/** A connection. */
export function connectionElement({ network, curves }, c, identity, headed) {
  const { name, source, target } = network.connections[c];
  const d = path(curves[c]);
  const line = s("path", { class: "line", d, fill: "none" });
  const tip = headed ? s("polygon", { class: "head" }) : null;
  const label = worded("{name}, from {source} to {target}", { name: shown(name), source: shown(network.nodes[source].activated), target: shown(network.nodes[target].name) });
  const group = s("g", { ...identity, "aria-label": label }, s("path", { class: "reach", d, fill: "none" }), line, tip);
  return { group, line, head: tip, curve: curves[c] };
}

/** A node; its names are written when it is known how large it is shown. */
export function nodeElement({ x: xs, y: ys, radius }, node, index, identity) {
  const [x, y] = [xs[index], ys[index]];
  const sign = signOf(node);
  const parts = {
    split: s("line", { class: "split", x1: x - 20, y1: y, x2: x + 20, y2: y }),
    names: [0, 1].map(() => s("text", { class: "name", x })),
    badge: sign ? s("rect", { class: "badge" }) : null,
    sign: sign ? s("text", { class: "name" }, sign) : null,
    below: s("text", { class: "value", x }),
    above: s("text", { class: "value delta", x }),
  };
  const label = [shown(node.name), kindWords(node.kind), ...(sign && node.kind !== "bias" ? [worded("{aggregation} of what comes in", { aggregation: shown(node.aggregation.name) })] : [])].join(", ");
  const group = s("g", { ...identity, "aria-label": label },
    s("circle", { class: "ring", cx: x, cy: y, r: radius[index] + 6 }), s("circle", { class: "disc", cx: x, cy: y, r: radius[index] }), Object.values(parts));
  return { group, x, y, text: sign, ...parts };
}

/** The sign of a node that is no sum. */
export function writeBadge({ badge, sign, text, x, y }, room) {
  for (const part of [badge, sign]) put(part, "visibility", room ? "inherit" : "hidden");
  if (!room) return;
  const { size, half, high } = room;
  put(badge, "x", x - BADGE.left - 2 * half);
  put(sign, "x", x - BADGE.left - half);
  put(badge, "y", y - BADGE.above - high / 2);
  put(badge, "width", 2 * half);
  put(badge, "height", high);
  put(badge, "rx", high / 2);
  write(sign, { words: text, size, dy: -BADGE.above }, y);
}

/** e, and the edges that lead to it. */
export function errorElement({ error: { x, y }, errorEdges }, identity) {
  const edges = errorEdges.map(({ nodes, curve }) => {
    const group = s("g", { class: "edge" }, s("path", { class: "line", d: path(curve), fill: "none" }), s("polygon", { class: "head", points: points(curve, false) }));
    return { group, nodes };
  });
  const letter = s("text", { class: "letter", x, y }, "e");
  const lines = [0, 1, 2, 3].map(() => s("text", { class: "value", x }));
  const group = s("g", { ...identity, "data-error": "", role: "button", tabindex: -1, "aria-label": worded("e, the error") },
    s("circle", { class: "disc", cx: x, cy: y, r: ERROR_RADIUS }), letter, lines);
  return { group, edges, letter, lines, y };
}

/** The mark by which an output is derived. */
export function targetElement({ x, y, network }, node) {
  const at = { cx: x[node] + TARGET.right, cy: y[node] + TARGET.below };
  const label = worded("Derive {output}", { output: shown(network.nodes[node].activated) });
  return s("g", { "data-target": node, role: "button", tabindex: -1, "aria-label": label },
    s("circle", { class: "reach", ...at, r: TARGET.radius }), s("circle", { class: "rim", ...at, r: TARGET.radius }), s("circle", { class: "middle", ...at, r: TARGET.inner }));
}

/** A collapsed layer. */
export function blockElement({ network, blockScale: size }, { layer, x, y, many }) {
  const { name } = network.document.layers[layer];
  return s("g", { class: "block", "data-layer": layer, role: "button", tabindex: 0, "aria-label": worded("{layer}, {count} nodes, collapsed: open it", { layer: shown(name), count: many }) },
    s("rect", { x: x - 46 * size, y: y - 40 * size, width: 92 * size, height: 80 * size, rx: 14 * size }),
    s("text", { class: "name", x, y: y - 9 * size, "font-size": 18 * size }, String(many)),
    s("text", { class: "name", x, y: y + 13 * size, "font-size": 14 * size }, worded("nodes")),
  );
}

/** Names of classes, those that are false left out. @param {...(string|false|null|undefined)} names */
export function classes(...names) {
  return names.filter(Boolean).join(" ");
}

/** A curve as the path of SVG. @param {import("./curves.js").Curve} curve */
export function path(curve) {
  const written = pieces(curve).map((piece) => `Q${piece.map((value) => value.toFixed(1)).join(" ")}`);
  return `M${curve.x1.toFixed(1)} ${curve.y1.toFixed(1)}${written.join("")}`;
}

/** The head of an arrow as the points of SVG. @param {import("./curves.js").Curve} curve @param {boolean} large */
export function points(curve, large) {
  return head(curve, large ? 13 : 10, large ? 5.5 : 4).map((point) => point.map((value) => value.toFixed(1)).join(",")).join(" ");
}
