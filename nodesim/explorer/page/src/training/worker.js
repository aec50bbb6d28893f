/** The worker's script: a desk behind messages. The build makes the script of this module and what it imports. */

import { Desk } from "./desk.js";
import { TrainingError } from "./options.js";
import { speak } from "../words.js";

/** Answer what the page asks. */
export function serve() {
  const desk = new Desk();
  addEventListener("message", ({ data: { id, call, given, texts } }) => {
    if (texts) return speak(texts);
    try {
      const moment = desk.answer(call, given);
      postMessage({ id, moment }, { transfer: [moment.weights.buffer] });
    } catch (error) {
      postMessage({ id, fault: error.message, meant: error instanceof TrainingError });
    }
  });
  postMessage({ id: "ready" });
}
