from __future__ import annotations

import json

import pytest

from bench import cli, earlier, measuring
from bench.earlier import Change, Measured
from bench.summaries import Ratio

RUN = ["--quick", "--rounds", "3", "--workloads", "leaf,mixed", "--operations", "leaves,hash"]


def measured(ratio: float, spread: float, median_ns: float = 100.0) -> Measured:
    return Measured(median_ns, Ratio(ratio, ratio * (1 - spread), ratio * (1 + spread)))


@pytest.fixture(scope="module")
def old_run(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs" + 90 * "x") / "old.json"  # wider than a table
    assert cli.run([*RUN, "--json", str(path)]) == 0
    return path


def test_a_machine_that_is_half_as_fast_changes_nothing():
    change = Change("leaves", "leaf", measured(8, 0.05, 100), measured(8, 0.05, 200))
    assert change.ratio == 1
    assert not change.is_clear


@pytest.mark.parametrize(
    "before, after, is_clear",
    [
        (measured(10, 0.03), measured(10.5, 0.03), False),
        (measured(10, 0.03), measured(9.5, 0.03), False),
        (measured(10, 0.03), measured(12.8, 0.03), True),
        (measured(10, 0.03), measured(7.8, 0.03), True),
        (measured(10, 0.2), measured(12.8, 0.2), False),
        # Between two processes there is noise that neither of them sees.
        (measured(10, 0), measured(11.9, 0), False),
        (measured(10, 0), measured(8.3, 0), False),
        (measured(10, 0), measured(12.3, 0), True),
        (measured(10, 0), measured(8.1, 0), True),
    ],
)
def test_what_is_no_more_than_noise_is_said_to_be_noise(before, after, is_clear):
    change = Change("leaves", "leaf", before, after)
    assert change.ratio == pytest.approx(after.against_baseline.median / 10)
    assert change.is_clear is is_clear


def test_a_run_is_compared_row_by_row(old_run, capsys):
    assert cli.run([*RUN[:-1], "leaves", "--compare", str(old_run)]) == 0
    printed = capsys.readouterr().out
    assert f"compared with {old_run}" in printed
    assert "2 rows compared: " in printed
    assert "hash" not in printed.partition("compared with")[2]


@pytest.fixture
def steady_clock(monkeypatch):
    """Let each call of each competitor take 100 ns, whatever the machine does."""
    monkeypatch.setattr(measuring, "compile_loop", lambda call: lambda count: 100 * count)


@pytest.mark.usefixtures("steady_clock")
def test_what_is_faster_is_said_to_be(tmp_path, capsys):
    old_run = tmp_path / "old.json"
    assert cli.run([*RUN, "--json", str(old_run)]) == 0
    found = json.loads(old_run.read_text())
    for row in found["rows"]:
        if row["competitor"] == "reference" and row["operation"] == "leaves":
            row["ratio"] = {key: value / 2 for key, value in row["ratio"].items()}
    found["versions"]["leafwise"] = "0.0.1"
    old_run.write_text(json.dumps(found))
    assert cli.run([*RUN, "--compare", str(old_run)]) == 0
    printed = capsys.readouterr().out
    assert "leafwise was 0.0.1, is" in printed
    assert "4 rows compared: 2 clearly faster, 0 clearly slower, 2 within the noise" in printed


def test_nothing_in_common_is_said(old_run, capsys):
    assert cli.run([*RUN[:-1], "structure", "--compare", str(old_run)]) == 0
    assert "no row is in both runs" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("", "no file that --json wrote"),
        ("[]", "expected a run in schema 2, got something else"),
        ('{"schema": 1}', "expected a run in schema 2, got 1"),
        ('{"schema": 2}', "lacks 'machine'"),
        ('{"schema": 2, "machine": {}, "versions": {}, "rows": [{}]}', "lacks 'operation'"),
    ],
)
def test_what_is_no_run_is_refused_before_the_clock_starts(tmp_path, capsys, text, complaint):
    path = tmp_path / "old.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=complaint):
        earlier.read(path)
    assert cli.run([*RUN, "--compare", str(path)]) == cli.NOT_THERE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert str(path) in captured.err


def test_a_missing_file_is_named(tmp_path, capsys):
    assert cli.run([*RUN, "--compare", str(tmp_path / "none.json")]) == cli.NOT_THERE
    assert "there is no file" in capsys.readouterr().err
    assert cli.run(["--measure", "memory", "--compare", str(tmp_path / "none.json")]) == 2
