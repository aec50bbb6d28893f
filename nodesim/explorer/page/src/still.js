/** What d3-zoom asks of d3-transition and d3-interpolate, where no zoom is animated: the whole of these weighs 30 kB. */

import { selection } from "d3-selection";

selection.prototype.interrupt = function interruptAll() {
  return this;
};

/** There is nothing to interrupt. */
export function interrupt() {}

/** Asked for by animations alone. */
export function interpolateZoom() {}
