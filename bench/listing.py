"""`--list`: what can be measured, and against what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from bench.competitors import BY_HAND, PEERS, is_installed
from bench.operations import OPERATIONS
from bench.plans import MEASUREMENTS
from bench.workloads import WORKLOADS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console


def print_list(console: Console) -> None:
    """Print the names that the other options take."""
    _print_section("--measure", MEASUREMENTS.items(), console)
    _print_section("--workloads", ((each.name, each.description) for each in WORKLOADS), console)
    _print_section("--operations", ((each.name, each.description) for each in OPERATIONS), console)
    rivals = [(name, "installed" if is_installed(name) else "not installed") for name in PEERS]
    rivals.append((BY_HAND, "no library: code written for each tree"))
    _print_section("--against (leafwise.reference always)", rivals, console)


def _print_section(title: str, pairs: Iterable[tuple[str, str]], console: Console) -> None:
    table = Table.grid(padding=(0, 2))
    for name, description in pairs:
        table.add_row(Text(f"  {name}"), Text(description))
    console.print(Text(title, style="bold"))
    console.print(table)
