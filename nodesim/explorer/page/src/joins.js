/** Nodes whose sum H is no sum: what else makes one number of all that comes in, and its partial derivatives. */

/**
 * For each form what H is of the contributions c, and ∂H/∂c of each; at a tie the first of the largest counts.
 * @type {Record<string, {value: (c: number[]) => number, parts: (c: number[], value: number) => number[]}>}
 */
const FORMS = {
  product: {
    value: (c) => c.reduce((product, each) => product * each, 1),
    parts: (c) => c.map((_, own) => c.reduce((product, each, place) => (place === own ? product : product * each), 1)),
  },
  max: { value: (c) => Math.max(...c), parts: chosen },
  min: { value: (c) => Math.min(...c), parts: chosen },
  mean: { value: (c) => c.reduce((sum, each) => sum + each, 0) / c.length, parts: (c) => c.map(() => 1 / c.length) },
  norm: { value: (c) => Math.hypot(...c), parts: (c, value) => c.map((each) => (value === 0 ? 0 : each / value)) },
};

/** How H is written; other forms by their names. */
const WRITTEN = {
  product: (terms) => terms.join("·"),
  mean: (terms) => `(${terms.join(" + ")})/${terms.length}`,
  norm: (terms) => `√(${terms.map((term) => `(${term})²`).join(" + ")})`,
};

function chosen(c, value) {
  const first = c.indexOf(value);
  return c.map((_, place) => Number(place === first));
}

/** Whether H is something else than the sum. @param {any} aggregation */
export function isJoin(aggregation) {
  return aggregation !== null;
}

/** What comes into a node over each connection: W·HA. @param {import("./network.js").Network} network @param {{weights: Float64Array, activated: Float64Array}} run @param {number} node */
export function coming({ incoming, connections }, run, node) {
  return incoming[node].map((c) => run.weights[c] * run.activated[connections[c].source]);
}

/** H of a node. @param {any} aggregation Null for the sum. @param {number[]} c */
export function joined(aggregation, c) {
  if (aggregation === null || !c.length) return c.reduce((sum, each) => sum + each, 0);
  return FORMS[aggregation.form].value(c);
}

/** ∂H/∂c of what comes into a node that is no sum. @param {any} aggregation @param {number[]} c @param {number} value H. */
export function partials(aggregation, c, value) {
  return FORMS[aggregation.form].parts(c, value);
}

/** ∂H/∂(W·HA) of every connection; null where all nodes are sums. @param {import("./network.js").Network} network @param {any} run @returns {Float64Array|null} */
export function partsOf(network, run) {
  const { nodes, incoming, connections } = network;
  if (!nodes.some(({ aggregation }) => isJoin(aggregation))) return null;
  const parts = new Float64Array(connections.length).fill(1);
  nodes.forEach(({ aggregation }, node) => {
    if (!isJoin(aggregation)) return;
    const found = partials(aggregation, coming(network, run, node), run.value[node]);
    incoming[node].forEach((c, place) => (parts[c] = found[place]));
  });
  return parts;
}

/** ∂H/∂HA over a connection: the weight, where H is a sum. @param {any} run @param {number} c */
export function passed(run, c) {
  return run.parts ? run.weights[c] * run.parts[c] : run.weights[c];
}

/** ∂H/∂W over a connection: what its source sends, where H is a sum. @param {import("./network.js").Network} network @param {any} run @param {number} c */
export function received({ connections }, run, c) {
  const sent = run.activated[connections[c].source];
  return run.parts ? sent * run.parts[c] : sent;
}

/** H of a connection's target if less came in over it. @param {import("./network.js").Network} network @param {any} run @param {number} c @param {number} less */
export function without(network, run, c, less) {
  const { target } = network.connections[c];
  const { aggregation } = network.nodes[target];
  if (!isJoin(aggregation)) return run.value[target] - less;
  const rest = coming(network, run, target);
  rest[network.incoming[target].indexOf(c)] -= less;
  return joined(aggregation, rest);
}

/** H of a node in terms of what comes in. @param {any} aggregation @param {string[]} terms */
export function joinWritten({ form, name }, terms) {
  return (WRITTEN[form] ?? ((each) => `${name}(${each.join(", ")})`))(terms);
}

/** ∂H/∂(HA·W) by name; an empty text where H is a sum. @param {import("./network.js").Network} network @param {number} c */
export function partWritten({ nodes, connections }, c) {
  const { source, target, quantity } = connections[c];
  return isJoin(nodes[target].aggregation) ? `∂${nodes[target].quantity}/∂(${nodes[source].activated}·${quantity})` : "";
}
