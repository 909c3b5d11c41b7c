from __future__ import annotations

import re
from pathlib import Path

import pytest

from leafwise import PyTreeMismatchError, tree_map

README = Path(__file__).parents[2] / "README.md"


def test_mismatch_error_is_the_one_shown() -> None:
    (shown,) = re.findall(r"```text\n(.*?)\n```", README.read_text(encoding="utf-8"), re.DOTALL)
    params = {"w": [[1, 2], [3, 4]], "b": (5, None)}
    grads = {"w": [[1, 1], [1]], "b": (2, None)}
    with pytest.raises(PyTreeMismatchError) as raised:
        tree_map(lambda p, g: p - g, params, grads)
    assert shown == f"leafwise.PyTreeMismatchError: {raised.value}"
