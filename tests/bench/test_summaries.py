from __future__ import annotations

import pytest

from bench.formats import format_ns, format_ratio, format_spread
from bench.summaries import Ratio, geometric_mean, is_loss, ratio


def test_ratio_is_the_median_of_the_ratios_of_the_rounds():
    # The machine is ten times slower in the second half, which cancels.
    found = ratio([200, 210, 1900, 2000, 2100], [100, 100, 1000, 1000, 1000])
    assert found.median == pytest.approx(2.0)
    assert (found.low, found.high) == (pytest.approx(2.0), pytest.approx(2.1))


def test_ratio_of_one_round_has_no_spread():
    assert ratio([30.0], [10.0]) == Ratio(3.0, 3.0, 3.0)
    assert ratio([30.0], [10.0]).spread == 0


def test_ratio_needs_the_same_rounds():
    with pytest.raises(ValueError, match="longer"):
        ratio([1.0], [1.0, 2.0])


def test_spread_is_relative():
    assert Ratio(4.0, 3.8, 4.2).spread == pytest.approx(0.05)


def test_geometric_mean_treats_gain_and_loss_alike():
    assert geometric_mean([0.5, 2.0, 8.0, 0.125]) == pytest.approx(1.0)


@pytest.mark.parametrize(("value", "loss"), [(0.5, True), (0.994, True), (0.996, False)])
def test_a_loss_is_what_is_shown_as_less_than_one(value, loss):
    assert is_loss(value) is loss


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0.5, "0.50 ns"),
        (59.04, "59.0 ns"),
        (999.4, "999 ns"),
        (999.6, "1.00 us"),
        (29_040, "29.0 us"),
        (1_670_000, "1.67 ms"),
        (2.5e9, "2.50 s"),
    ],
)
def test_times_have_three_digits_and_a_unit(nanoseconds, text):
    assert format_ns(nanoseconds) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.083, "0.08x"), (1, "1.00x"), (9.996, "10.0x"), (123.4, "123x")]
)
def test_ratios_are_short(value, text):
    assert format_ratio(value) == text


def test_spread_is_a_percentage():
    assert format_spread(Ratio(2.0, 1.9, 2.1)) == "±5%"
