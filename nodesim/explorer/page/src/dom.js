/** Pieces of the page. Text is only ever text: nothing here reads markup. */

const SPACES = { svg: "http://www.w3.org/2000/svg", math: "http://www.w3.org/1998/Math/MathML" };

/**
 * Make an element of HTML.
 * @param {string} tag With classes: `div.term`.
 * @param {Record<string, any>} [properties] Attributes; functions listen, `null`, `undefined` and `false` are left out.
 * @param {...any} children Elements, text, arrays of both; `null` and `false` are left out.
 * @returns {HTMLElement}
 */
export function h(tag, properties, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = globalThis.document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  return filled(element, properties, children);
}

/** Make an element of SVG. @param {string} tag @param {Record<string, any>} [properties] @param {...any} children @returns {SVGElement} */
export function s(tag, properties, ...children) {
  return filled(globalThis.document.createElementNS(SPACES.svg, tag), properties, children);
}

/** Make an element of MathML. @param {string} tag @param {...any} children @returns {MathMLElement} */
export function m(tag, ...children) {
  return filled(globalThis.document.createElementNS(SPACES.math, tag), null, children);
}

/** Give an element attributes, listeners and children. */
function filled(element, properties, children) {
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Replace the content of an element. @param {Element} element @param {...any} children */
export function fill(element, ...children) {
  element.replaceChildren();
  return filled(element, null, children);
}

/** A button. @param {string} label @param {() => void} press @param {Record<string, any>} [properties] */
export function button(label, press, properties = {}) {
  return h("button", { type: "button", click: press, ...properties }, label);
}
