/** The explanation beside the drawing: of what is selected, or of the whole. */

import { treeView } from "./branches.js";
import { consequences } from "./consequences.js";
import { coverage } from "./coverage.js";
import { h } from "./dom.js";
import { Editor } from "./editor.js";
import { compared, headline } from "./headline.js";
import { meanings } from "./meanings.js";
import { notices } from "./notices.js";
import { closing, overview } from "./overview.js";
import { patch } from "./patch.js";
import { quantities } from "./quantities.js";
import { ranking } from "./ranking.js";
import { shares } from "./shares.js";
import { stepLine } from "./step_line.js";
import { tabs } from "./tabs.js";
import { terms } from "./terms.js";
import { marked } from "./words.js";

/** The views of a derivative, as tabs. */
const VIEWS = [
  { key: "chain", label: marked("Chain rule"), make: (app) => [coverage(app, app.listing), terms(app)] },
  { key: "paths", label: marked("Strongest paths"), make: (app) => [coverage(app, app.ranked, false), ranking(app, app.ranked)] },
  { key: "tree", label: marked("Tree"), make: (app) => treeView(app) },
  { key: "factors", label: marked("Factors"), make: (app) => meanings(app) },
];

/** The panel. */
export class Panel {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.editor = new Editor(app);
    this.head = h("div.lead");
    this.changes = h("div.lead");
    this.lead = h("div.lead");
    this.views = h("div.views");
    this.element = h("div.explanation", null, this.head, this.editor.element, this.changes, this.lead, this.views);
  }

  /** Show the explanation of the state: what is as before stays. */
  show() {
    const { app } = this;
    const { activeElement } = this.element.getRootNode();
    const inside = this.element.contains(activeElement);
    const traced = app.trace && app.trace.count !== "0";
    patch(this.head, app.trace ? headline(app) : overview(app), notices(app));
    this.editor.show();
    patch(this.changes, consequences(app));
    patch(this.lead, app.trace ? [quantities(app), shares(app), compared(app.trace), stepLine(app)] : closing(app));
    this.#showViews(traced);
    if (inside && !this.element.contains(this.element.getRootNode().activeElement)) this.#focusAgain(activeElement.dataset.keep);
    this.mark();
  }

  /** The tabs stay for as long as there is something to show in them. */
  #showViews(traced) {
    if (!traced) {
      this.tabs = null;
      this.views.replaceChildren();
    } else if (this.tabs) this.tabs.show();
    else {
      this.tabs = tabs(this.app, VIEWS);
      this.views.replaceChildren(...this.tabs.elements);
    }
  }

  /** What had the focus is gone: give it to what stands for it now, or to the whole explanation. */
  #focusAgain(keep) {
    const again = keep && this.element.querySelector(`[data-keep="${keep}"]`);
    (again || this.element.closest(".panel")).focus({ preventScroll: true });
  }

  /** Show the chosen view. */
  turn() {
    this.tabs?.show();
  }

  /** Mark the path that is pointed at, in every list. */
  mark() {
    const { only } = this.app.state.values;
    const key = only ? only.connections.join(" ") : null;
    for (const row of this.element.querySelectorAll("[data-path]")) row.classList.toggle("pointed", row.dataset.path === key);
  }
}
