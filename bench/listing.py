"""`--list`: what can be measured, and against what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from bench.competitors import BY_HAND, PEERS, is_installed
from bench.operations import OPERATIONS, Operation
from bench.plans import MEASUREMENTS
from bench.workloads import WORKLOADS, Workload

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

# No line of the list is longer.
UNBROKEN_WIDTH = 160


def print_list(console: Console) -> None:
    """Print the names that the other options take."""
    _print_section("--measure", MEASUREMENTS.items(), console)
    _print_section("--workloads", map(_workload, WORKLOADS), console)
    _print_section("--operations", map(_operation, OPERATIONS), console)
    rivals = [(name, "installed" if is_installed(name) else "not installed") for name in PEERS]
    rivals.append((BY_HAND, "no library: code written for each tree"))
    _print_section("--against (leafwise.reference always)", rivals, console)


def _workload(workload: Workload) -> tuple[str, str]:
    fitting = [each.name for each in OPERATIONS if workload.fits(each)]
    return workload.name, workload.description + _only("for", fitting, len(OPERATIONS))


def _operation(operation: Operation) -> tuple[str, str]:
    fitting = [each.name for each in WORKLOADS if each.fits(operation)]
    return operation.name, operation.description + _only("with", fitting, len(WORKLOADS))


def _only(preposition: str, fitting: Sequence[str], all_there_are: int) -> str:
    """Name what fits, where that is less than half of what there is."""
    return f"; only {preposition} {', '.join(fitting)}" if len(fitting) * 2 < all_there_are else ""


def _print_section(title: str, pairs: Iterable[tuple[str, str]], console: Console) -> None:
    table = Table.grid(padding=(0, 2))
    for name, description in pairs:
        table.add_row(Text(f"  {name}"), Text(description))
    console.print(Text(title, style="bold"))
    console.print(table)
