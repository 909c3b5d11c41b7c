"""The command line of `python -m bench`."""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from rich.console import Console

from bench import earlier
from bench.changes import print_changes
from bench.competitors import (
    BASELINE,
    BY_HAND,
    PEERS,
    SUBJECT,
    Competitor,
    MissingCompetitorError,
    load,
)
from bench.listing import UNBROKEN_WIDTH, print_list
from bench.machine import describe_machine
from bench.memory import MemoryReport, measure_peaks, print_peaks
from bench.plans import EVERYTHING, MEASUREMENTS, no_part_of_by_hand, plan
from bench.results import NORMAL, QUICK, Cell, Report
from bench.selection import split, unknown
from bench.tables import TEXT_WIDTH, paper_width, print_differences, print_report

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ALL = "all"
ANSWERS_AGREE = 0
ANSWERS_DIFFER = 1
NOT_THERE = 2
INTERRUPTED = 130


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark with these arguments and return the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        if options.list:
            _check_alone(options, parser)
            print_list(_console(UNBROKEN_WIDTH))
            return ANSWERS_AGREE
        _check_outputs(options.json, options.plot)
        path: Path | None = options.compare
        compared = None if path is None else (path, earlier.read(path))
        competitors = _competitors(options.against)
        if options.measure == "memory":
            return _run_memory(competitors, options)
        chosen = plan(
            options.measure, options.workloads, options.operations, competitors, options.quick
        )
    except (ValueError, OSError, MissingCompetitorError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return NOT_THERE
    _print_left_out(chosen.left_out)
    settings = QUICK if options.quick else NORMAL
    if options.rounds is not None:
        settings = dataclasses.replace(
            settings, rounds=options.rounds, least_rounds=min(options.rounds, settings.least_rounds)
        )

    cells: list[Cell] = []
    interrupted = False
    try:
        for finished in chosen.cells(settings):
            cells.extend(finished)
    except KeyboardInterrupt:
        interrupted = True
    report = Report(
        machine=describe_machine(),
        versions={each.name: each.version for each in chosen.competitors},
        configurations={each.name: each.configuration for each in chosen.competitors},
        descriptions={each.name: each.description for each in chosen.operations},
        turn=chosen.turn(settings),
        settings=settings,
        cells=cells,
    )
    if cells:
        _publish(report, options.json, options.plot)
        if compared is not None:
            _publish_changes(report, *compared)
    if interrupted:
        print("interrupted: only what was finished is reported", file=sys.stderr)
        return INTERRUPTED
    return ANSWERS_DIFFER if report.differences() else ANSWERS_AGREE


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong as it is said of names and files."""
        self.exit(NOT_THERE, f"bench: {message}; see --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m bench",
        description="Time leafwise against leafwise.reference and other tree libraries. "
        "All answers are compared first.",
        epilog="Exit status: 0 all answers agree, 1 one differs, 2 something asked for is "
        "missing, 130 interrupted.",
    )
    parser.add_argument(
        "--against",
        metavar="NAMES",
        default="",
        help=f"also measure these, separated by commas: {', '.join((*PEERS, BY_HAND))}; "
        f"or {ALL}: those that are there",
    )
    parser.add_argument(
        "--measure",
        choices=MEASUREMENTS,
        default="calls",
        help="; ".join(f"{name}: {what}" for name, what in MEASUREMENTS.items()),
    )
    parser.add_argument(
        "--workloads", metavar="NAMES", default=EVERYTHING, help="only these (names or patterns)"
    )
    parser.add_argument(
        "--operations", metavar="NAMES", default=EVERYTHING, help="only these (names or patterns)"
    )
    parser.add_argument(
        "--list", action="store_true", help="list what can be measured, and against what"
    )
    parser.add_argument("--quick", action="store_true", help="a short run, with less exact numbers")
    parser.add_argument("--rounds", metavar="N", type=_at_least_one, help="rounds per row, at most")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write all numbers to a file")
    parser.add_argument(
        "--compare",
        metavar="OLD.json",
        type=Path,
        help="say what has changed since a run that --json wrote",
    )
    parser.add_argument(
        "--plot", metavar="FILE", type=Path, help="draw the ratios (.png, .svg, .pdf ...)"
    )
    return parser


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, got {text!r}")
    return int(text)


def _check_alone(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    given = [name for name, value in vars(options).items() if value != parser.get_default(name)]
    if given != ["list"]:
        others = ", ".join(f"--{name}" for name in given if name != "list")
        raise ValueError(f"--list takes no other options, got {others}")


def _print_left_out(reasons: Iterable[str]) -> None:
    for reason in reasons:
        print(f"left out: {reason}", file=sys.stderr)


def _check_outputs(json_path: Path | None, plot_path: Path | None) -> None:
    """Find out before the long run, not after it, that a file cannot be written."""
    for path in (json_path, plot_path):
        if path is not None and path.is_dir():
            raise ValueError(f"{path} is a folder: expected the name of a file")
        if path is not None and not path.absolute().parent.is_dir():
            raise ValueError(f"there is no folder {path.absolute().parent} to write to")
    if plot_path is None:
        return
    if importlib.util.find_spec("matplotlib") is None:
        raise ValueError('--plot needs matplotlib: run `pip install ".[bench]"`')
    from bench.plot import formats

    if plot_path.suffix[1:].lower() not in formats():
        raise ValueError(f"no pictures end in {plot_path.suffix!r}: expected one of {formats()}")


def _competitors(against: str) -> list[Competitor]:
    names = split(against)
    for name in names:
        if name not in (*PEERS, BY_HAND, ALL, BASELINE):
            raise ValueError(unknown(name, [*PEERS, BY_HAND, ALL], "competitor"))
    competitors = [load(SUBJECT), load(BASELINE)]
    missing = []
    for name in (*PEERS, BY_HAND):
        if name in names or ALL in names:
            try:
                competitors.append(load(name))
            except MissingCompetitorError as error:
                if name in names:
                    missing.append(str(error))
                else:
                    _print_left_out([str(error)])
    if missing:
        raise ValueError("; ".join(missing))
    return competitors


def _run_memory(competitors: Sequence[Competitor], options: argparse.Namespace) -> int:
    if (options.workloads, options.operations) != (EVERYTHING, EVERYTHING) or options.plot:
        raise ValueError("--measure memory takes neither workloads, nor operations, nor a plot")
    if options.compare is not None:
        raise ValueError("--measure memory compares with no earlier run")
    _print_left_out(no_part_of_by_hand("memory", competitors))
    versions = {each.name: each.version for each in competitors if each.name != BY_HAND}
    report = MemoryReport(describe_machine(), versions, measure_peaks(competitors))
    if options.json is not None:
        report.write_json(options.json)
        print(f"numbers written to {options.json}", file=sys.stderr)
    print_peaks(report, _console(TEXT_WIDTH))
    return ANSWERS_DIFFER if report.differences() else ANSWERS_AGREE


def _console(width: int) -> Console:
    """Return the terminal, or a file on which nothing is wider than this."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=width)


def _publish(report: Report, json_path: Path | None, plot_path: Path | None) -> None:
    """Write the files, then print: whatever becomes of the output, the files are there."""
    if json_path is not None:
        report.write_json(json_path)
        print(f"numbers written to {json_path}", file=sys.stderr)
    if plot_path is not None:
        from bench.plot import draw

        draw(report, plot_path)
        print(f"picture written to {plot_path}", file=sys.stderr)
    console = _console(paper_width(report))
    print_report(report, console)
    print_differences(report.differences(), console)


def _publish_changes(report: Report, path: Path, compared: earlier.Earlier) -> None:
    changes = earlier.changes(compared, report)
    print_changes(path, compared, report, changes, _console(TEXT_WIDTH))
