"""Importing leafwise is light: it brings in nothing that it does not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import leafwise
from interpreter import needs_plain_import

FORBIDDEN = [
    *("numpy", "jax", "jaxlib", "torch", "optree", "tree", "pybind11"),
    *("typing", "dataclasses", "inspect", "difflib", "textwrap", "re", "leafwise.reference"),
    *("collections", "functools", "operator", "types", "leafwise.mismatch", "leafwise.differing"),
]

IMPORT = f"""
import sys
before = set(sys.modules)
import leafwise
print(sorted((set(sys.modules) - before) & set({FORBIDDEN!r})))
"""

USE = """
import sys
before = set(sys.modules)
import leafwise
leaves, treedef = leafwise.tree_flatten({"a": [1, (2, None)]})
leafwise.tree_map(lambda x, y: x + y, treedef.unflatten(leaves), treedef.unflatten(leaves))
leafwise.tree_leaves(leaves, is_leaf=lambda node: node == 1)
leafwise.tree_leaves_with_path(leaves)
print(sorted((set(sys.modules) - before) & {"numpy", "jax", "torch", "optree"}))
"""


def run(script: str) -> str:
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    return result.stdout.strip()


@needs_plain_import
def test_import_brings_in_nothing_else() -> None:
    assert run(IMPORT) == "[]"


def test_use_brings_in_no_peer() -> None:
    assert run(USE) == "[]"


def test_the_reference_stands_alone() -> None:
    """Its source imports nothing of the package around it."""
    import ast

    import leafwise.reference

    found = []
    for path in Path(leafwise.reference.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                found.append("." * node.level + (node.module or ""))
    others = [name for name in found if not f"{name}.".startswith("leafwise.reference.")]
    assert others
    assert {name.split(".")[0] for name in others} <= sys.stdlib_module_names


def test_importing_from_many_threads() -> None:
    script = """
import threading
def load():
    import leafwise
    assert leafwise.tree_leaves([1, (2,)]) == [1, 2]
    done.append(1)
done = []
threads = [threading.Thread(target=load) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(done))
"""
    assert run(script) == "8"


def test_a_source_tree_says_that_it_is_not_built(tmp_path: Path) -> None:
    package = tmp_path / "leafwise"
    package.mkdir()
    for path in Path(leafwise.__file__).parent.glob("*.py"):
        (package / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    script = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import leafwise"
    # Without site-packages, where it is installed.
    command = [sys.executable, "-I", "-S", "-c", script]
    result = subprocess.run(command, capture_output=True, text=True)
    message = result.stderr.strip().splitlines()[-1]
    assert message.startswith(f"ImportError: leafwise has no C++ core in {package}: ")
    assert "pip install ." in message
