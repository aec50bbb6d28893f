/** The network changed by hand: the edits, for the page, for scripts and for tests. */

export { EditError } from "./error.js";
export { targetsOf, withActivation, withConnection, withNode, withoutConnection, withoutNode } from "./edits.js";
export { layered } from "./layered.js";
export { withHiddenLayer, withoutHiddenLayer } from "./layers.js";
export { withNewWeights } from "./starting.js";
export { withLoss } from "./losses.js";
