/** The steps of the optimizers, with nodesim's formulas and defaults; each weight's depends on that weight alone. */

/**
 * @typedef {object} Optimizer
 * @property {Record<string, number>} parameters Those it has by default.
 * @property {string[]} state The names of what it remembers of each weight.
 * @property {(step: Step, p: Record<string, number>, kept: Record<string, Float64Array>, next: Record<string, Float64Array>) => void} step
 *
 * One step: of the chosen weights, which go from `weights` to `following`; `number` counts from 1.
 * @typedef {{weights: Float64Array, gradients: Float64Array, following: Float64Array, chosen: Int32Array, rate: number, number: number}} Step
 */

/** @type {Record<string, Optimizer>} */
export const OPTIMIZERS = {
  sgd: {
    parameters: {},
    state: [],
    step: ({ weights, gradients, following, chosen, rate }) => {
      for (const c of chosen) following[c] = weights[c] - rate * gradients[c];
    },
  },
  momentum: {
    parameters: { momentum: 0.9 },
    state: ["velocity"],
    step: ({ weights, gradients, following, chosen, rate }, { momentum }, kept, next) => {
      for (const c of chosen) {
        const velocity = momentum * kept.velocity[c] + gradients[c];
        next.velocity[c] = velocity;
        following[c] = weights[c] - rate * velocity;
      }
    },
  },
  adam: {
    parameters: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    state: ["mean", "square"],
    step: ({ weights, gradients, following, chosen, rate, number }, { beta1, beta2, epsilon }, kept, next) => {
      const [size, root] = [rate / (1 - beta1 ** number), Math.sqrt(1 - beta2 ** number)];
      for (const c of chosen) {
        const mean = beta1 * kept.mean[c] + (1 - beta1) * gradients[c];
        const square = beta2 * kept.square[c] + (1 - beta2) * (gradients[c] * gradients[c]);
        next.mean[c] = mean;
        next.square[c] = square;
        following[c] = weights[c] - size * (mean / (Math.sqrt(square) / root + epsilon));
      }
    },
  },
};

/** An optimizer at work: what it remembers is that of the last step that was taken. */
export class OptimizerState {
  /** @param {string} name @param {number} count How many weights there are. @param {Record<string, number>} [parameters] Others than by default. */
  constructor(name, count, parameters = {}) {
    this.name = name;
    this.parameters = { ...OPTIMIZERS[name].parameters, ...parameters };
    this.steps = 0;
    const empty = () => Object.fromEntries(OPTIMIZERS[name].state.map((key) => [key, new Float64Array(count)]));
    [this.kept, this.next] = [empty(), empty()];
  }

  /** Make a step, not yet to be remembered. @param {Omit<Step, "number">} step */
  step(step) {
    OPTIMIZERS[this.name].step({ ...step, number: this.steps + 1 }, this.parameters, this.kept, this.next);
  }

  /** The step was taken. */
  take() {
    this.steps++;
    [this.kept, this.next] = [this.next, this.kept];
  }
}
