/** The explorer as a page of its own: reads the document that the page holds, keeps the state in the address. */

import { offer } from "./api.js";
import { App } from "./app.js";
import { h } from "./dom.js";
import { DocumentError } from "./network.js";
import { State } from "./state.js";
import { read, written } from "./url.js";

/**
 * Start the page.
 * @param {HTMLElement} root
 * @param {string} text The document.
 */
export function startPage(root, text) {
  try {
    window.nodesim = offer(new Page(root, JSON.parse(text)));
    root.dataset.ready = "true";
  } catch (error) {
    fail(root, error);
  }
}

/** The page and its address: the explorer in it is a new one when another network is shown. */
class Page {
  constructor(root, document) {
    this.root = root;
    this.#show(document, {});
    this.app.state.set(read(location.hash, this.app.network));
    addEventListener("hashchange", () => {
      const { network, state } = this.app;
      // An address says what to look at in the network that the page came with.
      if (this.app.document === document) state.set({ ...this.usual, theme: state.values.theme, ...read(location.hash, network) });
    });
  }

  #show(document, kept) {
    this.app = new App(this.root, document, { ...kept, restart: (other, rest) => this.#show(other, rest) });
    const { app } = this;
    this.usual = { ...app.state.values };
    app.state.on(Object.keys(new State({}).values), (values, changed) => {
      if (app.session.playing || (changed.size === 1 && (changed.has("only") || changed.has("pointed")))) return;
      // What the page has learned is in no address.
      const { epoch } = app.runs.moments.learned ? this.usual : values;
      remember(written({ ...values, epoch }, app.network, this.usual));
    });
  }
}

/** In a frame without an origin the address cannot be changed: then it stays. */
function remember(hash) {
  try {
    history.replaceState(null, "", `#${hash}`);
  } catch {
    return;
  }
}

function fail(root, error) {
  const words = error instanceof DocumentError ? error.message : `This page could not be shown: ${error.message}`;
  root.classList.add("nodesim");
  root.replaceChildren(h("div.failed", { role: "alert" }, h("h1", null, "nodesim explorer"), h("p", null, words)));
  root.dataset.ready = "failed";
  if (!(error instanceof DocumentError)) console.error(error);
}
