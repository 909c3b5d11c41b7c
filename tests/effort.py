"""How long tests go on that could go on for ever: for moments, with `--torture` for hours."""

from __future__ import annotations


class Effort:
    """What was asked for; conftest.py sets it before any test is collected."""

    torture = False


def rounds(usual: int, torture: int) -> int:
    """Return how often to do something."""
    return torture if Effort.torture else usual
