"""Tables that fit: each row on one line where the console is wide enough, otherwise on two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

# Between two columns there is this and rich's divider, a blank.
PADDING = 1


@dataclass(frozen=True)
class Entry:
    """What a table says in one place, and the detail that goes beside or under it."""

    main: str
    detail: str = ""
    style: str = ""


@dataclass(frozen=True)
class Column:
    """A heading and the entries below it."""

    heading: str
    entries: Sequence[Entry]


def one_line_width(columns: Sequence[Column]) -> int:
    """Return how wide a table is with one line per row."""
    return _width([_lines(column, one_line=True) for column in columns])


def print_table(title: str, columns: Sequence[Column], console: Console, fixed: int) -> None:
    """Print a table in the widest layout that the console has room for.

    Where even two lines per row do not fit, the columns are spread over several tables, of which
    each repeats the first `fixed` columns.
    """
    console.print()
    console.print(Text(title, style="bold"))
    one_line = one_line_width(columns) <= console.width
    lines = [_lines(column, one_line) for column in columns]
    repeated, others = lines[:fixed], lines[fixed:]
    while others:
        fitting = 1
        while fitting < len(others) and _width(repeated + others[: fitting + 1]) <= console.width:
            fitting += 1
        console.print(_table(repeated + others[:fitting]))
        others = others[fitting:]
        if others:
            console.print()


def _table(columns: Sequence[Sequence[Text]]) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, PADDING, 0, 0),
        pad_edge=False,
        show_edge=False,
        header_style="bold",
    )
    for column in columns:
        table.add_column(column[0], no_wrap=True)
    for row in zip(*(column[1:] for column in columns), strict=True):
        table.add_row(*row)
    return table


def _lines(column: Column, one_line: bool) -> list[Text]:
    """Return the heading and the entries, with their parts aligned."""
    main_width = max(len(entry.main) for entry in column.entries)
    detail_width = max(len(entry.detail) for entry in column.entries)
    texts = [Text(column.heading)]
    for entry in column.entries:
        if one_line and detail_width:
            text = f"{entry.main:<{main_width}}  {entry.detail:>{detail_width}}"
        else:
            text = f"{entry.main}\n{entry.detail}" if entry.detail else entry.main
        texts.append(Text(text.rstrip(), style=entry.style))
    return texts


def _width(columns: Sequence[Sequence[Text]]) -> int:
    widths = [
        max(cell_len(line) for text in column for line in text.plain.splitlines())
        for column in columns
    ]
    return sum(widths) + (PADDING + 1) * len(widths)
