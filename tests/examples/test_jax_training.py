from __future__ import annotations

import json
import re
import sys
from importlib.resources import files

import pytest

from leafwise.examples import jax_training as example


def test_losses_are_those_of_the_numpy_example(capsys) -> None:
    pytest.importorskip("jax")
    file = files("leafwise.examples") / "data" / "linear_regression.json"
    expected = json.loads(file.read_text(encoding="utf-8"))["expected"]["loss_by_step"]
    example.main([])
    printed = dict(re.findall(r"step +(\d+)  loss (\d+\.\d+)", capsys.readouterr().out))
    assert {step: float(loss) for step, loss in printed.items()} == pytest.approx(
        expected, rel=1e-5
    )


def test_says_what_to_install_when_jax_is_missing(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(SystemExit, match=r'needs jax: pip install "\.\[jax\]"'):
        example.main([])
