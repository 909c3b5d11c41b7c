from __future__ import annotations

import json

import pytest

from bench import regression
from bench.competitors import Call
from bench.instructions import _count, calls, operations, workloads
from bench.regression import FLOORS, compare, floors_of, ratios_of
from bench.timing import compile_loop

NAMES = [
    f"{operation.name}, {workload.name}"
    for workload in workloads()
    for operation in operations(workload)
]


def test_every_row_has_a_floor():
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))
    assert list(floors) == NAMES
    assert all(floor > 1 for floor in floors.values())


def test_every_operation_is_counted():
    from bench.operations import OPERATIONS

    assert {name.split(",")[0] for name in NAMES} == {each.name for each in OPERATIONS}


def test_counts_between_marks_become_ratios():
    # At the marks: before the first, then between two of a stretch and between stretches in turn.
    stretches = [100, *(count for row in range(len(NAMES)) for count in (110, 130 + 10 * row))]
    totals = [count for stretch in stretches for count in (9999, stretch)]
    assert ratios_of([*totals, 5]) == {name: 3.0 + row for row, name in enumerate(NAMES)}
    with pytest.raises(ValueError, match="argument"):
        ratios_of([*totals, 9999, 110, 9999, 110])


def test_what_takes_more_instructions_is_found():
    floors = {"flatten, mixed": 40.0, "hash, mixed": 30.0}
    assert compare({"flatten, mixed": 40.0, "hash, mixed": 55.0}, floors) == []
    (problem,) = compare({"flatten, mixed": 39.9, "hash, mixed": 55.0}, floors)
    assert problem == (
        "flatten, mixed: the reference takes 39.90 times the instructions, "
        "which should be 40.00 at least"
    )


def test_rows_that_one_side_does_not_know_are_found():
    assert compare({"flatten, mixed": 50.0}, {"hash, mixed": 30.0}) == [
        "flatten, mixed: has no floor; run with --write",
        "hash, mixed: is not counted any more",
    ]


def test_floors_are_below_what_was_counted_and_only_go_down():
    counted = {"flatten, mixed": 40.0, "hash, mixed": 40.0}
    assert floors_of(counted, {}) == {"flatten, mixed": 38.0, "hash, mixed": 20.0}
    known = {"flatten, mixed": 30.0, "hash, mixed": 35.0}
    assert floors_of(counted, known) == {"flatten, mixed": 30.0, "hash, mixed": 20.0}


def test_a_stretch_is_as_many_calls_as_are_asked_for(monkeypatch):
    events = []
    monkeypatch.setattr("os.getppid", lambda: events.append("mark"))
    _count(compile_loop(Call("note(1)", {"note": events.append})), 3)
    assert events == ["mark", 1, 1, 1, "mark"]


def test_trees_of_a_stream_are_flattened_once():
    assert {
        calls(operation, workload)
        for workload in workloads()
        for operation in operations(workload)
        if workload.name.startswith("cold")
    } == {1}


@pytest.mark.parametrize(("slower", "status"), [(False, 0), (True, 1)])
def test_the_exit_status_tells(monkeypatch, capsys, slower, status):
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))
    counted = {row: floor * 1.1 for row, floor in floors.items()}
    if slower:
        counted["map_2, transformer"] *= 0.8
    monkeypatch.setattr(regression, "count_ratios", lambda: counted)
    assert regression.main([]) == status
    assert ("map_2, transformer: the reference takes" in capsys.readouterr().out) == slower


def test_floors_are_written_where_they_are_read(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(regression, "FLOORS", tmp_path / "floors.json")
    monkeypatch.setattr(regression, "count_ratios", lambda: {"flatten, mixed": 40.0})
    assert regression.main(["--write"]) == 0
    monkeypatch.setattr(regression, "count_ratios", lambda: {"flatten, mixed": 37.0})
    assert regression.main([]) == 1
    assert regression.main(["--lower"]) == 0
    assert regression.main([]) == 0


def test_without_valgrind_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    assert regression.main([]) == 2
    assert "apt-get install valgrind" in capsys.readouterr().err
