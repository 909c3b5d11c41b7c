from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bench import cli, importing, plans, scaling
from bench.competitors import BASELINE, BY_HAND, PEERS, SUBJECT, MissingCompetitorError, load
from bench.competitors.jax_dialect import JaxDialect
from bench.operations import OPERATIONS
from bench.workloads import WORKLOADS

TINY = ["--quick", "--rounds", "1", "--workloads", "leaf,mixed,ml*", "--operations", "leaves,map_1"]
PROJECT = Path(__file__).parents[2]
SORTS = ("dicts", "sequences", "mixed")


@pytest.fixture
def no_peers(monkeypatch):
    """Whatever is installed here: no peer can be loaded."""

    def load_ours(name):
        if name in PEERS:
            raise MissingCompetitorError(f"{name} is not installed: run `pip install {name}`")
        return load(name)

    monkeypatch.setattr(cli, "load", load_ours)


def test_list_names_everything(capsys):
    assert cli.run(["--list"]) == 0
    words = capsys.readouterr().out.split()
    for name in (
        *PEERS,
        BY_HAND,
        *plans.MEASUREMENTS,
        *(each.name for each in (*WORKLOADS, *OPERATIONS)),
    ):
        assert name in words


def test_list_says_what_goes_with_what(capsys):
    assert cli.run(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (cold,) = (line for line in lines if line.split()[:1] == ["cold"])
    assert "only with cold_dicts, cold_sequences, cold_mixed" in cold
    (cold_dicts,) = (line for line in lines if line.split()[:1] == ["cold_dicts"])
    assert "only for cold" in cold_dicts
    assert sum("only " in line for line in lines) == 4


def test_list_is_all_that_is_done(tmp_path, capsys):
    path = tmp_path / "found.json"
    assert cli.run(["--list", "--json", str(path), "--quick"]) == 2
    assert capsys.readouterr() == (
        "",
        "bench: --list takes no other options, got --quick, --json\n",
    )
    assert not path.exists()


def test_a_tiny_run_prints_and_writes_what_it_found(tmp_path, capsys):
    json_path, plot_path = tmp_path / "found.json", tmp_path / "found.png"
    assert cli.run([*TINY, "--json", str(json_path), "--plot", str(plot_path)]) == 0
    captured = capsys.readouterr()
    assert "leaves: tree -> leaves" in captured.out
    assert "summary: how many times faster" in captured.out
    assert str(json_path) in captured.err
    assert plot_path.read_bytes().startswith(b"\x89PNG")

    found = json.loads(json_path.read_text(encoding="utf-8"))
    assert list(found) == [
        "schema",
        "machine",
        "versions",
        "configurations",
        "descriptions",
        "settings",
        "rows",
        "summary",
    ]
    assert found["schema"] == 2
    assert set(found["machine"]) == {"cpu", "cpus", "system", "python", "compiler", "time"}
    assert list(found["versions"]) == list(found["configurations"]) == [SUBJECT, BASELINE]
    assert found["settings"] == {"rounds": 1, "least_rounds": 1, "stretch_ns": 500_000}
    assert [(row["operation"], row["workload"], row["competitor"]) for row in found["rows"]] == [
        (operation, workload, competitor)
        for operation in ("leaves", "map_1")
        for workload in ("leaf", "mixed", "mlp")
        for competitor in (SUBJECT, BASELINE)
    ]
    for row in found["rows"]:
        assert row["call"] in ("tree_leaves(tree)", "tree_map(f, tree)")
        assert row["calls_per_stretch"] >= 1
        assert row["rounds"] == 1
        assert 0 < row["min_ns"] <= row["median_ns"]
        assert (row["ratio"] is None) == (row["competitor"] == SUBJECT)
        assert row["difference"] is row["unsupported"] is row["note"] is None
    ratios = [row["ratio"] for row in found["rows"] if row["ratio"]]
    assert all(set(ratio) == {"median", "low", "high"} for ratio in ratios)
    assert [(each["operation"], each["competitor"]) for each in found["summary"]] == [
        ("leaves", BASELINE),
        ("map_1", BASELINE),
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--workloads", "transformr"],
            "unknown workload 'transformr' (did you mean transformer?)",
        ),
        (["--operations", "map"], "(did you mean map_1 or map_2 or map_3 or map_with_path?)"),
        (["--workloads", ","], "no workload given"),
        (["--operations", "leaves,sort*"], "unknown operation 'sort*'"),
        (["--workloads", "leaf", "--operations", "cold"], "cold cannot be done with leaf"),
        (["--measure", "scaling", "--workloads", "leaf"], "are for --measure calls only"),
        (["--against", "jex"], "unknown competitor 'jex' (did you mean jax?)"),
        (["--json", "no/such/folder/found.json"], "there is no folder"),
        (["--json", "."], ". is a folder: expected the name of a file"),
        (["--plot", "found.xyz"], "no pictures end in '.xyz': expected one of ['"),
    ],
)
def test_unknown_names_are_said_before_anything_runs(arguments, message, capsys):
    assert cli.run(arguments) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""


def test_peers_asked_for_by_name_must_be_there(no_peers, capsys):
    assert cli.run([*TINY, "--against", "jax,torch"]) == 2
    assert capsys.readouterr().err == (
        "bench: jax is not installed: run `pip install jax`; "
        "torch is not installed: run `pip install torch`\n"
    )


def test_all_takes_the_peers_that_work_and_says_which_do_not(no_peers, capsys):
    assert cli.run([*TINY, "--against", "all"]) == 0
    error = capsys.readouterr().err
    for name in PEERS:
        assert f"left out: {name} is not installed" in error


@pytest.mark.parametrize("name", ["found.png", "FOUND.PNG", "found.svg", "found.pdf"])
def test_pictures_that_can_be_drawn(name, tmp_path):
    pytest.importorskip("matplotlib")
    cli._check_outputs(None, tmp_path / name)


@pytest.mark.parametrize(
    ("workloads", "operations", "left_out"),
    [
        ("leaf", "leaves,cold", ["cold cannot be done with leaf"]),
        ("leaf,cold_*", "leaves", [f"cold_{what} is not for leaves" for what in SORTS]),
        ("leaf", "*", []),
        ("*", "hash", []),
    ],
)
def test_what_was_asked_for_and_cannot_be_done_is_said(
    workloads, operations, left_out, monkeypatch, capsys
):
    monkeypatch.setattr(plans, "measure", lambda rows, settings, step: iter(()))
    run = ["--quick", "--workloads", workloads, "--operations", operations]
    assert cli.run(run) == 0
    said = capsys.readouterr().err.splitlines()
    progress = [
        line for line in said if re.fullmatch(r"(comparing answers|timing): \d+ steps? \.{3}", line)
    ]
    assert len(progress) == 2
    assert [line for line in said if line not in progress] == [
        f"left out: {each}" for each in left_out
    ]


@pytest.mark.parametrize("what", ["imports", "scaling", "memory"])
def test_only_libraries_are_imported_scaled_and_weighed(what, monkeypatch, capsys):
    monkeypatch.setattr(plans.Imports, "cells", lambda self, settings: iter(()))
    monkeypatch.setattr(plans.Scaling, "cells", lambda self, settings: iter(()))
    monkeypatch.setattr(cli, "measure_peaks", lambda competitors: [])
    monkeypatch.setattr(cli, "print_peaks", lambda report, console: None)
    assert cli.run(["--measure", what, "--against", "by-hand"]) == 0
    assert capsys.readouterr().err == f"left out: by-hand has no part in --measure {what}\n"


def test_options_are_refused_as_names_are(capsys):
    with pytest.raises(SystemExit) as exit_:
        cli.run(["--verbose"])
    assert exit_.value.code == 2
    assert capsys.readouterr().err == "bench: unrecognized arguments: --verbose; see --help\n"


@pytest.mark.parametrize("rounds", ["0", "-1", "many", "1.5"])
def test_rounds_are_a_number(rounds, capsys):
    with pytest.raises(SystemExit) as exit_:
        cli.run(["--rounds", rounds])
    assert exit_.value.code == 2
    assert f"expected a number of at least 1, got '{rounds}'" in capsys.readouterr().err


def test_a_wrong_answer_is_reported_and_fails(monkeypatch, capsys):
    class Wrong(JaxDialect):
        name = SUBJECT
        configuration = "wrong on purpose"
        expressions = {**JaxDialect.expressions, "leaves": "tree_leaves(tree) * 2"}

        def __init__(self):
            self.calls, self.version = load(BASELINE).calls, "0"

    monkeypatch.setattr(cli, "load", lambda name: Wrong() if name == SUBJECT else load(name))
    assert cli.run(TINY) == 1
    output = capsys.readouterr().out
    assert "DIFFERENT ANSWER: leafwise, leaves, mlp: found other leaves or paths" in output
    assert "map_1: map a function over one tree" in output


def test_scaling_compares_with_a_copy_of_the_list(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(scaling, "QUICK_LEAVES", 100)
    path = tmp_path / "found.json"
    run = ["--quick", "--rounds", "1", "--measure", "scaling", "--json", str(path)]
    assert cli.run(run) == 0
    assert "list: flatten a list of n leaves" in capsys.readouterr().out
    rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
    assert [
        (row["operation"], row["workload"]) for row in rows if row["competitor"] == SUBJECT
    ] == [
        ("list", "n = 10"),
        ("list", "n = 100"),
        ("records", "n = 1"),
        ("records", "n = 16"),
    ]
    copies = [row for row in rows if row["competitor"] == "list(x)"]
    assert [row["call"] for row in copies] == ["list(tree)", "list(tree)", None, None]
    assert [bool(row["ratio"]) for row in copies] == [True, True, False, False]
    assert {row["competitor"] for row in rows} == {SUBJECT, "list(x)"}


def test_imports_are_measured_in_new_interpreters(tmp_path, monkeypatch, capsys):
    start = importing._start

    def start_by_another_clock(statement):
        """On a busy machine an import may take less time than none, which leaves a round out."""
        start(statement)
        return 10 if statement == "pass" else 13

    monkeypatch.setattr(importing, "_start", start_by_another_clock)
    path = tmp_path / "found.json"
    assert cli.run(["--measure", "imports", "--rounds", "2", "--quick", "--json", str(path)]) == 0
    assert "import: import in a new interpreter, above an empty one" in capsys.readouterr().out
    ours, reference = json.loads(path.read_text(encoding="utf-8"))["rows"]
    assert (ours["call"], reference["call"]) == ("import leafwise", "import leafwise.reference")
    assert ours["rounds"] == reference["rounds"] == 2
    assert ours["min_ns"] == ours["median_ns"] == reference["min_ns"] == 3
    assert reference["ratio"] == {"median": 1, "low": 1, "high": 1}


def test_an_interrupted_run_reports_what_was_finished(monkeypatch, capsys):
    measure = plans.measure

    def measure_two(*arguments):
        measured = measure(*arguments)
        yield next(measured)
        yield next(measured)
        measured.close()
        raise KeyboardInterrupt

    monkeypatch.setattr(plans, "measure", measure_two)
    assert cli.run(TINY) == 130
    captured = capsys.readouterr()
    assert "mixed" in captured.out
    assert "map_1" not in captured.out
    assert "interrupted" in captured.err


def test_it_runs_as_a_module():
    command = [sys.executable, "-m", "bench", "--list"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert "--workloads" in done.stdout


def test_without_rich_it_says_what_to_install():
    # -S hides the installed packages.
    command = [sys.executable, "-S", "-m", "bench", "--list"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert 'run `pip install ".[bench]"`' in done.stderr
    assert done.stdout == ""
