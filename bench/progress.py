"""Live progress on the terminal's standard error; elsewhere a line that says what is under way."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

# Told the title of the step that begins.
Step = Callable[[str], None]


@contextlib.contextmanager
def steps(activity: str, total: int) -> Iterator[Step]:
    """Show a bar of `total` steps while the block runs; the block calls the yielded function.

    The bar is drawn only between steps: a thread that draws would disturb the clock.
    """
    console = Console(stderr=True)
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[title]}", style="dim"),
        console=console,
        auto_refresh=False,
        transient=True,
        disable=not console.is_terminal,
    )
    if progress.disable:
        print(f"{activity}: {total} step{'s' if total > 1 else ''} ...", file=sys.stderr)
    with progress:
        task = progress.add_task(activity, total=total, title="")
        begun = 0

        def step(title: str) -> None:
            nonlocal begun
            progress.update(task, completed=begun, title=title, refresh=True)
            begun += 1

        yield step
