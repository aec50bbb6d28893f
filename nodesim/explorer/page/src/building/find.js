/** Nodes, connections and layers of a graph, by place or by name; who is not there is asked for in words. */

import { EditError } from "./error.js";
import { graphOf } from "./graph.js";
import { offeredBy } from "./offered.js";
import { shown } from "../names.js";
import { plural } from "../numbers.js";
import { marked, worded } from "../words.js";

/** Who is not there, by number and by name. */
const MISSING = {
  node: [marked("The network has no node number {number}: it has {count}. Choose one of those in the drawing."), marked("The network has no node of the name “{name}”. Choose one of those in the drawing.")],
  connection: [marked("The network has no connection number {number}: it has {count}. Choose one of those in the drawing."), marked("The network has no connection of the name “{name}”. Choose one of those in the drawing.")],
};

/** A graph beside the document that it is of. */
export class Editing {
  /** @param {any} document @param {ArrayLike<number>} weights */
  constructor(document, weights) {
    offeredBy(document);
    if (weights.length !== document.connections.length) {
      throw new EditError(worded("There must be one weight for each of {connections}; there are {count}.", { connections: plural(String(document.connections.length), "connection"), count: weights.length }));
    }
    this.document = document;
    this.graph = graphOf(document, weights);
    this.nodes = [...this.graph.nodes];
    this.connections = this.graph.connections;
  }

  /** @param {number|string} wanted A place or a name. @returns {import("./graph.js").Node} */
  node(wanted) {
    return this.#found(this.nodes, wanted, "node");
  }

  /** @param {number|string} wanted A place or a name. @returns {import("./graph.js").Connection} */
  connection(wanted) {
    return this.#found(this.connections, wanted, "connection");
  }

  /** The nodes of a layer; bias nodes are apart. @param {number} layer */
  layer(layer) {
    return this.nodes.filter(({ kind }, place) => kind !== "bias" && this.document.nodes[place].layer === layer);
  }

  /** The bias nodes that feed some of these nodes. @param {import("./graph.js").Node[]} targets */
  biasesOf(targets) {
    return this.nodes.filter((node) => node.kind === "bias" && targets.some((target) => this.graph.links.get(node).has(target)));
  }

  /** Which hidden layer is meant. @param {number} layer */
  hidden(layer) {
    if (this.document.layers[layer]?.kind === "hidden") return layer;
    const hidden = this.document.layers.filter(({ kind }) => kind === "hidden").length;
    throw new EditError(worded(hidden ? marked("There is no hidden layer {layer}; hidden layers have the numbers 1 to {most}.") : marked("There is no hidden layer {layer}; this network has none: add one first."), { layer: String(layer), most: hidden }));
  }

  #found(elements, wanted, what) {
    const found = typeof wanted === "number" ? elements[wanted] : elements.find(({ name }) => name === wanted);
    if (found) return found;
    const asked = typeof wanted === "number" ? { number: wanted + 1, count: elements.length } : { name: shown(String(wanted)) };
    throw new EditError(worded(MISSING[what][typeof wanted === "number" ? 0 : 1], asked));
  }
}

/** Change something, unless nothing would reach an output any more: such a network cannot be run. @param {Editing} editing @param {string} name Of what goes. @param {() => void} change */
export function fed({ graph, nodes }, name, change) {
  const bare = () => nodes.filter((node) => node.kind === "output" && !nodes.some((source) => graph.links.get(source)?.has(node)));
  const before = new Set(bare());
  change();
  const unfed = bare().find((node) => !before.has(node));
  if (unfed) throw new EditError(worded("Without {name} nothing would be connected to the output {output}. Connect something else to {output} first.", { name: shown(name), output: shown(unfed.name) }));
}
