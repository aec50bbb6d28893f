/**
 * What is shown is made anew and compared with what is there: only what differs changes, so that the focus, what is
 * pointed at and what is scrolled stay, and the browser lays out little.
 */

/** Parts that listen with what they were made with: kept as they are where they look the same, else replaced. */
const WHOLE = new Set(["BUTTON", "SELECT", "INPUT", "DETAILS"]);

/** Give an element the children of a list, like fill(). @param {Element} element @param {...any} children */
export function patch(element, ...children) {
  const made = children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
  patchChildren(element, made.map((child) => (child instanceof Node ? child : element.ownerDocument.createTextNode(String(child)))));
}

function patchChildren(element, made) {
  let old = element.firstChild;
  for (const child of made) {
    if (!old) {
      element.append(child);
      continue;
    }
    const next = old.nextSibling;
    patchNode(old, child);
    old = next;
  }
  while (old) {
    const next = old.nextSibling;
    old.remove();
    old = next;
  }
}

function patchNode(old, made) {
  if (old.nodeName !== made.nodeName || made.madeWhole) return old.replaceWith(made);
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== made.data) old.data = made.data;
    return undefined;
  }
  if (WHOLE.has(old.nodeName)) return old.isEqualNode(made) ? undefined : old.replaceWith(made);
  patchAttributes(old, made);
  old.standsFor = made.standsFor;
  return patchChildren(old, [...made.childNodes]);
}

function patchAttributes(old, made) {
  for (const { name } of [...old.attributes]) if (name !== "style" && !made.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of made.attributes) if (name !== "style" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  // A page may be forbidden to set the attribute.
  if (old.style && old.style.cssText !== made.style.cssText) old.style.cssText = made.style.cssText;
}
