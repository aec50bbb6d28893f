/**
 * The explorer in a notebook, as an anywidget. What travels:
 * `document`: the document; a new one replaces the explorer's.
 * `selection`: the name of what is selected, "" for nothing; both ways.
 * `edits`: what the reader has changed, {} for nothing: epoch and sample by place, weights, inputs, targets by name.
 * `recalculated`: the run that Python calculates of the edits: {edits, run} or {edits, error}.
 */

import { App } from "./app.js";
import { h } from "./dom.js";
import { followTheme, keepKeys } from "./host.js";
import { nameOf } from "./network.js";
import { isEdited } from "./runs.js";

/** Show the explorer of a model in an element; returns what ends it. */
export function render({ model, el }) {
  const root = h("div");
  const cell = h("div.nodesim-cell", { "data-lm-suppress-shortcuts": "true" }, root);
  keepKeys(cell);
  el.append(cell);
  let app = null;

  const send = (name, value) => {
    if (JSON.stringify(model.get(name)) === JSON.stringify(value)) return;
    model.set(name, value);
    model.save_changes();
  };
  const select = () => app.state.set({ selected: app.network.byName.get(model.get("selection") ?? "") ?? null });
  const calculated = () => {
    const { edits, run, error } = model.get("recalculated") ?? {};
    if (edits) app.answer(edits, run ?? null, error ?? "");
  };
  const start = () => {
    app = new App(root, model.get("document"), { python: true });
    app.state.on(["selected"], ({ selected }) => send("selection", selected ? nameOf(app.network, selected) : ""));
    app.state.on(["edits", "epoch", "sample"], ({ edits, epoch, sample }) => send("edits", isEdited(edits) ? { epoch, sample, ...edits } : {}));
    if (theme) app.state.set({ theme });
    select();
  };
  let theme = null;
  start();
  const unfollow = followTheme(el, (seen) => app.state.set({ theme: (theme = seen) }));
  const listeners = { "change:document": start, "change:selection": select, "change:recalculated": calculated };
  for (const [event, listener] of Object.entries(listeners)) model.on(event, listener);
  return () => {
    unfollow();
    Object.entries(listeners).forEach(([event, listener]) => model.off(event, listener));
  };
}
