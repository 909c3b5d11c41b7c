"""Footnotes of a table: each text once, with a letter."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console


class Footnotes:
    """Hands out letters for texts, and prints the texts under the table."""

    def __init__(self) -> None:
        """Start without footnotes."""
        self._letters: dict[str, str] = {}

    def mark(self, text: str) -> str:
        """Return the letter of a text, the same one for the same text."""
        number = len(self._letters)
        repeat, index = divmod(number, len(string.ascii_lowercase))
        return self._letters.setdefault(text, string.ascii_lowercase[index] * (repeat + 1))

    def print(self, console: Console) -> None:
        """Print the texts."""
        for text, letter in self._letters.items():
            console.print(Text(f" {letter}  {text}", style="dim"))
