"""What the interpreter is that runs the tests."""

from __future__ import annotations

import sys

import pytest


def has_gil() -> bool:
    """Whether only one thread runs at a time, as in all builds but the free-threaded ones."""
    return getattr(sys, "_is_gil_enabled", lambda: True)()


def needs_gil(reason: str) -> pytest.MarkDecorator:
    """Mark tests of which a free-threaded CPython makes something else."""
    return pytest.mark.skipif(not has_gil(), reason=f"without a GIL, {reason}")
