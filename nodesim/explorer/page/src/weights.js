/** The weights of the epochs: the document has them as base64 of float64, the low byte first. */

/** Reads the weights of an epoch when they are asked for, once. */
export class Weights {
  /** @param {{weights: string}[]} epochs */
  constructor(epochs) {
    this.epochs = epochs;
    /** @type {Float64Array[]} */
    this.read = [];
  }

  /** Of the connections, in their order; not to be written into. @param {number} epoch Index into the epochs. @returns {Float64Array} */
  of(epoch) {
    return (this.read[epoch] ??= unpacked(this.epochs[epoch].weights));
  }
}

/** Numbers from text. @param {string} text */
export function unpacked(text) {
  const bytes = atob(text);
  const view = new DataView(new ArrayBuffer(bytes.length));
  for (let place = 0; place < bytes.length; place++) view.setUint8(place, bytes.charCodeAt(place));
  return Float64Array.from({ length: bytes.length / 8 }, (_, place) => view.getFloat64(8 * place, true));
}

/** Numbers as text, so that `unpacked` has every bit of them. @param {ArrayLike<number>} numbers */
export function packed(numbers) {
  const view = new DataView(new ArrayBuffer(8 * numbers.length));
  for (let place = 0; place < numbers.length; place++) view.setFloat64(8 * place, numbers[place], true);
  return btoa(Array.from(new Uint8Array(view.buffer), (byte) => String.fromCharCode(byte)).join(""));
}
