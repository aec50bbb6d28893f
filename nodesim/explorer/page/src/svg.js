/** The drawing as SVG: every node and connection is an element that can be focused. */

import { along } from "./curves.js";
import { fill, s } from "./dom.js";
import { Labels } from "./labels.js";
import { Lettering } from "./lettering.js";
import { isNow, isSelected, MOST_HEADS, tone, widthOf } from "./look.js";
import { targetReach } from "./measures.js";
import { count } from "./numbers.js";
import { bundleWidth, namedBundles } from "./scene.js";
import { blockElement, classes, connectionElement, errorElement, nodeElement, path, points, put, say, targetElement, write, writeBadge } from "./svgparts.js";
import { worded } from "./words.js";

const LAYERS = ["titles", "bundles", "edges", "connections", "labels", "blocks", "nodes", "errors", "targets"];
const [CROWDED, DENSE] = [90, 220];
const HIT = "[data-node],[data-connection],[data-label],[data-layer],[data-target],[data-error],[data-desired]";

/** A picture of a scene in SVG. */
export class SvgPicture {
  /** @param {boolean} named Whether elements get ids; only one picture of a page may. */
  constructor(named = true) {
    this.named = named;
    this.layers = Object.fromEntries(LAYERS.map((name) => [name, s("g", { class: name })]));
    this.view = s("g", { class: "view" }, Object.values(this.layers));
    this.element = s("svg", { class: "drawing", role: "group", "aria-label": worded("The network") }, this.view);
    this.sight = { k: 1, box: null };
    this.allowed = null;
  }

  /** @param {import("./scene.js").Scene} scene */
  arrange(scene) {
    [this.scene, this.look, this.visible] = [scene, null, []];
    const { network, curves } = scene;
    const headed = network.connections.length <= MOST_HEADS;
    this.connections = new Map();
    this.nodes = new Map();
    this.targets = new Map();
    curves.forEach((curve, c) => curve && this.connections.set(c, connectionElement(scene, c, this.#identity("connection", c), headed)));
    network.nodes.forEach((node, index) => scene.isOpen(index) && this.nodes.set(index, nodeElement(scene, node, index, this.#identity("node", index))));
    network.outputs.forEach((node) => scene.isOpen(node) && this.targets.set(node, targetElement(scene, node)));
    this.error = scene.error && errorElement(scene, { id: this.named ? "error" : null });
    this.bundles = scene.bundles.map((bundle, index) => this.#bundle(bundle, index));
    this.titles = scene.titles.map(({ layer, x, y, start }) => s("text", { class: start ? "title start" : "title", x, y, "data-layer": layer }));
    this.#fill();
    // Where many connections cross, each is lighter, and what is red stands out.
    put(this.element, "data-dense", network.connections.length > DENSE ? "very" : network.connections.length > CROWDED ? "quite" : "no");
    this.#detail();
  }

  /** @param {import("./look.js").Look} look */
  paint(look) {
    this.look = look;
    this.visible = [];
    for (const [c, part] of this.connections) this.#paintConnection(look, c, part);
    for (const [node, part] of this.nodes) this.#paintNode(look, node, part);
    for (const [node, mark] of this.targets) {
      put(mark, "class", classes("target", look.target === node && "chosen", !look.targets.includes(node) && "left-out"));
      put(mark, "aria-pressed", String(look.target === node));
    }
    if (this.error) this.#paintError(look);
    this.#paintBundles(look);
    this.#label();
  }

  /** @param {{x: number, y: number, k: number}} transform @param {number[]|null} box What is seen of the scene. @param {boolean} rests Whether it stays so. */
  transform({ x, y, k }, box, rests) {
    this.view.setAttribute("transform", `translate(${x} ${y}) scale(${k})`);
    clearTimeout(this.rest);
    const settle = () => {
      const another = this.sight.k !== k;
      this.sight = { k, box };
      if (another && this.scene) this.#detail();
      if (this.look) another ? this.paint(this.look) : this.#label();
    };
    if (rests) settle();
    else this.rest = setTimeout(settle, 80);
  }

  /** Mark the nodes that can be picked; null: no more. @param {Set<number>|null} allowed */
  mark(allowed) {
    this.allowed = allowed;
    for (const [node, { group }] of this.nodes) group.setAttribute("tabindex", allowed?.has(node) ? "0" : "-1");
    if (this.look) this.paint(this.look);
  }

  /** The element of a node or connection, if it is drawn. */
  elementOf(kind, index) {
    return (kind === "node" ? this.nodes : this.connections)?.get(index)?.group ?? null;
  }

  /** What an event happened on. @param {Event} event */
  hit(event) {
    const target = event.target.closest?.(HIT);
    if (!target) return null;
    const { node, connection = target.dataset.label, layer, target: output, desired, error } = target.dataset;
    if (node !== undefined) return { kind: "node", index: Number(node) };
    if (connection !== undefined) return { kind: "connection", index: Number(connection) };
    if (output !== undefined) return { kind: "target", index: Number(output) };
    if (desired !== undefined) return { kind: "desired", index: Number(desired) };
    return error === undefined ? { kind: "layer", index: Number(layer) } : { kind: "error", index: 0 };
  }

  #fill() {
    const { layers, scene } = this;
    const groups = (parts) => [...parts.values()].map(({ group }) => group);
    fill(layers.connections, groups(this.connections));
    fill(layers.nodes, groups(this.nodes));
    fill(layers.targets, [...this.targets.values()]);
    fill(layers.edges, this.error?.edges.map(({ group }) => group));
    fill(layers.errors, this.error?.group);
    fill(layers.bundles, this.bundles);
    fill(layers.blocks, scene.blocks.map((block) => blockElement(scene, block)));
    fill(layers.titles, this.titles);
    fill(layers.labels);
    this.labelKey = null;
  }

  /** Write names and titles in the size in which they can be read. */
  #detail() {
    const { scene, sight } = this;
    this.lettering = new Lettering(scene, sight.k);
    const { lettering } = this;
    for (const [index, part] of this.nodes) {
      const lines = lettering.names(scene.network.nodes[index], scene.radius[index]);
      part.names.forEach((element, place) => write(element, lines[place], part.y));
      put(part.split, "visibility", lines.length === 2 ? "inherit" : "hidden");
      if (part.badge) writeBadge(part, lettering.badge(part.text));
      put(part.below, "y", (part.y + lettering.belowAt).toFixed(2));
      put(part.above, "y", (part.y - lettering.aboveAt).toFixed(2));
      for (const text of [part.below, part.above]) put(text, "font-size", lettering.value.toFixed(2));
    }
    for (const mark of this.targets.values()) put(mark.firstChild, "r", targetReach(sight.k).toFixed(1));
    lettering.titles.forEach((words, layer) => {
      say(this.titles[layer], words);
      put(this.titles[layer], "y", (scene.titles[layer].y - lettering.titleLift).toFixed(2));
      put(this.titles[layer], "font-size", lettering.title.toFixed(2));
    });
    if (this.error) put(this.error.letter, "font-size", lettering.letter.toFixed(2));
  }

  #paintConnection(look, c, { group, line, head, curve }) {
    const seen = look.visible(c);
    put(group, "class", classes("connection", tone(look, "connections", c), isNow(look, "connection", c) && "now", isSelected(look, "connection", c) && "selected", look.weights[c] < 0 && "negative", !seen && "left-out"));
    put(line, "stroke-width", widthOf(look, c).toFixed(1));
    const large = look.on.connections.has(c);
    if (head && head.large !== large) head.setAttribute("points", points(curve, large));
    if (head) head.large = large;
    if (seen) this.visible.push(c);
  }

  #paintNode(look, node, { group, below, above }) {
    const { kind } = this.scene.network.nodes[node];
    const allowed = this.allowed && (this.allowed.has(node) ? "allowed" : "refused");
    put(group, "class", classes("node", `kind-${kind}`, tone(look, "nodes", node), isNow(look, "node", node) && "now", isSelected(look, "node", node) && "selected", allowed));
    const written = this.lettering.below(look.below(node));
    const over = look.above(node);
    const fits = this.lettering.above(over, written);
    // Where there is room for one, the newer one is shown.
    const instead = over && !fits ? this.lettering.above(over, "") : "";
    say(below, instead ? "" : written);
    say(above, fits || instead);
  }

  #paintError(look) {
    const { group, edges, lines, y } = this.error;
    put(group, "class", classes("error", look.error.tone, look.now?.kind === "error" && "now"));
    for (const { group: edge, nodes } of edges) put(edge, "class", classes("edge", look.error.edge(nodes[0])));
    const written = this.lettering.error(look.error.value);
    lines.forEach((line, place) => write(line, written[place], y));
  }

  #identity(kind, index) {
    return { id: this.named ? `${kind}-${index}` : null, [`data-${kind}`]: index, role: "button", tabindex: -1 };
  }

  #bundle(bundle, index) {
    const width = bundleWidth(this.scene, bundle);
    return s("g", { class: "bundle", "data-bundle": index }, s("path", { class: "line", d: path(bundle.curve), fill: "none", "stroke-width": width.toFixed(1) }));
  }

  #paintBundles(look) {
    if (!this.bundles.length && !this.scene.blocks.length) return;
    const on = new Set([...look.on.connections].map((c) => this.scene.bundleOf[c]));
    this.bundles.forEach((bundle, index) => put(bundle, "class", classes("bundle", on.has(index) ? "on" : look.chosen && "faded")));
    for (const block of this.layers.blocks.children) {
      const column = this.scene.network.columns[Number(block.dataset.layer)];
      put(block, "class", classes("block", column.some((node) => look.on.nodes.has(node)) ? "on" : look.chosen && "faded"));
    }
  }

  /** Place the labels, where something has changed for them; write their words. */
  #label() {
    const { scene, look, visible, sight } = this;
    const key = Labels.key(scene, look, visible, sight);
    if (!this.labelKey || key.some((part, place) => part !== this.labelKey[place])) this.#place();
    this.labelKey = key;
    for (const { label, element } of this.labels) {
      say(element, Labels.words(look, scene.network, label));
      put(element, "class", label.node === undefined ? classes("label", `is-${tone(look, "connections", label.c)}`) : "label desired");
    }
  }

  #place() {
    const { scene, look, lettering } = this;
    const at = (x, y) => ({ x: x.toFixed(1), y: y.toFixed(1), "font-size": lettering.label.toFixed(2) });
    const named = namedBundles(scene).map(({ curve, members }) => s("text", { class: "label", ...at(...along(curve, 0.5)) }, count(String(members.length))));
    this.labels = new Labels(scene, look, this.visible, lettering, this.sight).list.map((label) => {
      const desired = label.node !== undefined;
      const element = s("text", { ...at(label.x, label.y), "data-label": desired ? null : label.c, "data-desired": desired ? label.node : null });
      return { label, element };
    });
    fill(this.layers.labels, named, this.labels.map(({ element }) => element));
  }
}
