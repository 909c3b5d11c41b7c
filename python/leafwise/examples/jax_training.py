"""The linear regression again: jax differentiates and compiles, leafwise maps over the trees.

Run it: `python -m leafwise.examples.jax_training`
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from leafwise import tree_map
from leafwise.examples.linear_regression import (
    LEARNING_RATE,
    STEPS,
    Array,
    Params,
    load_data,
    loss,
    zeros_like,
)

Update = Callable[[Params, Array, Array], Params]


def make_update() -> Update:
    """Return `update(params, x, y)`: one step of gradient descent, compiled by jax."""
    try:
        import jax
    except ModuleNotFoundError:
        raise SystemExit('This example needs jax: pip install ".[jax]"') from None

    @jax.jit
    def update(params: Params, x: Array, y: Array) -> Params:
        grads = jax.grad(loss)(params, x, y)
        # While jax compiles, the leaves are its tracers; to leafwise a leaf is just an object.
        updated: Params = tree_map(lambda p, g: p - LEARNING_RATE * g, params, grads)
        return updated

    return update


def main(arguments: list[str] | None = None) -> None:
    """Train, printing the loss every 5 steps: the numbers of the numpy example, in float32."""
    argparse.ArgumentParser(
        description="Fit the same line with gradients and compiled steps by jax."
    ).parse_args(arguments)
    update = make_update()
    x, y, true_params = load_data()

    params = zeros_like(true_params)
    for step in range(STEPS):
        params = update(params, x, y)
        if step % 5 == 0:
            print(f"step {step:3}  loss {loss(params, x, y):.8f}")


if __name__ == "__main__":
    main()
