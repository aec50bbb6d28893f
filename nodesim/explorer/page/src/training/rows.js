/** In which rows of tables the numbers of a network stand, so that what is calculated alike stands side by side. */

/**
 * A node that calculates.
 * @typedef {object} Task
 * @property {any} node
 * @property {number} row
 * @property {any} join What makes H where that is no sum; null for sums.
 * @property {Int32Array} sources Rows of what feeds it.
 * @property {Int32Array} links Connections from these.
 * @property {number} back The first row of what goes back over each of these, where it is no sum.
 * @property {number} part The first row of ∂H/∂c of these, likewise.
 * @property {Int32Array} behind Rows of what goes back to it, over what it feeds.
 * @property {Int32Array} outgoing Connections to these.
 * @property {number} place Which output it is; -1 for none.
 *
 * Nodes of one depth, with one function, in rows one behind the other.
 * @typedef {{first: number, count: number, program: number, alive: boolean, tasks: Task[]}} Group
 */

/** The rows of a document's network. */
export class Rows {
  /** @param {any} document Of which nodes, connections, order and counts are read. */
  constructor(document) {
    const { nodes, connections, order, counts } = document;
    this.nodes = nodes;
    this.connections = connections;
    this.alive = counts.nodes.map((text) => text !== "0");
    this.row = new Int32Array(nodes.length);
    const given = order.filter((node) => nodes[node].program === null);
    given.forEach((node, row) => (this.row[node] = row));
    const calculated = grouped(order, nodes, connections, this.alive);
    let row = given.length;
    for (const group of calculated) for (const node of group) this.row[node] = row++;
    this.count = nodes.length;
    this.inputs = rowsOf(this.row, nodes, "input");
    this.biases = rowsOf(this.row, nodes, "bias");
    this.constants = nodes.filter(({ kind }) => kind === "bias").map(({ constant }) => constant);
    this.outputs = rowsOf(this.row, nodes, "output");
    this.#connect(calculated);
  }

  #connect(calculated) {
    const { nodes, connections, row, alive } = this;
    const [incoming, outgoing] = [nodes.map(() => []), nodes.map(() => [])];
    connections.forEach(({ source, target }, c) => {
      incoming[target].push(c);
      if (alive[target]) outgoing[source].push(c);
    });
    // What goes back over a connection is the delta of its target; where that is no sum, a row of its own.
    const back = Int32Array.from(connections, ({ target }) => row[target]);
    let next = this.count;
    const outputs = nodes.flatMap(({ kind }, node) => (kind === "output" ? [node] : []));
    const taskOf = (node) => {
      const join = incoming[node].length ? nodes[node].aggregation : null;
      const first = next;
      if (join) for (const c of incoming[node]) back[c] = next++;
      return {
        node: nodes[node], row: row[node], join, back: first, part: first - this.count, place: outputs.indexOf(node),
        sources: Int32Array.from(incoming[node], (c) => row[connections[c].source]), links: Int32Array.from(incoming[node]),
        outgoing: Int32Array.from(outgoing[node]), behind: new Int32Array(0),
      };
    };
    /** @type {Group[]} */
    this.groups = calculated.map((group) => ({
      first: row[group[0]], count: group.length, program: nodes[group[0]].program, alive: alive[group[0]], tasks: group.map(taskOf),
    }));
    for (const { tasks } of this.groups) for (const task of tasks) task.behind = task.outgoing.map((c) => back[c]);
    /** How many rows there are of what goes back. */
    this.back = next;
  }
}

function rowsOf(row, nodes, kind) {
  return Int32Array.from(nodes.flatMap((node, index) => (node.kind === kind ? [row[index]] : [])));
}

/** Nodes that calculate by depth and function, each group after those that feed it. */
function grouped(order, nodes, connections, alive) {
  const depth = new Int32Array(nodes.length);
  const outgoing = nodes.map(() => []);
  for (const { source, target } of connections) outgoing[source].push(target);
  const groups = new Map();
  for (const node of order) {
    for (const target of outgoing[node]) depth[target] = Math.max(depth[target], depth[node] + 1);
    const { program } = nodes[node];
    if (program === null) continue;
    const key = `${depth[node]} ${program} ${alive[node]}`;
    if (!groups.has(key)) groups.set(key, { depth: depth[node], members: [] });
    groups.get(key).members.push(node);
  }
  return [...groups.values()].sort((a, b) => a.depth - b.depth).map(({ members }) => members);
}
