"""What the type checkers see of the public types is true when it is run, too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import get_args

import leafwise


def test_the_sample_runs() -> None:
    sample = Path(__file__).parent / "typing" / "sample.py"
    subprocess.run([sys.executable, str(sample)], check=True, timeout=60)


def test_the_type_of_trees_takes_a_parameter() -> None:
    assert float in get_args(leafwise.PyTree[float])
