/** How e looks: in red where it is derived, with its number where numbers are shown. */

import { number } from "./numbers.js";

/**
 * @typedef {object} ErrorLook
 * @property {string} tone The class of e, as of other elements.
 * @property {(node: number) => string} edge The class of the edge from an output.
 * @property {string} value The number of e, or nothing.
 * @property {((place: number) => string)|null} desired The number that is desired of an output, where numbers are shown.
 */

/**
 * @param {object} given
 * @param {import("./state.js").Values} given.values
 * @param {import("./paths.js").Trace|null} given.trace
 * @param {import("./sums.js").Run|null} given.run
 * @param {import("./steps.js").Steps|null} given.steps Null when not stepping.
 * @returns {ErrorLook}
 */
export function makeErrorLook({ values, trace, run, steps }) {
  const red = Boolean(trace) && trace.start.ofError && trace.count !== "0";
  const rest = trace ? "faded" : "";
  const numbered = steps ? steps.hasError(values.step) : values.labels === "numbers";
  return {
    tone: red ? "on" : rest,
    edge: red ? edges(values.only, trace) : () => rest,
    value: numbered && Number.isFinite(run?.error ?? NaN) ? number(run.error, 4) : "",
    desired: (steps || values.labels === "numbers") && run?.targets ? (place) => number(run.targets[place], 3) : null,
  };
}

/** A path that is pointed at leaves the network where it ends. */
function edges(only, trace) {
  const last = only?.nodes.at(-1);
  return (node) => {
    if (!trace.nodes.has(node)) return "faded";
    return only && node !== last ? "of" : "on";
  };
}
