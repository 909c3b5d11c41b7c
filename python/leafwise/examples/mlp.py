"""Teach a neural network y = x²; its parameters are a list of dicts of arrays.

Run it: `python -m leafwise.examples.mlp --plot mlp.png`
"""

from __future__ import annotations

import argparse
import importlib.util
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from leafwise import tree_map

Array = NDArray[np.float64]
Params = list[dict[str, Array]]

LAYER_SIZES = [1, 128, 128, 1]
SAMPLES = 128
STEPS = 1000
LEARNING_RATE = 0.0001


def init_params(sizes: list[int], rng: np.random.Generator) -> Params:
    """Return one dict of weights and biases per layer, scaled for relu (He initialisation)."""
    return [
        {
            "weights": rng.normal(size=(n_in, n_out)) * np.sqrt(2 / n_in),
            "biases": np.ones(n_out),
        }
        for n_in, n_out in pairwise(sizes)
    ]


def forward(params: Params, x: Array) -> list[Array]:
    """Return what enters each layer, and last what the network answers."""
    *hidden, last = params
    values = [x]
    for layer in hidden:
        values.append(np.maximum(values[-1] @ layer["weights"] + layer["biases"], 0))
    values.append(values[-1] @ last["weights"] + last["biases"])
    return values


def predict(params: Params, x: Array) -> Array:
    """Return the network's answer for each row of x."""
    return forward(params, x)[-1]


def loss(params: Params, x: Array, y: Array) -> float:
    """Return the mean squared error."""
    return float(np.mean((predict(params, x) - y) ** 2))


def gradients(params: Params, x: Array, y: Array) -> Params:
    """Return the gradient of the loss, a tree of the same structure as the parameters."""
    *inputs, prediction = forward(params, x)
    d_output = 2 * (prediction - y) / prediction.size
    grads = []
    for layer, layer_input in zip(reversed(params), reversed(inputs), strict=True):
        grads.append({"weights": layer_input.T @ d_output, "biases": d_output.sum(axis=0)})
        # To the layer before: through the weights, then through relu where it was not zero.
        d_output = (d_output @ layer["weights"].T) * (layer_input > 0)
    return grads[::-1]


def update(params: Params, x: Array, y: Array) -> Params:
    """Return the parameters after one step down the gradient."""
    grads = gradients(params, x, y)
    updated: Params = tree_map(lambda p, g: p - LEARNING_RATE * g, params, grads)
    return updated


def make_samples(rng: np.random.Generator) -> tuple[Array, Array]:
    """Return normally distributed x, and y = x², as columns."""
    x = rng.normal(size=(SAMPLES, 1))
    return x, x**2


def train(params: Params, x: Array, y: Array) -> Params:
    """Return the trained parameters; a progress bar shows how far it is."""
    try:
        from rich.progress import track
    except ModuleNotFoundError:
        raise SystemExit('The progress bar needs rich: pip install ".[examples]"') from None
    for _ in track(range(STEPS), description="Training"):
        params = update(params, x, y)
    return params


def picture_file(text: str) -> Path:
    """Check the name of the file to draw, before the training rather than after it."""
    file = Path(text)
    if file.suffix.lower() != ".png":
        raise argparse.ArgumentTypeError(f"expected a name that ends in .png, got {text!r}")
    if file.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is a folder: expected the name of a file")
    if not file.absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {file.absolute().parent}")
    if importlib.util.find_spec("matplotlib") is None:
        raise SystemExit('--plot needs matplotlib: pip install ".[examples]"')
    return file


def draw(file: Path, params: Params, x: Array, y: Array) -> None:
    """Draw the samples and the network's prediction into a PNG file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    line = np.linspace(np.min(x), np.max(x), 200).reshape(-1, 1)
    axes.scatter(x, y, s=12, color="tab:blue", label="samples of y = x²")
    axes.plot(line, predict(params, line), color="tab:orange", label="prediction")
    axes.set(xlabel="x", ylabel="y")
    axes.legend()
    figure.savefig(file, format="png", dpi=150)


def main(arguments: list[str] | None = None) -> None:
    """Train, and print the loss before and after."""
    parser = argparse.ArgumentParser(description="Teach a neural network y = x².")
    parser.add_argument("--seed", type=int, default=0, help="of samples and first parameters")
    parser.add_argument(
        "--plot", metavar="FILE.png", type=picture_file, help="draw samples and prediction"
    )
    options = parser.parse_args(arguments)

    rng = np.random.default_rng(options.seed)
    x, y = make_samples(rng)
    params = init_params(LAYER_SIZES, rng)
    print(tree_map(lambda p: p.shape, params))

    print(f"loss before training: {loss(params, x, y):.4f}")
    params = train(params, x, y)
    print(f"loss after {STEPS} updates: {loss(params, x, y):.4f}")

    if options.plot:
        draw(options.plot, params, x, y)
        print(f"wrote {options.plot}")


if __name__ == "__main__":
    main()
