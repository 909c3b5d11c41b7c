"""Which competitors there are, what each needs, and loading them once."""

from __future__ import annotations

import functools
import importlib.util
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.competitors.by_hand import ByHand
from bench.competitors.dm_tree import DmTree
from bench.competitors.jax_dialect import Jax, Leafwise, Reference
from bench.competitors.optree import Optree
from bench.competitors.torch import Torch

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.competitors.competitor import Competitor


class MissingCompetitorError(Exception):
    """A competitor that was asked for cannot be imported; the text says what to do."""


@dataclass(frozen=True)
class _Entry:
    make: Callable[[], Competitor]
    module: str
    distribution: str


SUBJECT = "leafwise"
BASELINE = "reference"
BY_HAND = "by-hand"
_OURS = (SUBJECT, BASELINE, BY_HAND)
_ENTRIES = {
    SUBJECT: _Entry(Leafwise, "leafwise", "leafwise"),
    BASELINE: _Entry(Reference, "leafwise", "leafwise"),
    BY_HAND: _Entry(ByHand, "bench", "leafwise"),
    "jax": _Entry(Jax, "jax", "jax"),
    "optree": _Entry(Optree, "optree", "optree>=0.20"),
    "torch": _Entry(Torch, "torch", "torch"),
    "dm-tree": _Entry(DmTree, "tree", "dm-tree"),
}
PEERS = tuple(name for name in _ENTRIES if name not in _OURS)


def is_installed(name: str) -> bool:
    """Tell whether the module of a competitor can be found, without importing it."""
    return importlib.util.find_spec(_ENTRIES[name].module) is not None


@functools.cache
def load(name: str) -> Competitor:
    """Import a competitor and register the workloads' classes with it, once per process.

    Raises:
        MissingCompetitorError: when it is not installed, broken or too old.
    """
    entry = _ENTRIES[name]
    if name in _OURS:  # their failures are ours, and shown whole
        return entry.make()
    if not is_installed(name):
        raise MissingCompetitorError(
            f"{name} is not installed: run `pip install {shlex.quote(entry.distribution)}`"
        )
    try:
        return entry.make()
    except (ImportError, AttributeError) as error:  # a broken or a too old installation
        raise MissingCompetitorError(
            f"{name} is installed, but cannot be used ({error}): "
            f"run `pip install --upgrade --force-reinstall {shlex.quote(entry.distribution)}`"
        ) from error
