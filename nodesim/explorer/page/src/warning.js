/** What went wrong, said where it happened and read aloud, until it is over. */

import { h } from "./dom.js";

/** @returns {{element: HTMLElement, say: (words: string) => void}} It says nothing at first, and where there are no words. */
export function warning() {
  const element = h("p.trouble", { role: "alert", hidden: true });
  return {
    element,
    say(words) {
      const written = words && `⚠ ${words}`;
      // What is said already is not read aloud once more.
      if (element.textContent !== written) element.textContent = written;
      element.hidden = !words;
    },
  };
}
