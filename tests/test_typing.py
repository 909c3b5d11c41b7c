"""What the type checkers see of the public types is true when it is run, too."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

import leafwise

CHECKED = sorted((Path(__file__).parent / "typing").glob("*.py"))


@pytest.mark.parametrize("path", CHECKED, ids=lambda path: path.name)
def test_what_is_checked_runs(path: Path) -> None:
    subprocess.run([sys.executable, str(path)], check=True, timeout=60)


def test_every_public_name_is_checked() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in CHECKED)
    used = set(
        re.findall(r"\b(?:lw|leafwise)\.(\w+)|^from leafwise import (.*)$", text, re.MULTILINE)
    )
    words = {word for found in used for part in found for word in part.split(", ")}
    assert [name for name in leafwise.__all__ if name not in words] == []


def test_the_type_of_trees_takes_a_parameter() -> None:
    assert float in get_args(leafwise.PyTree[float])
