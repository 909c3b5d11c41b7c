"""From times to the numbers that are reported."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Ratio:
    """How many times faster leafwise is, with the quartiles of the rounds around the median."""

    median: float
    low: float
    high: float

    @property
    def spread(self) -> float:
        """Half the distance between the quartiles, as a part of the median."""
        return (self.high - self.low) / 2 / self.median


def is_loss(ratio: float) -> bool:
    """Tell whether leafwise is slower, in the two digits that are shown."""
    return round(ratio, 2) < 1


def ratio(times: Sequence[float], subject_times: Sequence[float]) -> Ratio:
    """Compare round by round, so that a machine that slows down slows both sides."""
    ratios = [time / subject_time for time, subject_time in zip(times, subject_times, strict=True)]
    if len(ratios) == 1:
        return Ratio(ratios[0], ratios[0], ratios[0])
    low, median, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return Ratio(median, low, high)


def geometric_mean(values: Sequence[float]) -> float:
    """Return the mean that treats twice as fast and half as fast alike."""
    return statistics.geometric_mean(values)
