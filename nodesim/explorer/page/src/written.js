/** The formulas of losses and activations, as their authors wrote them, with names or numbers in the place of the letters. */

const MOST_WRITTEN = 3;

/**
 * What stands for a letter: y, a or z, p for a probability, and of losses which output's.
 * @typedef {(letter: "y"|"a"|"z"|"p", place: number) => string} Said
 */

/** The names of the outputs. @param {import("./network.js").Network} network @returns {Said} */
export function names({ nodes, outputs }) {
  return (letter, place) => {
    const { quantity, activated, target } = nodes[outputs[place]];
    return { y: target, a: activated, z: quantity }[letter];
  };
}

/**
 * The error.
 * @param {import("./network.js").Network} network
 * @param {Said} said
 * @param {string|null} [formula] If not the loss's own.
 */
export function errorWritten({ document, outputs }, said, formula = document.loss.formula) {
  const { name } = document.loss;
  if (formula) return filled(formula, said);
  const pairs = outputs.map((node, place) => `${said("y", place)}, ${said("a", place)}`);
  const shown = pairs.length <= MOST_WRITTEN ? pairs : [pairs[0], "…", pairs.at(-1)];
  return `${name}(${shown.join(", ")})`;
}

/**
 * The derivative of the error by an output, OA, or by its sum, O.
 * @param {import("./network.js").Network} network
 * @param {number} node
 * @param {Said} said
 */
export function seedWritten({ document, nodes, place }, node, said) {
  const { seed } = nodes[node];
  return seed ? filled(seed, said) : `${document.loss.name}′(${said("y", place[node])}, ${said("a", place[node])})`;
}

/**
 * What a node sends, by the formula of its function; null where there is none, and where it is the sum as it is.
 * @param {import("./network.js").Network} network
 * @param {number} node
 * @param {(letter: "z") => string} [said] If not by name.
 */
export function activationWritten({ nodes }, node, said) {
  const { quantity, formula } = nodes[node];
  return formula && formula !== "{z}" ? filled(formula, said ?? (() => quantity)) : null;
}

/**
 * The derivative of a node's activated value by its sum.
 * @param {import("./network.js").Network} network
 * @param {number} node
 * @param {(letter: "a"|"z") => string} [said] If not by name.
 */
export function slopeWritten({ nodes }, node, said) {
  const { quantity, activated, activation, derivative } = nodes[node];
  const named = (letter) => (letter === "a" ? activated : quantity);
  return derivative ? filled(derivative, said ?? named) : `${activation}′(${(said ?? named)("z")})`;
}

/** A quotient of whole numbers that multiplies what follows, as in −2/2·(y1 − OA1). */
const QUOTIENT = /(?<![\w.^/)}²+-])(\d+)\/(\d+)·/g;

/** Shorten a quotient; one that is 1 is left out. */
function reduced(_, above, below) {
  const [over, under] = [Number(above), Number(below)];
  const common = divisor(over, under);
  if (over === under) return "";
  return under === common ? `${over / common}·` : `${over / common}/${under / common}·`;
}

function divisor(a, b) {
  return b === 0 ? a : divisor(b, a % b);
}

/** Put in what stands for the letters; a mean of one output needs no divisor, and a number alone in brackets no others. */
function filled(formula, said) {
  const short = formula.replace(/\/1(?![\d.])/g, "").replace(/\^2(?![\d.])/g, "²").replace(QUOTIENT, reduced);
  return short.replace(/(\()?\{([yazp])(\d*)\}(\))?/g, (all, open = "", letter, place, close = "") => {
    const put = said(letter, Number(place) - 1);
    return open && close && put.startsWith("(") && put.endsWith(")") ? put : open + put + close;
  });
}
