/** Orders as Python's `random.Random(seed).sample` makes them, so that both place the nodes of a network alike. */

const [SIZE, SHIFT] = [624, 397];

/** 32 random bits at a time, by the Mersenne Twister of Matsumoto and Nishimura. @param {number} seed @returns {() => number} */
function twister(seed) {
  const state = seeded(seed);
  let place = SIZE;
  return () => {
    if (place === SIZE) {
      renew(state);
      place = 0;
    }
    let bits = state[place++];
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c5680;
    bits ^= (bits << 15) & 0xefc60000;
    return (bits ^ (bits >>> 18)) >>> 0;
  };
}

/** The state that a seed below 2**32 gives, mixed in as the only word of a key. */
function seeded(seed) {
  const state = new Uint32Array(SIZE);
  state[0] = 19650218;
  const mixed = (place, factor) => Math.imul(state[place - 1] ^ (state[place - 1] >>> 30), factor);
  for (let place = 1; place < SIZE; place++) state[place] = mixed(place, 1812433253) + place;
  let place = 1;
  const on = () => {
    if (++place < SIZE) return;
    state[0] = state[SIZE - 1];
    place = 1;
  };
  for (let step = 0; step < SIZE; step++, on()) state[place] = (state[place] ^ mixed(place, 1664525)) + seed;
  for (let step = 1; step < SIZE; step++, on()) state[place] = (state[place] ^ mixed(place, 1566083941)) - place;
  state[0] = 0x80000000;
  return state;
}

function renew(state) {
  for (let place = 0; place < SIZE; place++) {
    const bits = (state[place] & 0x80000000) | (state[(place + 1) % SIZE] & 0x7fffffff);
    state[place] = state[(place + SHIFT) % SIZE] ^ (bits >>> 1) ^ (bits & 1 ? 0x9908b0df : 0);
  }
}

/** What mixes lists, the same ones for the same seed. @param {number} seed @returns {<T>(items: T[]) => T[]} */
export function mixer(seed) {
  const next = twister(seed);
  const below = (count) => {
    const shift = Math.clz32(count);
    let found = next() >>> shift;
    while (found >= count) found = next() >>> shift;
    return found;
  };
  return (items) => {
    const pool = [...items];
    return items.map((_, taken) => {
      const place = below(pool.length - taken);
      const chosen = pool[place];
      pool[place] = pool[pool.length - taken - 1];
      return chosen;
    });
  };
}
