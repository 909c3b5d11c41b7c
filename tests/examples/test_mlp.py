from __future__ import annotations

import re
import struct
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose

from leafwise import tree_all, tree_map, tree_structure
from leafwise.examples import mlp as example

SHAPES = (
    "[{'biases': (128,), 'weights': (1, 128)}, "
    "{'biases': (128,), 'weights': (128, 128)}, "
    "{'biases': (1,), 'weights': (128, 1)}]"
)


def test_gradients_are_those_of_finite_differences(numeric_gradient) -> None:
    rng = np.random.default_rng(0)
    x, y = example.make_samples(rng)
    params = example.init_params([1, 7, 5, 1], rng)
    grads = example.gradients(params, x, y)
    numeric = numeric_gradient(lambda p: example.loss(p, x, y), params)
    assert tree_structure(grads) == tree_structure(params)
    tree_map(lambda g, n: assert_allclose(g, n, rtol=1e-5, atol=1e-7), grads, numeric)


def test_first_parameters() -> None:
    params = example.init_params(example.LAYER_SIZES, np.random.default_rng(0))
    assert tree_all([np.all(layer["biases"] == 1) for layer in params])
    for layer, n_in in zip(params, [1, 128, 128], strict=True):
        assert np.std(layer["weights"]) == pytest.approx(np.sqrt(2 / n_in), rel=0.2)


def test_trains_prints_and_plots(capsys, tmp_path) -> None:
    image = pytest.importorskip("matplotlib.image")
    file = tmp_path / "mlp.png"
    example.main(["--seed", "0", "--plot", str(file)])

    first, *_, last = lines = capsys.readouterr().out.splitlines()
    assert first == SHAPES
    assert last == f"wrote {file}"
    before, after = (
        float(number)
        for line in lines
        for number in re.findall(r"^loss (?:before training|after 1000 updates): (.*)$", line)
    )
    assert after < before / 20

    content = file.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", content[16:24]) == (900, 600)
    pixels = image.imread(file)[..., :3]
    for name, color in {"samples": (31, 119, 180), "prediction": (255, 127, 14)}.items():
        drawn = np.abs(pixels - np.array(color) / 255).max(axis=-1) < 0.01
        assert drawn.sum() > 500, name


def test_seed_decides_everything(capsys, monkeypatch) -> None:
    monkeypatch.setattr(example, "STEPS", 3)

    def losses(seed: str) -> list[str]:
        example.main(["--seed", seed])
        return re.findall(r"loss .*: (.*)", capsys.readouterr().out)

    assert losses("1") == losses("1")
    assert losses("1") != losses("2")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mlp.svg", "expected a name that ends in .png, got"),
        ("mlp", "expected a name that ends in .png, got"),
        ("missing/mlp.png", "there is no folder"),
        ("folder.png", "folder.png is a folder: expected the name of a file"),
    ],
)
def test_a_picture_that_cannot_be_drawn_is_refused_at_once(
    name, message, tmp_path, monkeypatch, capsys
) -> None:
    (tmp_path / "folder.png").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        example.main(["--plot", name])
    assert caught.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"argument --plot: {message}" in printed.err


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("rich.progress", r'needs rich: pip install "\.\[examples\]"'),
        ("matplotlib", r'needs matplotlib: pip install "\.\[examples\]"'),
    ],
)
def test_says_what_to_install(module, message, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(example, "STEPS", 1)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(SystemExit, match=message):
        example.main(["--plot", str(tmp_path / "mlp.png")])
