/** The factored derivative as a tree: the weight's layer at the root, the outputs at the leaves. */

/**
 * What is added at one place: the sum of the branches, times the factors.
 * @typedef {object} Branch
 * @property {import("./factors.js").Factor[]} factors In the order of the article.
 * @property {string} layer
 * @property {number} value NaN without a target.
 * @property {number[]} connections What of the drawing leads from here towards the selected element.
 * @property {number} node
 * @property {boolean} leaf
 * @property {() => Branch[]} open Makes the branches, when they are asked for.
 */

/**
 * Return the roots of the tree of a trace: one, or of an input or bias node one for each connection.
 * @param {import("./paths.js").Trace} trace
 * @returns {Branch[]}
 */
export function roots(trace) {
  const { weight, factors, goal, start } = trace;
  if (!start.alive[goal]) return [];
  const below = weight === null ? [] : [factors.sent(weight)];
  const route = weight === null ? [] : [weight];
  const root = branch(trace, goal, below, route);
  return root.factors.length ? [root] : root.open();
}

/** The branch of a node: everything between what is derived and its sum, times what follows. */
function branch(trace, node, below, connections) {
  const { factors, network, start } = trace;
  const onwards = network.outgoing[node].filter((c) => start.alive[network.connections[c].target]);
  const isOutput = start.enters(node);
  const whole = trace.known ? product(below) * trace.totals[node] : NaN;
  const made = (own, open) => ({
    factors: own, value: whole, connections, node, layer: layerOf(network, node), leaf: !open, open: open ?? (() => []),
  });
  if (isOutput && !onwards.length) return made([...factors.entering(node), ...below], null);
  const inner = () => onwards.map((c) => branch(trace, network.connections[c].target, [factors.weight(c)], [c]));
  if (!isOutput) return made([...factors.slopes(node), ...below], inner);
  return made(...withError(trace, node, below, inner));
}

/** An output that feeds others: e reaches it directly, and through them. */
function withError({ factors, network, totals, known, run }, node, below, inner) {
  const seed = factors.seed(node);
  const direct = { factors: [seed], value: seed.value, connections: [], node, layer: seed.layer, leaf: true, open: () => [] };
  if (!network.ofSums) return [[factors.slope(node), ...below], () => [direct, ...inner()]];
  const value = known ? totals[node] - run.seed[network.place[node]] : NaN;
  const through = { ...direct, factors: [factors.slope(node)], value, leaf: false, open: inner };
  return [below, () => [direct, through]];
}

function product(factors) {
  return factors.reduce((whole, { value }) => whole * value, 1);
}

function layerOf({ nodes, document }, node) {
  return document.layers[nodes[node].layer].name;
}
