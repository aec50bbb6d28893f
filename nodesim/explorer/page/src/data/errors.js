/** What keeps a file from being a data set, in words for the reader: where, what came, what is allowed, what to do. */
export class DataError extends Error {}

/** Write what came so that it can be told apart and is not long. @param {string} text @param {number} [most] */
export function quoted(text, most = 40) {
  const letters = [...text].map((letter) => (/[\p{C}\p{Zl}\p{Zp}]/u.test(letter) ? " " : letter));
  return `“${letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : letters.join("")}”`;
}
