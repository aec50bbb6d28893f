/** A heap: the item of highest priority comes out first; of equal ones the one that came in first. */
export class Heap {
  constructor() {
    /** @type {{priority: number, ticket: number, item: any}[]} */
    this.items = [];
    this.tickets = 0;
  }

  get size() {
    return this.items.length;
  }

  /** @param {number} priority @param {any} item */
  push(priority, item) {
    const entry = { priority, ticket: this.tickets++, item };
    let place = this.items.push(entry) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!before(entry, this.items[above])) break;
      this.items[place] = this.items[above];
      place = above;
    }
    this.items[place] = entry;
  }

  pop() {
    const first = this.items[0];
    const last = this.items.pop();
    if (this.items.length) this.#sink(last);
    return first.item;
  }

  #sink(entry) {
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= this.items.length) break;
      if (below + 1 < this.items.length && before(this.items[below + 1], this.items[below])) below += 1;
      if (!before(this.items[below], entry)) break;
      this.items[place] = this.items[below];
      place = below;
    }
    this.items[place] = entry;
  }
}

function before(a, b) {
  return a.priority > b.priority || (a.priority === b.priority && a.ticket < b.ticket);
}
