/** What the page says, in the language of its document: a table of texts by the English ones, which are said where there is none. */

/** @type {Record<string, string>} */
let texts = {};

/** Say from now on what a table has; English without one. @param {Record<string, string>|undefined} table */
export function speak(table) {
  texts = table ?? {};
}

/** The table, for whoever speaks elsewhere: a worker. */
export function spoken() {
  return texts;
}

/**
 * A text in the language of the page. `text` is a literal, or what was marked where it stands: a test collects them all.
 * @param {string} text In English.
 * @param {Record<string, any>} [values] What stands in its braces, by name; without any the braces stay.
 * @returns {string}
 */
export function worded(text, values) {
  const own = Object.hasOwn(texts, text) ? texts[text] : text;
  return values ? own.replace(/\{(\w+)\}/g, (braces, name) => values[name] ?? braces) : own;
}

/** Mark a text that is worded elsewhere. @param {string} text */
export function marked(text) {
  return text;
}

/** Put elements into the braces of what was worded. @param {string} words @param {Record<string, any>} elements @returns {any[]} */
export function woven(words, elements) {
  return words.split(/\{(\w+)\}/).map((piece, place) => (place % 2 ? elements[piece] : piece));
}

/** Whether a sentence is a text with something in its braces. @param {string} words As worded. @param {string} sentence */
export function isLike(words, sentence) {
  return new RegExp(`^${words.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{\w+\}/g, ".*")}$`, "s").test(sentence);
}
