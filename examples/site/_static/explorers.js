/** Explorers on a page follow its light and dark. */

const system = matchMedia("(prefers-color-scheme: dark)");

function theme() {
  const chosen = document.body.dataset.theme;
  return chosen === "light" || chosen === "dark" ? chosen : system.matches ? "dark" : "light";
}

function tell(frame) {
  frame.contentWindow.postMessage({ nodesim: { theme: theme() } }, "*");
}

function tellAll() {
  for (const frame of document.querySelectorAll("iframe")) tell(frame);
}

addEventListener("DOMContentLoaded", () => {
  for (const frame of document.querySelectorAll("iframe")) frame.addEventListener("load", () => tell(frame));
  new MutationObserver(tellAll).observe(document.body, { attributes: true, attributeFilter: ["data-theme"] });
  system.addEventListener("change", tellAll);
  tellAll();
});
