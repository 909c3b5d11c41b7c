"""Times and ratios as short texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.summaries import Ratio

_UNITS = ((1e9, "s"), (1e6, "ms"), (1e3, "us"), (1.0, "ns"))


def format_ns(nanoseconds: float) -> str:
    """Write a time with three digits and a unit.

    >>> format_ns(29_040.0)
    '29.0 us'
    """
    # 999.6 ns is shown as 1.00 us, so the unit is chosen by the rounded number.
    rounded = float(f"{nanoseconds:.3g}")
    scale, unit = next((pair for pair in _UNITS if rounded >= pair[0]), _UNITS[-1])
    return f"{_three_digits(rounded / scale)} {unit}"


def format_ratio(ratio: float) -> str:
    """Write how many times faster.

    >>> format_ratio(8.123)
    '8.12x'
    """
    return f"{_three_digits(ratio)}x"


def format_spread(ratio: Ratio) -> str:
    """Write how far half of the rounds stray from the median.

    >>> format_spread(Ratio(2.0, 1.9, 2.1))
    '±5%'
    """
    return f"±{ratio.spread:.0%}"


def _three_digits(number: float) -> str:
    decimals = 2 if number < 9.995 else 1 if number < 99.95 else 0
    return f"{number:.{decimals}f}"
