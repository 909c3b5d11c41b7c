from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from leafwise import tree_map, tree_structure
from leafwise.examples import linear_regression as example

LOSS_LINE = re.compile(r"step +(\d+)  loss (\d+\.\d+)")


@pytest.fixture
def expected() -> dict[str, Any]:
    file = files("leafwise.examples") / "data" / "linear_regression.json"
    return json.loads(file.read_text(encoding="utf-8"))["expected"]


def printed_losses(output: str) -> dict[str, float]:
    return {step: float(loss) for step, loss in LOSS_LINE.findall(output)}


def printed_gradient(output: str, name: str) -> list[float]:
    _, text = output.split(f"{name} =\n")
    first_row = text[: text.index("]")]
    return [float(number) for number in first_row.strip("[ ").split()]


def test_gradient_is_the_one_of_finite_differences(numeric_gradient) -> None:
    x, y, true_params = example.load_data()
    rng = np.random.default_rng(0)
    for params in (true_params, tree_map(lambda p: rng.normal(size=p.shape), true_params)):
        value, grads = example.value_and_grad(params, x, y)
        assert value == example.loss(params, x, y)
        numeric = numeric_gradient(lambda p: example.loss(p, x, y), params)
        assert tree_structure(grads) == tree_structure(params)
        tree_map(lambda g, n: assert_allclose(g, n, rtol=1e-5, atol=1e-8), grads, numeric)


def test_loss_and_gradients_of_the_true_parameters(expected) -> None:
    x, y, true_params = example.load_data()
    value, grads = example.value_and_grad(true_params, x, y)
    assert_allclose(value, expected["loss_true"], rtol=1e-5)
    assert_allclose(grads["W"][0], expected["grad_W_true_row0"], rtol=1e-5)
    # Its entries are small differences of large sums, which were rounded to float32: they are
    # good to 1e-5 of the whole vector, not each to 1e-5 of itself.
    scale = np.linalg.norm(expected["grad_b_true"])
    assert_allclose(grads["b"], expected["grad_b_true"], rtol=0, atol=1e-5 * scale)


def test_output(capsys, expected) -> None:
    example.main([])
    output = capsys.readouterr().out
    losses = printed_losses(output)
    assert (
        list(losses) == [str(step) for step in range(0, 101, 5)] == list(expected["loss_by_step"])
    )
    for step, loss in expected["loss_by_step"].items():
        assert losses[step] == pytest.approx(loss, rel=1e-5)
    assert "The true parameters: loss 0.0236398" in output
    assert_allclose(printed_gradient(output, "W"), expected["grad_W_true_row0"], atol=1e-7)
    assert_allclose(printed_gradient(output, "b"), expected["grad_b_true"], atol=1e-7)


def test_recorded_losses_are_those_before_each_update(expected) -> None:
    x, y, true_params = example.load_data()
    zeros = example.zeros_like(true_params)
    params, losses = example.train_and_record(zeros, x, y)
    assert len(losses) == 101
    assert losses[0] == example.loss(zeros, x, y)
    after_update = [*losses[1:], example.loss(params, x, y)]
    for step, loss in expected["loss_by_step"].items():
        assert after_update[int(step)] == pytest.approx(loss, rel=1e-5)


def test_runs_as_a_command(capsys) -> None:
    command = [sys.executable, "-m", "leafwise.examples.linear_regression"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    example.main([])
    assert run.stdout == capsys.readouterr().out
    assert run.stderr == ""
