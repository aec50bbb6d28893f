"""The rules of nodesim's optimizers for JAX: how each begins, and its step, for one array of weights."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

State = tuple[Any, ...]
Step = tuple[Any, State]


def _sgd(w: Any, g: Any, state: State, rate: float) -> Step:
    return w - rate * g, state


def _momentum(w: Any, g: Any, state: State, rate: float) -> Step:
    velocity = 0.9 * state[0] + g
    return w - rate * velocity, (velocity,)


def _nesterov(w: Any, g: Any, state: State, rate: float) -> Step:
    velocity = 0.9 * state[0] + g
    return w - rate * (g + 0.9 * velocity), (velocity,)


def _adam(w: Any, g: Any, state: State, rate: float) -> Step:
    # The powers of both betas are kept, which is less work than to calculate them.
    mean, square = 0.9 * state[0] + 0.1 * g, 0.999 * state[1] + 0.001 * g**2
    power1, power2 = 0.9 * state[2], 0.999 * state[3]
    change = rate / (1.0 - power1) * mean / (jnp.sqrt(square) / jnp.sqrt(1.0 - power2) + 1e-8)
    return w - change, (mean, square, power1, power2)


def _rmsprop(w: Any, g: Any, state: State, rate: float) -> Step:
    square = 0.99 * state[0] + 0.01 * g**2
    return w - rate * g / (jnp.sqrt(square) + 1e-8), (square,)


def _rprop(w: Any, g: Any, state: State, rate: float) -> Step:
    previous, size = state
    agreement = jnp.sign(g) * jnp.sign(previous)
    size = jnp.clip(size * jnp.where(agreement > 0, 1.2, jnp.where(agreement < 0, 0.5, 1.0)), 1e-6, 50.0)
    used = jnp.where(agreement < 0, 0.0, g)
    return w - jnp.sign(used) * size, (used, size)


def _nothing(w: Any, rate: float) -> State:
    return ()


def _zeros(w: Any, rate: float) -> State:
    return (jnp.zeros_like(w),)


RULES = {
    "sgd": (_nothing, _sgd),
    "momentum": (_zeros, _momentum),
    "nesterov": (_zeros, _nesterov),
    "adam": (lambda w, rate: (jnp.zeros_like(w), jnp.zeros_like(w), jnp.ones(()), jnp.ones(())), _adam),
    "rmsprop": (_zeros, _rmsprop),
    "rprop": (lambda w, rate: (jnp.zeros_like(w), jnp.full_like(w, rate)), _rprop),
}
