/** What can be saved: the drawing as SVG and PNG, the document as JSON. */

import { historyOf } from "./charts.js";
import { h } from "./dom.js";
import { palette } from "./pen.js";
import { draw } from "./plan.js";
import { SvgPicture } from "./svg.js";
import { worded } from "./words.js";

const COPIED = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-size", "font-family", "font-weight", "text-anchor", "dominant-baseline", "paint-order", "stroke-linejoin", "display"];
const MARGIN = 12;

/** @param {import("./app.js").App} app */
export function saveSvg(app) {
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n${svgText(app)}\n`;
  save(app, new Blob([text], { type: "image/svg+xml" }), "svg");
}

/** The drawing as an SVG document that needs no style sheet. @param {import("./app.js").App} app */
export function svgText(app) {
  const picture = new SvgPicture(false);
  const shelf = h("div.shelf", { "aria-hidden": "true" }, picture.element);
  app.root.append(shelf);
  try {
    picture.arrange(app.scene);
    picture.paint(still(app.look));
    return new XMLSerializer().serializeToString(plain(picture.element, app.scene));
  } finally {
    shelf.remove();
  }
}

/** @param {import("./app.js").App} app */
export function savePng(app) {
  const canvas = pngCanvas(app);
  canvas.toBlob((blob) => (blob ? save(app, blob, "png") : app.say(worded("The drawing is too large for a PNG."))), "image/png");
}

/** The drawing on a canvas, twice as large. @param {import("./app.js").App} app */
function pngCanvas({ scene, look, root }) {
  const [width, height] = [scene.width + 2 * MARGIN, scene.height + 2 * MARGIN];
  const k = Math.min(2, 8000 / Math.max(width, height));
  const canvas = h("canvas", { width: Math.ceil(width * k), height: Math.ceil(height * k) });
  const context = canvas.getContext("2d");
  const colours = palette(root);
  context.fillStyle = colours.paper;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.setTransform(k, 0, 0, k, MARGIN * k, MARGIN * k);
  // Letters are as large as in the SVG.
  draw(context, scene, still(look), colours, Math.min(1, k));
  return canvas;
}

/** @param {import("./app.js").App} app */
export function saveDocument(app) {
  const whole = { ...app.document, epochs: app.runs.moments.described(), history: historyOf(app) };
  save(app, new Blob([JSON.stringify(whole)], { type: "application/json" }), "json");
}

/** Write the style of every element into it, and leave out what is only for the page. */
function plain(element, scene) {
  const copy = element.cloneNode(true);
  const [from, to] = [element, copy].map((svg) => [...svg.querySelectorAll("*")]);
  from.forEach((part, place) => {
    const style = getComputedStyle(part);
    for (const name of COPIED) to[place].setAttribute(name, style.getPropertyValue(name));
    for (const name of ["class", "tabindex", "role", "aria-label", "data-node", "data-connection", "data-layer", "data-label", "data-bundle", "data-target", "data-error", "data-desired", "aria-pressed"]) to[place].removeAttribute(name);
  });
  for (const part of to) if (part.getAttribute("display") === "none") part.remove();
  copy.querySelector("g").removeAttribute("transform");
  copy.setAttribute("viewBox", `${-MARGIN} ${-MARGIN} ${scene.width + 2 * MARGIN} ${scene.height + 2 * MARGIN}`);
  copy.setAttribute("width", String(scene.width + 2 * MARGIN));
  copy.setAttribute("height", String(scene.height + 2 * MARGIN));
  for (const name of ["class", "data-dense"]) copy.removeAttribute(name);
  copy.setAttribute("role", "img");
  return copy;
}

/** A picture has nothing to press. @param {import("./look.js").Look} look */
function still(look) {
  return { ...look, targets: [] };
}

function save(app, blob, ending) {
  const name = app.document.title.replace(/[^\p{L}\p{N} ._-]+/gu, "_").slice(0, 80) || "network";
  const link = h("a", { href: URL.createObjectURL(blob), download: `${name}.${ending}` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  app.say(worded("Saved as {name}.{ending}.", { name, ending }));
}
