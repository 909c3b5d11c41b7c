from __future__ import annotations

from bench import importing
from bench.competitors import BASELINE, SUBJECT, load
from bench.results import QUICK, Report


def time_imports(monkeypatch, *starts):
    """Time the imports on a clock that says these nanoseconds: without and with, in turns."""
    times = iter(starts)
    monkeypatch.setattr(importing, "_start", lambda statement: next(times))
    monkeypatch.setattr(importing, "affordable_rounds", lambda paces, settings: 2)
    return importing.time_imports([load(SUBJECT), load(BASELINE)], QUICK)


def test_what_an_empty_interpreter_takes_is_taken_off(monkeypatch):
    found = time_imports(monkeypatch, *(0, 0), *(10, 13, 10, 13), *(20, 23, 20, 23))
    assert [(each.competitor, each.median_ns) for each in found] == [(SUBJECT, 3), (BASELINE, 3)]
    assert found[1].ratio is not None
    assert found[1].ratio.median == 1


def test_a_round_in_which_an_import_took_no_time_says_nothing(monkeypatch):
    found = time_imports(monkeypatch, *(0, 0), *(10, 13, 10, 13), *(90, 23, 20, 23))
    assert [(each.median_ns, each.rounds) for each in found] == [(3, 1), (3, 1)]


def test_a_machine_that_is_too_busy(monkeypatch):
    found = time_imports(monkeypatch, *(0, 0), *(99, 13, 10, 13), *(90, 23, 20, 23))
    assert [each.unsupported for each in found] == [importing.TOO_BUSY] * 2
    assert Report({}, {}, {}, {}, "", QUICK, found).summary() == []
