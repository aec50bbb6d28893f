/** Changing the network by hand: its layers, functions, nodes and connections. */

import { withActivation, withConnection, withNode, withoutConnection, withoutNode, targetsOf } from "./edits.js";
import { EditError } from "./error.js";
import { historyOf, remember } from "./history.js";
import { withHiddenLayer, withoutHiddenLayer } from "./layers.js";
import { withLoss } from "./losses.js";
import { withNewWeights } from "./starting.js";
import { button, fill, h } from "../dom.js";
import { shown } from "../names.js";
import { indices, nameOf } from "../network.js";
import { plural } from "../numbers.js";
import { warning } from "../warning.js";
import { marked, worded } from "../words.js";

// Where there are more nodes to connect to, a list of them helps nobody.
const MOST_TARGETS = 2000;

/** The section of the page. */
export class Builder {
  /** @param {import("../app.js").App} app */
  constructor(app) {
    this.app = app;
    this.place = h("div.tools");
    this.warning = warning();
    this.element = h("section.building", { "aria-label": worded("Change the network"), hidden: !app.document.offered }, h("h3", null, worded("Change the network")), this.place, this.warning.element);
  }

  /** Show what can be changed of what is selected, and of the whole. */
  show() {
    const { app } = this;
    const key = JSON.stringify([app.state.values.selected, historyOf(app).steps.length]);
    if (!app.document.offered || (this.key === key && this.nodes === app.document.nodes)) return;
    this.key = key;
    this.nodes = app.document.nodes;
    this.warning.say("");
    fill(this.place, this.#layers(), this.#whole(), this.#functions(), this.#selected());
  }

  /** A row for each hidden layer. */
  #layers() {
    const { layers } = this.app.document;
    const rows = layers.map(({ kind, name }, layer) => (kind === "hidden" ? this.#layer(name, layer) : null));
    return h("div.layers", null, rows);
  }

  #layer(name, layer) {
    const nodes = indices(this.app.document.nodes, (node) => node.kind === "hidden" && node.layer === layer);
    const last = this.app.document.nodes[nodes.at(-1)].name;
    return h("div.row", { role: "group", "aria-label": name },
      h("span.name", null, name),
      this.#button("−", () => this.#edit(worded("{node} was removed from {layer}.", { node: shown(last), layer: name }), (document, weights) => withoutNode(document, weights, last)), { "aria-label": worded("Remove a node from {layer}", { layer: name }), disabled: nodes.length < 2 }),
      h("span.many", null, plural(String(nodes.length), "node")),
      this.#button("+", () => this.#edit(worded("A node was added to {layer}.", { layer: name }), (document, weights) => withNode(document, weights, layer)), { "aria-label": worded("Add a node to {layer}", { layer: name }) }),
      this.#button(worded("Remove"), () => this.#edit(worded("{name} was removed.", { name }), (document, weights) => withoutHiddenLayer(document, weights, layer)), { "aria-label": worded("Remove {name}", { name }), class: "remove" }),
    );
  }

  /** Activation and loss. */
  #functions() {
    const { document } = this.app;
    const node = this.#node();
    const own = node !== null && document.nodes[node].activation !== null;
    const places = own ? [node] : indices(document.nodes, ({ kind }) => kind === "hidden");
    const of = own && shown(document.nodes[node].name);
    const label = of ? worded("Activation of {node}", { node: of }) : worded("Activation of all hidden nodes");
    const now = new Set(places.map((place) => document.nodes[place].activation));
    const activation = places.length ? this.#choice(worded("Activation"), label, document.offered.activations, now, (name) =>
      this.#edit(worded(of ? marked("The activation of {node} is {activation}.") : marked("The activation of all hidden nodes is {activation}."), { node: of, activation: shown(name) }), (before, weights) => withActivation(before, weights, places, name))) : null;
    const loss = this.#choice(worded("Loss"), worded("Loss"), document.offered.losses, new Set([document.loss.name]), (name) =>
      this.#edit(worded("The loss is {loss}.", { loss: shown(name) }), (before, weights) => withLoss(before, weights, name)));
    return h("div.row", null, activation, loss);
  }

  #choice(label, words, offered, now, choose) {
    const names = offered.map(({ name }) => name);
    const [current] = now;
    const more = now.size > 1 ? [["", worded("several")]] : names.includes(current) ? [] : [[current, shown(current)]];
    const options = [...more, ...names.map((name) => [name, shown(name)])].map(([value, words]) => h("option", { value, selected: value === (now.size > 1 ? "" : current) }, words));
    const select = h("select", { "aria-label": label, "data-keep": label, change: () => select.value && choose(select.value) }, options);
    return h("label.control", null, h("span", null, words), select);
  }

  /** What is selected: to remove it, or to connect from it. */
  #selected() {
    const { app } = this;
    const { selected } = app.state.values;
    if (!selected) return h("p.hint", null, worded("Select a node or a connection to remove it, or to connect from it."));
    const { document } = app;
    const name = nameOf(app.network, selected);
    const fixed = selected.kind === "node" && ["input", "output"].includes(document.nodes[selected.index].kind);
    const remove = selected.kind === "node" ? withoutNode : withoutConnection;
    return h("div.row", null,
      !fixed && this.#button(worded("Remove {name}", { name: shown(name) }), () => this.#edit(worded("{name} was removed.", { name: shown(name) }), (before, weights) => remove(before, weights, selected.index)), { "data-keep": "remove" }),
      selected.kind === "node" && this.#connecting(selected.index, name),
    );
  }

  #connecting(node, name) {
    const { nodes } = this.app.document;
    const targets = targetsOf(this.app.document, node);
    if (!targets.length || targets.length > MOST_TARGETS) return null;
    const label = worded("Connect from {name} to", { name: shown(name) });
    const select = h("select", { "aria-label": label, "data-keep": "to" }, targets.map((place) => h("option", { value: place }, shown(nodes[place].name))));
    const connect = () => this.#edit(worded("{name} was connected.", { name: shown(name) }), (before, weights) => withConnection(before, weights, node, Number(select.value)));
    return h("span.connecting", null, h("label.control", null, h("span", null, label), select), this.#button(worded("Connect"), connect));
  }

  #whole() {
    const history = historyOf(this.app);
    return h("div.row", null,
      this.#button(worded("Add a hidden layer"), () => this.#edit(worded("A hidden layer was added."), (document, weights) => withHiddenLayer(document, weights))),
      this.#button(worded("Start over with new weights"), () => this.#edit(worded("All weights are new."), (document, weights) => withNewWeights(document, weights, ++history.seed))),
      this.#button(worded("Undo"), () => this.#undo(), { disabled: !history.steps.length }),
    );
  }

  #node() {
    const { selected } = this.app.state.values;
    return selected?.kind === "node" ? selected.index : null;
  }

  #button(label, press, properties = {}) {
    return button(label, press, { "data-keep": properties["aria-label"] ?? label, ...properties });
  }

  /** @param {string} words What was done. @param {(document: any, weights: Float64Array) => import("./description.js").Edited} make */
  #edit(words, make) {
    try {
      const made = make(this.app.document, this.app.weights);
      remember(this.app);
      this.#rebuild(made, words);
    } catch (error) {
      if (!(error instanceof EditError)) throw error;
      // A choice that was refused is shown no longer.
      this.key = null;
      this.#keepingFocus(() => this.show());
      this.warning.say(error.message);
    }
  }

  #undo() {
    const before = historyOf(this.app).steps.pop();
    if (!before) return;
    // The samples of then come with their network, and what is known of them.
    if (this.app.bench) this.app.bench.data = before.data;
    this.#rebuild(before, worded("The change was taken back."));
  }

  /** Another network is shown, by an explorer of its own: the focus and what is said go on there. */
  #rebuild(made, words) {
    this.#keepingFocus(() => this.app.rebuild(made));
    const live = this.app.root.querySelector(".live");
    if (live) live.textContent = words;
  }

  #keepingFocus(change) {
    const { root } = this.app;
    const keep = root.getRootNode().activeElement?.dataset?.keep;
    change();
    const again = keep && [...root.querySelectorAll(".building [data-keep]")].find((each) => each.dataset.keep === keep && !each.disabled);
    if (keep && !root.contains(root.getRootNode().activeElement)) (again || root.querySelector(".building select"))?.focus({ preventScroll: true });
  }
}
