/** Files dropped anywhere on a page: they go to whoever asked last. */

/** @type {WeakMap<HTMLElement, (file: File) => void>} */
const takers = new WeakMap();

/**
 * Take the files that are dropped on an element; what else is dragged, as text, is left alone.
 * @param {HTMLElement} root
 * @param {(file: File) => void} take
 */
export function dropsOf(root, take) {
  const known = takers.has(root);
  takers.set(root, take);
  if (!known) listen(root);
}

function listen(root) {
  const brings = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const mark = (on) => root.classList.toggle("dropping", on);
  root.addEventListener("dragover", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    mark(true);
  });
  root.addEventListener("dragleave", (event) => root.contains(event.relatedTarget) || mark(false));
  root.addEventListener("drop", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    mark(false);
    takers.get(root)(event.dataTransfer.files[0]);
  });
}
