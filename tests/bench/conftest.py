"""What the tests of the benchmarks share."""

from __future__ import annotations

import pytest

from bench import workloads


@pytest.fixture
def short_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let streams be of a few trees: a run of the benchmarks itself checks the answers for all."""
    monkeypatch.setattr(workloads, "STREAM_SIZE", 60)
