"""The libraries that are measured, each behind one adapter that knows its natural calls."""

from __future__ import annotations

from bench.competitors.catalogue import (
    BASELINE,
    BY_HAND,
    PEERS,
    SUBJECT,
    MissingCompetitorError,
    is_installed,
    load,
)
from bench.competitors.competitor import Call, Competitor, Inputs

__all__ = [
    "BASELINE",
    "BY_HAND",
    "PEERS",
    "SUBJECT",
    "Call",
    "Competitor",
    "Inputs",
    "MissingCompetitorError",
    "is_installed",
    "load",
]
