"""What the interpreter is that runs the tests, and how leafwise is installed there."""

from __future__ import annotations

import json
import sys
from importlib.metadata import distribution

import pytest


def has_gil() -> bool:
    """Whether only one thread runs at a time, as in all builds but the free-threaded ones."""
    return getattr(sys, "_is_gil_enabled", lambda: True)()


def makes_classes_immortal() -> bool:
    """Whether no class is collected any more once a thread was started: so does 3.13t."""
    return not has_gil() and sys.version_info < (3, 14)


# Marks tests in which classes are collected: they come first where a thread makes an end of that.
collects_classes = pytest.mark.collects_classes


def is_editable() -> bool:
    """Whether an import of leafwise first compiles what was changed."""
    url = json.loads(distribution("leafwise").read_text("direct_url.json") or "{}")
    return bool(url.get("dir_info", {}).get("editable"))


needs_plain_import = pytest.mark.skipif(
    is_editable(), reason="an editable install calls the compiler on import"
)


def needs_gil(reason: str) -> pytest.MarkDecorator:
    """Mark tests of which a free-threaded CPython makes something else."""
    return pytest.mark.skipif(not has_gil(), reason=f"without a GIL, {reason}")
