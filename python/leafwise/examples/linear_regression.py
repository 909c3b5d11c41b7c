"""Fit a linear model by gradient descent; the parameters are a dict of two arrays.

Run it: `python -m leafwise.examples.linear_regression`
"""

from __future__ import annotations

import argparse
import json
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from leafwise import tree_map

# The samples are float32 numbers. They are computed with in float64, as json reads them: the
# rounding of float32 sums differs from machine to machine, in the digits that are printed.
Array = NDArray[np.float64]
Params = dict[str, Array]

STEPS = 101
LEARNING_RATE = 0.3


def load_data() -> tuple[Array, Array, Params]:
    """Return x (20, 10), y (20, 5), and the parameters that y was made with, before noise."""
    file = files("leafwise.examples") / "data" / "linear_regression.json"
    data = json.loads(file.read_text(encoding="utf-8"))
    true_params = {"W": np.array(data["W_true"]), "b": np.array(data["b_true"])}
    return np.array(data["x"]), np.array(data["y"]), true_params


def zeros_like(params: Params) -> Params:
    """Return parameters of the same shapes, all zero: where the descent starts."""
    zeros: Params = tree_map(np.zeros_like, params)
    return zeros


def loss(params: Params, x: Array, y: Array) -> float:
    """Return half of the squared error, averaged over the samples."""
    error = x @ params["W"] + params["b"] - y
    value: float = (error**2).sum() / (2 * len(x))
    return value


def value_and_grad(params: Params, x: Array, y: Array) -> tuple[float, Params]:
    """Return the loss and its gradient, a tree of the same structure as the parameters."""
    error = x @ params["W"] + params["b"] - y
    value: float = (error**2).sum() / (2 * len(x))
    d_error = error / len(x)
    return value, {"W": x.T @ d_error, "b": d_error.sum(axis=0)}


def update(params: Params, grads: Params) -> Params:
    """Return the parameters after one step down the gradient."""
    updated: Params = tree_map(lambda p, g: p - LEARNING_RATE * g, params, grads)
    return updated


def train_and_record(params: Params, x: Array, y: Array) -> tuple[Params, list[float]]:
    """Return the trained parameters, and the loss before each update.

    The loss comes with the gradient, so recording it costs nothing.
    """
    losses = []
    for _ in range(STEPS):
        value, grads = value_and_grad(params, x, y)
        losses.append(value)
        params = update(params, grads)
    return params, losses


def main(arguments: list[str] | None = None) -> None:
    """Train, printing the loss every 5 steps; compare with the true parameters."""
    argparse.ArgumentParser(
        description="Fit a line by gradient descent, in numpy, and print the loss."
    ).parse_args(arguments)
    x, y, true_params = load_data()

    params = zeros_like(true_params)
    for step in range(STEPS):
        _, grads = value_and_grad(params, x, y)
        params = update(params, grads)
        if step % 5 == 0:
            print(f"step {step:3}  loss {loss(params, x, y):.8f}")

    true_loss, true_grads = value_and_grad(true_params, x, y)
    print(f"\nThe true parameters: loss {true_loss:.8f}, gradients")
    for name, gradient in true_grads.items():
        print(f"{name} =\n{gradient.round(8)}")

    _, losses = train_and_record(zeros_like(true_params), x, y)
    print(f"\nRecorded while training: {len(losses)} losses, {losses[0]:.8f} to {losses[-1]:.8f}")


if __name__ == "__main__":
    main()
