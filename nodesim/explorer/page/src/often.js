/** What is done less often than it is asked for. */

/**
 * @param {number} perSecond
 * @param {() => boolean} while_ Only while this is true: else it is done at once.
 * @param {() => void} call
 */
export function atMost(perSecond, while_, call) {
  let last = -Infinity;
  return () => {
    const now = performance.now();
    if (while_() && now - last < 1000 / perSecond) return;
    last = now;
    call();
  };
}
