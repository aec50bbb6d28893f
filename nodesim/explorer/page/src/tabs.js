/** Views of which one is shown. */

import { h } from "./dom.js";
import { patch } from "./patch.js";
import { worded } from "./words.js";

let groups = 0;

/**
 * @param {import("./app.js").App} app
 * @param {{key: string, label: string, make: (app: import("./app.js").App) => any}[]} views The first one is shown unless the state says otherwise.
 */
export function tabs(app, views) {
  const group = `nodesim-tabs-${++groups}`;
  const chosen = () => views.findIndex(({ key }) => key === app.state.values.view);
  const buttons = views.map(({ key, label }, place) => h("button.tab", {
    type: "button", role: "tab", id: `${group}-${key}`, "aria-controls": `${group}-view`, "data-keep": `tab-${key}`, "data-view": key,
    click: () => app.state.set({ view: key }),
    keydown: (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = (place + step + views.length) % views.length;
      app.state.set({ view: views[next].key });
      buttons[next].focus();
    },
  }, worded(label)));
  const content = h("div.view", { role: "tabpanel", id: `${group}-view` });
  const show = () => {
    const place = Math.max(0, chosen());
    buttons.forEach((button, index) => {
      button.setAttribute("aria-selected", String(index === place));
      button.tabIndex = index === place ? 0 : -1;
    });
    if (content.dataset.view !== views[place].key) content.replaceChildren();
    content.dataset.view = views[place].key;
    content.setAttribute("aria-labelledby", buttons[place].id);
    patch(content, views[place].make(app));
  };
  show();
  return { show, elements: [h("div.tabs", { role: "tablist", "aria-label": worded("Views of the derivative") }, buttons), content] };
}
