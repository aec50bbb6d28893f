/** What d3-zoom asks of d3-transition: nothing here is animated, so that there is nothing to interrupt. */

import { selection } from "d3-selection";

selection.prototype.interrupt = function () {
  return this;
};

export function interrupt() {}
