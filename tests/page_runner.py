"""Run the code of a page in Markdown: `python tests/page_runner.py README.md`.

All blocks of a page share their names. Those that import what is not installed are left out.
"""

from __future__ import annotations

import ast
import doctest
import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks_of(page: Path) -> list[tuple[int, str]]:
    """The blocks that are to be run, each with the number of the line it begins after."""
    text = page.read_text(encoding="utf-8")
    return [(text.count("\n", 0, found.start(1)), found[1]) for found in BLOCK.finditer(text)]


def needs(source: str) -> set[str]:
    """The packages that a piece of Python imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names.add(node.module)
    # leafwise.integrations.jax needs jax, but says so itself where it is used.
    return {name.partition(".")[0] for name in names}


def is_installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def run(page: Path) -> tuple[int, int]:
    """How many blocks were run, and how many examples in them failed."""
    module = sys.modules["page"] = ModuleType("page")  # where the classes of the page are at home
    names = vars(module)
    count = failed = 0
    for line, block in blocks_of(page):
        test = doctest.DocTestParser().get_doctest(block, {}, page.name, str(page), line)
        source = "".join(example.source for example in test.examples) or block
        if not all(map(is_installed, needs(source))):
            continue
        count += 1
        if not test.examples:
            exec(compile("\n" * line + block, str(page), "exec", dont_inherit=True), names)
            continue
        test.globs = names
        failed += doctest.DocTestRunner().run(test, clear_globs=False).failed
    return count, failed


if __name__ == "__main__":
    blocks, failures = run(Path(sys.argv[1]))
    print(f"{blocks} blocks, {failures} failures")
    sys.exit(failures > 0)
