/** The explorer as a page of its own: reads the document that the page holds, keeps the state in the address. */

import { offer } from "./api.js";
import { App } from "./app.js";
import { h } from "./dom.js";
import { followFrame } from "./host.js";
import { DocumentError } from "./network.js";
import { State } from "./state.js";
import { read, written } from "./url.js";
import { speak, worded } from "./words.js";

/**
 * Start the page.
 * @param {HTMLElement} root
 * @param {string} text The document.
 */
export function startPage(root, text) {
  try {
    const document = JSON.parse(text);
    speak(document?.texts);
    window.nodesim = offer(new Page(root, document));
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
    /** An address says what to look at in the network that the page came with. */
    this.first = { document, network: this.app.network, usual: this.app.state.values };
    this.#follow();
    addEventListener("hashchange", () => this.#follow());
    followFrame((theme) => this.app.state.set({ theme }));
  }

  /** Show what the address says. */
  #follow() {
    const { app, first } = this;
    if (app.document !== first.document) return;
    const { theme, learningRate } = app.state.values;
    app.state.set({ ...first.usual, theme, learningRate, ...read(location.hash, first.network) });
  }

  #show(document, kept) {
    this.app = new App(this.root, document, { ...kept, restart: (other, rest) => this.#show(other, rest) });
    const { app } = this;
    app.state.on(Object.keys(new State({}).values), (values, changed) => {
      if (app.session.playing || (changed.size === 1 && (changed.has("only") || changed.has("pointed")))) return;
      this.#write();
    });
    if (this.first) this.#write();
  }

  #write() {
    const { network, usual } = this.first;
    remember(written(this.#lasting(this.app.state.values), network, usual));
  }

  /** What the address can say: nothing of what the page has learned, and of another network only how it is looked at. @param {import("./state.js").Values} values */
  #lasting(values) {
    const { app, first } = this;
    const { theme, labels, view } = values;
    if (app.document !== first.document) return { ...first.usual, theme, labels, view };
    return app.runs.moments.learned ? { ...values, epoch: first.usual.epoch } : values;
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
  const words = error instanceof DocumentError ? error.message : worded("This page could not be shown: {reason}", { reason: error.message });
  root.classList.add("nodesim");
  root.replaceChildren(h("div.failed", { role: "alert" }, h("h1", null, "nodesim explorer"), h("p", null, words)));
  root.dataset.ready = "failed";
  if (!(error instanceof DocumentError)) console.error(error);
}
