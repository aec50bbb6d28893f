/** e as the drawing shows it: whether it is there, and what is written at it. */

import { plainName, shown } from "./names.js";
import { number } from "./numbers.js";
import { errorWritten, names } from "./written.js";
import { worded } from "./words.js";

const [LINE, MOST_LINES] = [19, 3];

/** Whether the network has an error: some sample has desired outputs. @param {import("./network.js").Network} network */
export function hasError({ document, outputs }) {
  return outputs.length > 0 && document.samples.some(({ y }) => y);
}

/** The formula of e in short lines, and shorter ways to say it. @param {import("./network.js").Network} network @returns {string[][]} */
export function errorForms(network) {
  const name = plainName(network.document.loss.name);
  const short = [[`e = ${name}(y, OA)`], [name]];
  if (!network.document.loss.formula) return short;
  const lines = [];
  for (const piece of errorWritten(network, names(network)).split(/ (?=[+] )/)) {
    if (lines.length && lines.at(-1).length + piece.length < LINE) lines.push(`${lines.pop()} ${piece}`);
    else lines.push(lines.length ? piece : `e = ${piece}`);
  }
  return lines.length <= MOST_LINES && lines.every((line) => line.length <= LINE + 5) ? [lines, ...short] : short;
}

/** Describe e, or a desired output, in one line. @param {import("./app.js").App} app @param {"error"|"desired"} kind @param {number} index */
export function describedError({ network, run, state, start }, kind, index) {
  const { nodes, place } = network;
  if (kind === "desired") {
    const words = worded("{name}, the desired output: what {output} should be", { name: shown(nodes[index].target), output: shown(nodes[index].activated) });
    return run?.targets ? `${words}, ${number(run.targets[place[index]], 4)}` : words;
  }
  const value = Number.isFinite(run?.error ?? NaN) ? ` = ${number(run.error, 4)}` : "";
  const click = start.ofError ? (state.values.selected ? worded("Click to clear the selection.") : "") : worded("Click to derive e again.");
  const said = worded("The error {e}, loss {loss}.", { e: "e" + value, loss: shown(network.document.loss.name) });
  return click ? `${said} ${click}` : said;
}
