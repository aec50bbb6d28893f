/** Walking through the network with the arrow keys: from nodes to connections and on, up and down among equals. */

/**
 * Return what the key leads to from an element; null for other keys, and where there is nothing.
 * @param {import("./scene.js").Scene} scene
 * @param {{kind: string, index: number}|null} from
 * @param {string} key
 * @returns {{kind: "node"|"connection", index: number}|null}
 */
export function neighbour(scene, from, key) {
  if (!["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].includes(key)) return null;
  if (!from || (from.kind !== "node" && from.kind !== "connection")) return first(scene);
  const { network } = scene;
  const node = from.kind === "node" ? from.index : network.connections[from.index].source;
  const towards = turned(scene, network.nodes[node].layer, key);
  return from.kind === "node" ? fromNode(scene, from.index, towards) : fromConnection(scene, from.index, towards);
}

/** The key as if layers ran from left to right: they may run down, or back. */
function turned({ shape, plan }, layer, key) {
  if (shape.down) return { ArrowDown: "ArrowRight", ArrowUp: "ArrowLeft", ArrowRight: "ArrowDown", ArrowLeft: "ArrowUp" }[key];
  const back = plan.heading[plan.lineOf[layer]] < 0;
  return (back && { ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft" }[key]) || key;
}

function first({ network }) {
  return { kind: "node", index: network.order[0] };
}

function fromNode({ network }, node, key) {
  const { outgoing, incoming, columns, nodes } = network;
  if (key === "ArrowRight") return connection(outgoing[node][0]);
  if (key === "ArrowLeft") return connection(incoming[node][0]);
  const column = columns[nodes[node].layer];
  const next = column[column.indexOf(node) + (key === "ArrowDown" ? 1 : -1)];
  return next === undefined ? null : { kind: "node", index: next };
}

function fromConnection({ network }, c, key) {
  const { source, target } = network.connections[c];
  if (key === "ArrowRight") return { kind: "node", index: target };
  if (key === "ArrowLeft") return { kind: "node", index: source };
  const equals = network.outgoing[source];
  return connection(equals[equals.indexOf(c) + (key === "ArrowDown" ? 1 : -1)]);
}

function connection(c) {
  return c === undefined ? null : { kind: "connection", index: c };
}
