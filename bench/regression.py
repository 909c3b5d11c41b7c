"""`python -m bench.regression`: fails when an operation takes more instructions than it did.

Times tell nothing on a machine that is shared. How many instructions the processor executes is the
same each time, to one in a thousand, but it depends on the interpreter and the compiler. So what is
compared is how many times more of them the reference takes, in the same run: it runs on the same
interpreter. `floors.json` says what that has to be at least, row by row.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench.instructions import MARK, operations, workloads

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

FLOORS = Path(__file__).with_name("floors.json")
PROJECT = Path(__file__).parents[1]
# Floors are this far below the lowest that was counted with any of several interpreters. A call
# that compares but a pointer is so short that they differ more; it must not look at the tree.
MARGIN = 0.05
MARGIN_OF_SHORT = 0.5
SHORT = ("equal, ", "hash, ")

# By row, `operation, workload`: how many times more instructions the reference takes.
Ratios = dict[str, float]


def main(arguments: Sequence[str] | None = None) -> int:
    """Count, print what is below its floor, and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.regression",
        description="Compare the instructions that leafwise takes with those of the reference.",
    )
    changes = parser.add_mutually_exclusive_group()
    changes.add_argument("--write", action="store_true", help="make new floors of what is counted")
    changes.add_argument(
        "--lower", action="store_true", help="lower the floors that this interpreter cannot reach"
    )
    options = parser.parse_args(arguments)
    try:
        ratios = count_ratios()
    except FileNotFoundError as error:
        print(f"bench.regression: {error}", file=sys.stderr)
        return 2
    if options.write or options.lower:
        known = {} if options.write else _read_floors()
        FLOORS.write_text(json.dumps(floors_of(ratios, known), indent=1) + "\n", encoding="utf-8")
        print(f"{FLOORS} is written")
        return 0
    floors = _read_floors()
    problems = compare(ratios, floors)
    for problem in problems:
        print(problem)
    closest = min(ratios.keys() & floors.keys(), key=lambda row: ratios[row] / floors[row])
    print(
        f"{len(ratios)} rows counted, {len(problems)} problems; closest to its floor: {closest} "
        f"({ratios[closest]:.2f}, floor {floors[closest]:.2f})"
    )
    return 1 if problems else 0


def _read_floors() -> Ratios:
    floors: Ratios = json.loads(FLOORS.read_text(encoding="utf-8"))
    return floors


def floors_of(ratios: Mapping[str, float], known: Mapping[str, float]) -> Ratios:
    """Return the floor of each row: some way below its ratio, or the one known if that is lower."""
    floors = {}
    for row, ratio in ratios.items():
        margin = MARGIN_OF_SHORT if row.startswith(SHORT) else MARGIN
        floors[row] = min(round(ratio * (1 - margin), 2), known.get(row, ratio))
    return floors


def compare(ratios: Mapping[str, float], floors: Mapping[str, float]) -> list[str]:
    """Return what is wrong: rows below their floor, and rows that only one side knows."""
    problems = [
        f"{row}: the reference takes {ratios[row]:.2f} times the instructions, "
        f"which should be {floor:.2f} at least"
        for row, floor in floors.items()
        if row in ratios and ratios[row] < floor
    ]
    problems += [f"{row}: has no floor; run with --write" for row in ratios if row not in floors]
    problems += [f"{row}: is not counted any more" for row in floors if row not in ratios]
    return problems


def count_ratios() -> Ratios:
    """Run `bench.instructions` under callgrind.

    Raises:
        FileNotFoundError: when there is no valgrind.
    """
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        raise FileNotFoundError("valgrind is not there: run `apt-get install valgrind`")
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder) / "counts"
        command = [
            *(valgrind, "--quiet", "--tool=callgrind"),
            *(f"--dump-before={MARK}", f"--callgrind-out-file={counts}"),
            *(sys.executable, "-m", "bench.instructions"),
        ]
        # With the same hashes dicts have the same collisions.
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        subprocess.run(command, cwd=PROJECT, env=environment, check=True)
        return ratios_of(list(_totals(counts)))


def ratios_of(totals: Sequence[int]) -> Ratios:
    """Make ratios of the counts that were written down at the marks.

    There is a mark before and after each stretch, so every second count is that of a stretch. The
    first stretch has no call: what it takes is part of each of the others.
    """
    nothing, *counted = totals[1::2]
    names = [
        f"{operation.name}, {workload.name}"
        for workload in workloads()
        for operation in operations(workload)
    ]
    pairs = zip(names, counted[::2], counted[1::2], strict=True)
    return {name: (theirs - nothing) / (ours - nothing) for name, ours, theirs in pairs}


def _totals(counts: Path) -> Iterator[int]:
    """Yield the total of each file that callgrind has numbered."""
    for number in itertools.count(1):
        path = counts.with_name(f"{counts.name}.{number}")
        if not path.exists():
            return
        total = re.search(r"^(?:totals|summary): (\d+)", path.read_text(), re.MULTILINE)
        if total is None:
            raise ValueError(f"{path} has no total")
        yield int(total[1])


if __name__ == "__main__":
    sys.exit(main())
