/** Finding a node or a connection by its name. */

import { h, fill } from "./dom.js";
import { shown } from "./names.js";
import { worded } from "./words.js";

const MOST_FOUND = 8;
let searches = 0;

/**
 * Return what has a name: the one that is named so, then those whose names start so, then those that contain it.
 * @param {import("./network.js").Network} network
 * @param {string} words
 */
function found(network, words) {
  const wanted = words.trim().toLowerCase();
  if (!wanted) return [];
  const ranks = [[], [], []];
  for (const [name, element] of network.byName) {
    const text = name.toLowerCase();
    const other = element.kind === "node" ? network.nodes[element.index].activated.toLowerCase() : text;
    if (text === wanted || other === wanted) ranks[0].push({ name, ...element });
    else if (text.startsWith(wanted) || other.startsWith(wanted)) ranks[1].push({ name, ...element });
    else if (text.includes(wanted)) ranks[2].push({ name, ...element });
  }
  return ranks.flat().slice(0, MOST_FOUND);
}

/** The field with its list. @param {import("./app.js").App} app */
export function search(app) {
  const id = `nodesim-found-${++searches}`;
  const list = h("ul.found", { id, role: "listbox", "aria-label": worded("Found"), hidden: true });
  const field = h("input", {
    type: "search", placeholder: worded("Find W12, HA3 …"), "aria-label": worded("Find a node or a connection"), role: "combobox",
    "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false",
  });
  let [results, current] = [[], 0];
  const close = () => {
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const choose = (result) => {
    if (!result) return app.say(worded("Nothing has this name."));
    close();
    field.value = "";
    return app.select({ kind: result.kind, index: result.index });
  };
  const show = () => {
    results = found(app.network, field.value);
    current = Math.min(current, Math.max(0, results.length - 1));
    const rows = results.map((result, place) => h("li", {
      id: `${id}-${place}`, role: "option", "aria-selected": String(place === current),
      pointerdown: (event) => { event.preventDefault(); choose(result); },
    }, h("b", null, shown(result.name)), ` ${where(app.network, result)}`));
    fill(list, rows.length || !field.value.trim() ? rows : h("li.none", { role: "option", "aria-disabled": "true" }, worded("Nothing has this name.")));
    list.hidden = !field.value.trim();
    field.setAttribute("aria-expanded", String(!list.hidden));
    if (results.length) field.setAttribute("aria-activedescendant", `${id}-${current}`);
  };
  field.addEventListener("input", () => { current = 0; show(); });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      close();
    }
    if (event.key === "Enter") { show(); choose(results[current]); }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !results.length) return;
    event.preventDefault();
    current = (current + step + results.length) % results.length;
    show();
  });
  return h("div.search", null, field, list);
}

function where(network, { kind, index }) {
  if (kind === "connection") {
    const { source, target } = network.connections[index];
    return `${shown(network.nodes[source].activated)} → ${shown(network.nodes[target].name)}`;
  }
  return shown(network.document.layers[network.nodes[index].layer].name);
}
