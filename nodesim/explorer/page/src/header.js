/** The top of the page: title, search, theme, what can be saved. */

import { button, h } from "./dom.js";
import { saveDocument, savePng, saveSvg } from "./export.js";
import { menu } from "./menu.js";
import { shown } from "./names.js";
import { plural } from "./numbers.js";
import { search } from "./search.js";
import { worded } from "./words.js";

/** @param {import("./app.js").App} app */
export function header(app) {
  const { document, connections, nodes } = app.network;
  const facts = [plural(String(nodes.length), "node"), plural(String(connections.length), "connection"), worded("loss {loss}", { loss: shown(document.loss.name) })];
  return h("header.top", null,
    h("div.titles", null, h("h1", null, shown(document.title)), h("p.facts", null, facts.join(" · "))),
    search(app),
    h("div.actions", null, themeButton(app), saveMenu(app)),
  );
}

function themeButton(app) {
  const dark = () => (app.state.values.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const label = () => (dark() ? worded("Light") : worded("Dark"));
  const element = button(label(), () => app.state.set({ theme: dark() ? "light" : "dark" }), { title: worded("Switch between light and dark") });
  app.state.on(["theme"], () => (element.textContent = label()));
  return element;
}

function saveMenu(app) {
  const item = (label, save) => button(label, () => {
    element.open = false;
    save(app);
  });
  const element = menu(worded("Save"), h("div.items", null,
    item(worded("Drawing as SVG"), saveSvg), item(worded("Drawing as PNG"), savePng), item(worded("Document as JSON"), saveDocument),
  ));
  return element;
}
