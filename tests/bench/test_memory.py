from __future__ import annotations

import io
import json
import re
import subprocess

import pytest
from rich.console import Console

from bench import cli, memory
from bench.competitors import SUBJECT, load
from bench.memory import MemoryReport, Peak, measure_peaks, print_peaks, probe
from bench.memory_probe import list_bytes, peak_of


@pytest.fixture(scope="module")
def traced():
    """Skip where the C library cannot trace, and say why."""
    try:
        return probe(SUBJECT, "mixed")
    except subprocess.CalledProcessError as error:
        pytest.skip(f"memory cannot be traced here: {error.stderr}")


def test_the_peak_is_the_most_that_is_in_use_at_one_time():
    assert peak_of([
        "= Start\n",
        "@ libpython.so:(PyList_New+cd)[0x1833cd] + 0xa0 0x10\n",
        "@ [0x1] + 0xb0 0x20\n",  # 48 in use
        "@ [0x1] - 0xa0\n",
        "@ [0x1] - 0xc0\n",  # from before: not counted
        "@ [0x1] < 0xb0\n",
        "@ [0x1] > 0xd0 0x28\n",  # 40
        "@ [0x1] + 0xa0 0x4\n",  # 44
        "= End\n",
    ]) == 48  # fmt: skip


def test_blocks_of_python_and_of_cpp_are_counted(traced):
    # At the least a list of its leaves, the pair of it and the structure, and the structure.
    assert traced["leaves"] == 5
    assert 100 < traced["beyond_bytes"] < 10_000


def test_a_list_as_long_as_it_has_to_be():
    assert list_bytes(1000) - list_bytes(0) == 8000


def test_each_run_finds_the_same(traced):
    assert probe(SUBJECT, "mixed") == traced


def test_a_probe_that_fails_is_reported(traced, monkeypatch, capsys):
    class Broken:
        name = "no-such-library"
        version = "0"

        def why_not(self, workload, operation):
            return None

    monkeypatch.setattr(cli, "_competitors", lambda against: [load(SUBJECT), Broken()])
    monkeypatch.setattr(memory, "TREES", ("mixed",))
    assert cli.run(["--measure", "memory"]) == 1
    assert "no-such-library: KeyError" in capsys.readouterr().out


def test_where_nothing_can_be_traced_that_is_said(monkeypatch, capsys):
    monkeypatch.setattr(memory, "environment", lambda trace: {"MALLOC_TRACE": str(trace)})
    assert cli.run(["--measure", "memory"]) == 2
    assert "memory is traced by libc_malloc_debug.so.0 of glibc" in capsys.readouterr().err


def test_next_to_nothing_has_no_ratio():
    peaks = [Peak("list", SUBJECT, 0.03), Peak("list", "jax", 60.0)]
    report = MemoryReport(
        {"python": "CPython", "system": "Linux"}, {SUBJECT: "1.0", "jax": "1.0"}, peaks
    )
    stream = io.StringIO()
    print_peaks(report, Console(file=stream, width=100))
    assert re.search(r"^list +0\.0 B +60\.0 B$", stream.getvalue(), re.MULTILINE)


def test_the_report_is_printed_and_written(tmp_path):
    peaks = [
        Peak("records", SUBJECT, 40.0),
        Peak("records", "jax", 60.0),
        Peak("records", "torch", 20.0),
        Peak("records", "dm-tree", unsupported="no such call"),
    ]
    versions = {peak.competitor: "1.0" for peak in peaks}
    report = MemoryReport({"python": "CPython", "system": "Linux"}, versions, peaks)
    stream = io.StringIO()
    print_peaks(report, Console(file=stream, width=100))
    row = next(line for line in stream.getvalue().splitlines() if line.startswith("records"))
    assert row.split() == [
        "records",
        "40.0",
        "B",
        "1.50x",
        "60.0",
        "B",
        "0.50x",
        "20.0",
        "B",
        "-",
        "a",
    ]
    report.write_json(tmp_path / "found.json")
    found = json.loads((tmp_path / "found.json").read_text())
    assert [peak["bytes_per_leaf"] for peak in found["peaks"]] == [40.0, 60.0, 20.0, None]


def test_what_has_no_structure_takes_no_part(traced, monkeypatch):
    class Without:
        name = "without"

        def why_not(self, workload, operation):
            return f"no {operation.name}"

    monkeypatch.setattr(memory, "TREES", ("mixed",))
    assert measure_peaks([Without()]) == [Peak("mixed", "without", unsupported="no flatten")]
