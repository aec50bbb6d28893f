/** The drawing as SVG: every node and connection is an element that can be focused. */

import { s, fill } from "./dom.js";
import { Places } from "./labels.js";
import { isNow, isSelected, labelOf, labelled, MOST_HEADS, tone, widthOf } from "./look.js";
import { namesIn, signOf } from "./network.js";
import { short, shown, sizeOf } from "./names.js";
import { count } from "./numbers.js";
import { ABOVE, BADGE, along, BELOW, bundleWidth, head, namedBundles, RADIUS, TARGET } from "./scene.js";

/** A picture of a scene in SVG. */
export class SvgPicture {
  /** @param {boolean} named Whether elements get ids; only one picture of a page may. */
  constructor(named = true) {
    this.named = named;
    this.layers = Object.fromEntries(
      ["titles", "bundles", "connections", "labels", "blocks", "nodes", "targets"].map((name) => [name, s("g", { class: name })]),
    );
    this.view = s("g", { class: "view" }, Object.values(this.layers));
    this.element = s("svg", { class: "drawing", role: "group", "aria-label": "The network" }, this.view);
  }

  /** @param {import("./scene.js").Scene} scene */
  arrange(scene) {
    this.scene = scene;
    const { network } = scene;
    this.connections = new Map();
    this.nodes = new Map();
    this.targets = new Map();
    network.connections.forEach(({ source, target }, c) => {
      if (scene.isOpen(source) && scene.isOpen(target)) this.connections.set(c, this.#connection(c));
    });
    network.nodes.forEach((node, index) => scene.isOpen(index) && this.nodes.set(index, this.#node(node, index)));
    network.outputs.forEach((node) => scene.isOpen(node) && this.targets.set(node, this.#target(node)));
    this.bundles = scene.bundles.map((bundle, index) => this.#bundle(bundle, index));
    fill(this.layers.connections, [...this.connections.values()].map(({ group }) => group));
    fill(this.layers.nodes, [...this.nodes.values()].map(({ group }) => group));
    fill(this.layers.targets, [...this.targets.values()]);
    fill(this.layers.bundles, this.bundles);
    fill(this.layers.blocks, scene.blocks.map((block) => this.#block(block)));
    fill(this.layers.titles, network.document.layers.map((layer, index) => this.#title(layer, index)));
  }

  /** @param {import("./look.js").Look} look */
  paint(look) {
    const visible = [];
    for (const [c, { group, line, head }] of this.connections) {
      const seen = look.visible(c);
      group.setAttribute("class", classes("connection", tone(look, "connections", c), isNow(look, "connection", c) && "now", isSelected(look, "connection", c) && "selected", look.weights[c] < 0 && "negative", !seen && "left-out"));
      line.setAttribute("stroke-width", widthOf(look, c).toFixed(2));
      if (head) head.setAttribute("points", points(this.scene.curve(c), look.on.connections.has(c)));
      if (seen) visible.push(c);
    }
    for (const [node, { group, below, above }] of this.nodes) {
      group.setAttribute("class", classes("node", `kind-${this.scene.network.nodes[node].kind}`, tone(look, "nodes", node), isNow(look, "node", node) && "now", isSelected(look, "node", node) && "selected"));
      below.textContent = look.below(node);
      above.textContent = look.above(node);
    }
    for (const [node, mark] of this.targets) {
      mark.setAttribute("class", classes("target", look.target === node && "chosen", !look.targets.includes(node) && "left-out"));
      mark.setAttribute("aria-pressed", String(look.target === node));
    }
    this.#paintBundles(look);
    this.#label(look, visible);
  }

  /** @param {{x: number, y: number, k: number}} transform */
  transform({ x, y, k }) {
    this.view.setAttribute("transform", `translate(${x} ${y}) scale(${k})`);
  }

  /** The element of a node or connection, if it is drawn. */
  elementOf(kind, index) {
    return (kind === "node" ? this.nodes : this.connections).get(index)?.group ?? null;
  }

  /** What an event happened on. @param {Event} event */
  hit(event) {
    const target = event.target.closest?.("[data-node],[data-connection],[data-label],[data-layer],[data-target]");
    if (!target) return null;
    const { node, connection = target.dataset.label, layer, target: output } = target.dataset;
    if (node !== undefined) return { kind: "node", index: Number(node) };
    if (connection !== undefined) return { kind: "connection", index: Number(connection) };
    if (output !== undefined) return { kind: "target", index: Number(output) };
    return { kind: "layer", index: Number(layer) };
  }

  #connection(c) {
    const { name, source, target } = this.scene.network.connections[c];
    const { nodes } = this.scene.network;
    const curve = this.scene.curve(c);
    const d = path(curve);
    const line = s("path", { class: "line", d, fill: "none" });
    const head = this.scene.network.connections.length <= MOST_HEADS ? s("polygon", { class: "head" }) : null;
    const label = `${shown(name)}, from ${shown(nodes[source].activated)} to ${shown(nodes[target].name)}`;
    const group = s("g", { ...this.#identity("connection", c), "aria-label": label }, s("path", { class: "reach", d, fill: "none" }), line, head);
    return { group, line, head };
  }

  #node(node, index) {
    const [x, y] = [this.scene.x[index], this.scene.y[index]];
    const names = namesIn(node);
    const sign = signOf(node);
    const offsets = names.length === 2 ? [-10, 11] : [0];
    const below = s("text", { class: "value", x, y: y + BELOW });
    const above = s("text", { class: "value delta", x, y: y - ABOVE });
    const label = `${shown(node.name)}, ${node.kind === "bias" ? "bias node" : `${node.kind} node${sign && `, ${shown(node.aggregation.name)} of what comes in`}`}`;
    const group = s(
      "g", { ...this.#identity("node", index), "aria-label": label },
      s("circle", { class: "ring", cx: x, cy: y, r: RADIUS + 6 }),
      s("circle", { class: "disc", cx: x, cy: y, r: RADIUS }),
      names.length === 2 && s("line", { class: "split", x1: x - 20, y1: y, x2: x + 20, y2: y }),
      names.map((name, place) => s("text", { class: "name", x, y: y + offsets[place], "font-size": sizeOf(name) }, short(name))),
      sign && s("rect", { class: "badge", x: x - BADGE.left - BADGE.half, y: y - BADGE.above - 8, width: 2 * BADGE.half, height: 16, rx: 8 }),
      sign && s("text", { class: "name", x: x - BADGE.left, y: y - BADGE.above, "font-size": 10 }, sign),
      below, above,
    );
    return { group, below, above };
  }

  #target(node) {
    const at = { cx: this.scene.x[node] + TARGET.right, cy: this.scene.y[node] + TARGET.below };
    const label = `Derive ${shown(this.scene.network.nodes[node].activated)}`;
    return s("g", { "data-target": node, role: "button", tabindex: -1, "aria-label": label },
      s("circle", { class: "rim", ...at, r: TARGET.radius }), s("circle", { class: "middle", ...at, r: TARGET.inner }));
  }

  #identity(kind, index) {
    return { id: this.named ? `${kind}-${index}` : null, [`data-${kind}`]: index, role: "button", tabindex: -1 };
  }

  #block({ layer, x, y, many }) {
    const { name } = this.scene.network.document.layers[layer];
    const size = this.scene.blockScale;
    return s(
      "g", { class: "block", "data-layer": layer, role: "button", tabindex: 0, "aria-label": `${shown(name)}, ${many} nodes, collapsed: open it` },
      s("rect", { x: x - 46 * size, y: y - 40 * size, width: 92 * size, height: 80 * size, rx: 14 * size }),
      s("text", { class: "name", x, y: y - 9 * size, "font-size": 18 * size }, String(many)),
      s("text", { class: "name", x, y: y + 13 * size, "font-size": 11 * size }, "nodes"),
    );
  }

  #bundle(bundle, index) {
    const width = bundleWidth(this.scene, bundle);
    return s("g", { class: "bundle", "data-bundle": index }, s("path", { class: "line", d: path(bundle.curve), fill: "none", "stroke-width": width.toFixed(1) }));
  }

  #paintBundles(look) {
    const on = new Set([...look.on.connections].map((c) => this.scene.bundleOf[c]));
    this.bundles.forEach((bundle, index) => {
      bundle.setAttribute("class", classes("bundle", on.has(index) ? "on" : look.chosen && "faded"));
    });
    for (const block of this.layers.blocks.children) {
      const column = this.scene.network.columns[Number(block.dataset.layer)];
      block.setAttribute("class", classes("block", column.some((node) => look.on.nodes.has(node)) ? "on" : look.chosen && "faded"));
    }
  }

  #title({ name }, layer) {
    return s("text", { class: "title", x: this.scene.columnX(layer), y: 16, "data-layer": layer }, short(name, 20));
  }

  #label(look, visible) {
    const places = new Places(this.scene, look);
    const named = namedBundles(this.scene).map(({ curve, members }) => {
      const [x, y] = along(curve, 0.5);
      return s("text", { class: "label", x: x.toFixed(1), y: y.toFixed(1) }, count(String(members.length)));
    });
    fill(this.layers.labels, named, labelled(look, visible).map((c) => {
      const curve = this.scene.curve(c);
      const words = labelOf(look, this.scene.network, c);
      const [x, y] = places.take(words, (t) => along(curve, t));
      return s("text", { class: classes("label", `is-${tone(look, "connections", c)}`), x: x.toFixed(1), y: y.toFixed(1), "data-label": c }, words);
    }));
  }
}

function classes(...names) {
  return names.filter(Boolean).join(" ");
}

function path({ x1, y1, cx, cy, x2, y2 }) {
  return `M${x1.toFixed(1)} ${y1.toFixed(1)}Q${cx.toFixed(1)} ${cy.toFixed(1)} ${x2.toFixed(1)} ${y2.toFixed(1)}`;
}

function points(curve, large) {
  return head(curve, large ? 13 : 10, large ? 5.5 : 4).map((point) => point.map((value) => value.toFixed(1)).join(",")).join(" ");
}
