/** The article's letters, and what quantities are called, as Python names them. */

/** What the names of elements begin with that have none of their own. */
export const LETTERS = { input: "I", hidden: "H", output: "O", bias: "B", connection: "W" };

const OF_ONE_QUANTITY = new Set(["input", "bias", "connection"]);
const OF_A_QUANTITY = /^(I|HA?|OA?|B|W|y)(\p{Nd}+(\[-?\p{Nd}+\])?|\[.*\])$/su;
const OWN_NUMBER = /^[0-9]+(\[-?[0-9]+\])?$/;

/**
 * Name a quantity: letters and number as in the article, else the name in brackets. What has one quantity alone has the
 * same name as that, unless it could be taken for another.
 * @param {string} letters I, H, HA, O, OA, B, W or y.
 * @param {"input"|"hidden"|"output"|"bias"|"connection"} kind
 * @param {string} name
 */
export function quantityName(letters, kind, name) {
  if (OF_ONE_QUANTITY.has(kind) && name !== "e" && !OF_A_QUANTITY.test(name)) return name;
  const number = name.startsWith(LETTERS[kind]) ? name.slice(LETTERS[kind].length) : "";
  return OWN_NUMBER.test(number) ? `${letters}${number}` : `${letters}[${name}]`;
}

/** What the quantities of a node are called. @param {string} kind @param {string} name */
export function quantitiesOf(kind, name) {
  const letter = LETTERS[kind];
  const calculated = kind === "hidden" || kind === "output";
  return {
    quantity: quantityName(letter, kind, name),
    activated: quantityName(calculated ? `${letter}A` : letter, kind, name),
    target: kind === "output" ? quantityName("y", kind, name) : null,
  };
}
