/** Colours on both sides of a middle one: blue for little, orange for much, in light and in dark. */

/** @typedef {[number, number, number]} Colour Red, green and blue from 0 to 255. */

/** From little to much, evenly apart. @type {Record<"light"|"dark", Colour[]>} */
const STOPS = {
  light: [[33, 92, 158], [104, 161, 211], [190, 214, 232], [246, 245, 241], [250, 211, 168], [240, 154, 72], [190, 90, 8]],
  dark: [[112, 178, 255], [62, 122, 196], [34, 68, 110], [30, 32, 36], [105, 66, 26], [186, 112, 34], [255, 172, 84]],
};
const STEPS = 256;
/** Maps have the paler ones, so that samples of the same value stand out. */
const PALE = 0.62;

/** @param {"light"|"dark"} theme @param {number} share From 0, little, to 1, much. @returns {Colour} */
export function colour(theme, share) {
  const stops = STOPS[theme];
  const at = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const place = Math.min(Math.floor(at), stops.length - 2);
  return /** @type {Colour} */ (stops[place].map((part, which) => Math.round(part + (stops[place + 1][which] - part) * (at - place))));
}

/** The colour of a map. @param {"light"|"dark"} theme @param {number} share @returns {Colour} */
export function pale(theme, share) {
  return colour(theme, 0.5 + PALE * (Math.min(Math.max(share, 0), 1) - 0.5));
}

/** The colour as styles write it. @param {Colour} colour */
export function written([red, green, blue]) {
  return `rgb(${red}, ${green}, ${blue})`;
}

/** @type {Record<string, Uint32Array>} */
const tables = {};

/** All of them as pictures hold colours, little first. @param {"light"|"dark"} theme @returns {Uint32Array} */
function table(theme) {
  return (tables[theme] ??= Uint32Array.from({ length: STEPS }, (_, step) => packed(pale(theme, step / (STEPS - 1)))));
}

/** @param {Colour} colour */
function packed([red, green, blue]) {
  return (255 << 24) | (blue << 16) | (green << 8) | red;
}

/**
 * Colour values; those that are not finite are grey.
 * @param {Float64Array} values
 * @param {[number, number]} span
 * @param {"light"|"dark"} theme
 * @param {Uint32Array} pixels
 */
export function coloured(values, [least, most], theme, pixels) {
  const colours = table(theme);
  const step = (STEPS - 1) / (most - least);
  const grey = packed(theme === "dark" ? [90, 94, 102] : [160, 164, 170]);
  for (let i = 0; i < values.length; i++) {
    const at = (values[i] - least) * step + 0.5;
    pixels[i] = at >= 0 && at < STEPS ? colours[at | 0] : Number.isFinite(values[i]) ? colours[at < 0 ? 0 : STEPS - 1] : grey;
  }
}
