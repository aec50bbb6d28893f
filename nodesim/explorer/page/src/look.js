/** What a picture shows of the state: what is red, what is faded, which labels there are. */

import { makeErrorLook } from "./errorlook.js";
import { short } from "./names.js";
import { number } from "./numbers.js";

/** Labels of connections are shown where there are at most so many. */
const MOST_LABELS = 45;
const MANY_RED = 60;
/** Connections have heads where there are at most so many. */
export const MOST_HEADS = 600;

/**
 * @typedef {object} Look
 * @property {{nodes: Set<number>, connections: Set<number>}} on In red.
 * @property {{nodes: Set<number>, connections: Set<number>}|null} of In pale red: the other paths, while one is pointed at.
 * @property {{kind: string, index: number}|null} now What a step or a factor is about.
 * @property {any[]} calm What the connections that do not stand out depend on, weights first: if it is as before, they are.
 * @property {any[]} choice What labels depend on: if it is as before, they stay where they are.
 * @property {boolean} chosen Whether something is selected: the rest is faded.
 * @property {{kind: string, index: number}|null} selected
 * @property {number[]} targets The outputs that have a mark by which they are derived: those that the selected element feeds, and the one that is.
 * @property {number|null} target The output that is derived; null for e.
 * @property {"names"|"numbers"} labels
 * @property {Float64Array} weights
 * @property {number} largest The largest |weight|.
 * @property {(c: number) => boolean} visible
 * @property {boolean} numbered Whether numbers stand under nodes, or will.
 * @property {boolean} stepped Whether derivatives stand over nodes, or will.
 * @property {(node: number) => string} below What stands under a node.
 * @property {(node: number) => string} above What stands over a node.
 * @property {import("./errorlook.js").ErrorLook} error How e looks.
 */

const NOTHING = { nodes: new Set(), connections: new Set() };

/**
 * @param {object} given
 * @param {import("./state.js").Values} given.values
 * @param {Float64Array} given.weights
 * @param {import("./paths.js").Trace|null} given.trace
 * @param {import("./sums.js").Run|null} given.run
 * @param {import("./steps.js").Steps|null} given.steps
 * @returns {Look}
 */
export function makeLook({ values, weights, trace, run, steps }) {
  const all = trace ? { nodes: trace.nodes, connections: trace.connections } : NOTHING;
  const only = values.only && { nodes: new Set(values.only.nodes), connections: new Set(values.only.connections) };
  const on = only ?? all;
  const stepping = steps && values.step >= 0;
  return {
    on,
    of: only ? all : null,
    now: values.pointed ?? (stepping ? steps.at(values.step).element : null),
    calm: [weights, values.selected, values.to, values.only, values.threshold, values.onlySelected],
    choice: [values.selected, values.to, values.only, values.labels, values.onlySelected, values.threshold ? weights : 0],
    chosen: Boolean(trace),
    selected: values.selected,
    targets: trace ? marked(trace, values.to) : [],
    target: values.to,
    labels: values.labels,
    weights,
    largest: weights.reduce((most, weight) => (Math.abs(weight) > most ? Math.abs(weight) : most), 0),
    visible: visibility(values, weights, all),
    numbered: stepping || (values.labels === "numbers" && Boolean(run)),
    stepped: Boolean(stepping),
    below: stepping ? steps.below(values.step) : values.labels === "numbers" && run ? belowOf(run) : () => "",
    above: stepping ? steps.above(values.step) : () => "",
    error: makeErrorLook({ values, trace, run, steps: stepping ? steps : null }),
  };
}

/** The class of an element of the drawing. @param {Look} look @param {"nodes"|"connections"} part @param {number} index */
export function tone(look, part, index) {
  if (look.on[part].has(index)) return "on";
  if (look.of?.[part].has(index)) return "of";
  return look.chosen ? "faded" : "";
}

/** Whether an element is what the step or the factor is about. */
export function isNow(look, kind, index) {
  return look.now?.kind === kind && look.now.index === index;
}

/** Whether an element is the selected one. */
export function isSelected(look, kind, index) {
  return look.selected?.kind === kind && look.selected.index === index;
}

/** The connections that get a label: all, those in red, or those of what is selected, where there are not too many. @param {Look} look @param {import("./network.js").Network} network @param {number[]} seen */
export function labelled(look, network, seen) {
  const red = seen.filter((c) => look.on.connections.has(c));
  if (seen.length <= MOST_LABELS) return [...red, ...seen.filter((c) => !look.on.connections.has(c))];
  if (red.length <= MOST_LABELS) return red;
  const own = red.filter((c) => isOwn(look, network, c));
  return own.length <= MOST_LABELS ? own : [];
}

function isOwn({ selected }, { connections }, c) {
  if (selected?.kind === "connection") return selected.index === c;
  return connections[c].source === selected?.index || connections[c].target === selected?.index;
}

/** The label of a connection. */
export function labelOf(look, network, c) {
  return look.labels === "names" ? short(network.connections[c].name) : number(look.weights[c], 3);
}

/** How wide a connection is drawn: in red less where much is red. */
export function widthOf(look, c) {
  const share = look.largest > 0 ? Math.abs(look.weights[c]) / look.largest : 0;
  const { connections } = look.on;
  if (!connections.has(c)) return 0.8 + 1.5 * share;
  const least = connections.size > MANY_RED ? 1.3 : 2.2;
  return isSelected(look, "connection", c) ? 2.2 + 1.6 * share : least + 1.6 * share;
}

function marked({ outputs }, to) {
  return to === null || outputs.includes(to) ? outputs : [...outputs, to];
}

function belowOf(run) {
  return (node) => {
    const [sum, activated] = [number(run.value[node], 3), number(run.activated[node], 3)];
    return sum === activated ? sum : `${sum} → ${activated}`;
  };
}

function visibility({ threshold, onlySelected }, weights, all) {
  if (!threshold && !onlySelected) return () => true;
  return (c) => {
    if (all.connections.has(c)) return true;
    return !onlySelected && (Math.abs(weights[c]) >= threshold || Number.isNaN(weights[c]));
  };
}
