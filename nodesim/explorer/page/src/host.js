/** What stands around the widget, or around the page in a frame: its colours, and its keyboard shortcuts. */

// A notebook says on one of these elements which of its themes is shown.
const CHANGES = { attributes: true, attributeFilter: ["class", "style", "data-theme", "data-jp-theme-light", "data-jp-theme-name", "data-vscode-theme-kind"] };

/**
 * Tell whether what is around an element is light or dark, now and whenever that changes.
 * @param {Element} element In the notebook.
 * @param {(theme: "light"|"dark") => void} told
 * @returns {() => void} What ends it.
 */
export function followTheme(element, told) {
  let last = null;
  const look = () => {
    const theme = isDark(element) ? "dark" : "light";
    if (theme !== last) told((last = theme));
  };
  const again = () => requestAnimationFrame(look);
  const observer = new MutationObserver(again);
  for (const each of [document.documentElement, document.body]) observer.observe(each, CHANGES);
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", again);
  // A new theme may bring its style a moment later: then the background fades, or changes by itself.
  document.addEventListener("transitionend", again);
  document.addEventListener("load", again, true);
  look();
  return () => {
    observer.disconnect();
    system.removeEventListener("change", again);
    document.removeEventListener("transitionend", again);
    document.removeEventListener("load", again, true);
  };
}

/**
 * Tell which theme the page around this one asks for: it sends {nodesim: {theme: "dark"}} to the frame by postMessage.
 * @param {(theme: "light"|"dark") => void} told
 */
export function followFrame(told) {
  if (parent === window) return;
  addEventListener("message", ({ source, data }) => {
    const theme = data?.nodesim?.theme;
    if (source === parent && (theme === "light" || theme === "dark")) told(theme);
  });
}

/** Keep what is typed in an element from the notebook around it. @param {HTMLElement} element */
export function keepKeys(element) {
  // JupyterLab asks first of all the element that has the focus, and its own shortcuts fit every one.
  element.addEventListener("focusin", ({ target }) => target.setAttribute("data-lm-suppress-shortcuts", "true"));
  // Others listen further up; what is pressed with Control, to run a cell or to save, is theirs.
  element.addEventListener("keydown", (event) => !event.ctrlKey && !event.metaKey && !event.altKey && event.stopPropagation());
}

/** Whether the first background behind an element is dark; without any, whether the reader's system is. */
function isDark(element) {
  for (let each = element; each; each = each.parentElement ?? each.getRootNode().host) {
    const [red, green, blue, opacity] = painted(getComputedStyle(each).backgroundColor);
    if (opacity > 127) return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

let pen = null;

/** The bytes of a colour, however it is written. @param {string} colour */
function painted(colour) {
  pen ??= Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  pen.clearRect(0, 0, 1, 1);
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  return pen.getImageData(0, 0, 1, 1).data;
}
