/** The paths of largest |product|, best first, found without listing the others. */

import { Heap } from "./heap.js";
import { passed } from "./joins.js";
import { entry, size } from "./sums.js";

/**
 * What continues a path from a node.
 * @typedef {object} Continuation
 * @property {number} size The |product| of everything between what is derived and the node's sum.
 * @property {number} connection The first connection; -1 where the path ends at the node.
 * @property {number} rank Which continuation of the connection's target follows.
 */

/**
 * Rank the best continuations of every node, from what is derived back. Each list is merged from those of the nodes that
 * follow, so that equal products, however many there are, cost no more than others.
 * @param {import("./starts.js").Start} start
 * @param {import("./sums.js").Run} run
 * @param {number} limit How many of each node.
 * @returns {Continuation[][]} None for nodes without a path.
 */
export function continuations(start, run, limit) {
  const { order, nodes } = start.network;
  const lists = nodes.map(() => []);
  for (let step = order.length - 1; step >= 0; step--) {
    if (start.alive[order[step]]) lists[order[step]] = merged(start, run, order[step], lists, limit);
  }
  return lists;
}

function merged(start, run, node, lists, limit) {
  const { outgoing, connections } = start.network;
  const heap = new Heap();
  const offer = (connection, rank) => {
    const next = lists[connections[connection].target][rank];
    if (!next) return;
    const product = size(next.size * size(passed(run, connection) * run.slope[node]));
    heap.push(product, { size: product, connection, rank });
  };
  if (start.enters(node)) {
    const own = size(entry(start, run, node));
    heap.push(own, { size: own, connection: -1, rank: 0 });
  }
  for (const connection of outgoing[node]) offer(connection, 0);
  const found = [];
  while (heap.size && found.length < limit) {
    const best = heap.pop();
    found.push(best);
    if (best.connection >= 0) offer(best.connection, best.rank + 1);
  }
  return found;
}

/**
 * Return the connections of the path that a rank stands for, from a node to the output.
 * @param {import("./network.js").Network} network
 * @param {Continuation[][]} lists
 * @param {number} node
 * @param {number} rank
 */
export function followed(network, lists, node, rank) {
  const path = [];
  for (let next = lists[node][rank]; next.connection >= 0; next = lists[node][next.rank]) {
    path.push(next.connection);
    node = network.connections[next.connection].target;
  }
  return path;
}
