"""Functions of test files that run in an interpreter of their own.

What they do changes the whole process: they install integrations, or replace functions of jax.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

RUN = "import importlib, sys; getattr(importlib.import_module(sys.argv[1]), sys.argv[2])()"


def names_of(namespace: dict[str, object]) -> list[str]:
    """The scenarios of a test file, given its globals()."""
    names = [name for name in namespace if name.startswith("scenario_")]
    assert names
    return names


def run_scenario(path: str, name: str) -> str:
    """Calls a function of a test file in a new process; what it raises fails the test.

    Returns what it prints.
    """
    folders = [str(Path(__file__).parent), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    result = subprocess.run(
        [sys.executable, "-c", RUN, Path(path).stem, name],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(folders)},
    )
    assert result.returncode == 0, result.stderr
    return result.stdout
