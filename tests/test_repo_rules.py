"""Rules of the sources: layers, sizes, who touches reference counts, stubs."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

import leafwise

ROOT = Path(__file__).resolve().parent.parent
CSRC = ROOT / "csrc"
SOURCES = sorted(path for path in CSRC.rglob("*") if path.suffix in (".h", ".cpp"))
PYTHON = sorted((ROOT / "python" / "leafwise").rglob("*.py"))
LAYERS = ["cpython", "kinds", "core", "binding"]

MAX_LINES = 400
MAX_FUNCTION_LINES = 80


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def code_of(path: Path) -> str:
    """The source without comments and string contents; lines keep their numbers."""

    def blank(match: re.Match[str]) -> str:
        return '""' if match[0].startswith('"') else "\n" * match[0].count("\n")

    text = path.read_text()
    return re.sub(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/', blank, text, flags=re.DOTALL)


def test_there_are_sources_in_each_layer() -> None:
    assert {path.relative_to(CSRC).parts[0] for path in SOURCES} == set(LAYERS)


@pytest.mark.parametrize("path", [*SOURCES, *PYTHON], ids=name_of)
def test_files_are_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MAX_LINES


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_functions_are_short(path: Path) -> None:
    """A body ends at the first line that begins with its closing brace, as clang-format has it."""
    start: dict[int, int] = {}
    for number, line in enumerate(code_of(path).splitlines(), 1):
        indent = len(line) - len(line.lstrip())
        if line.endswith("{") and ("(" in line or ")" in line) and indent <= 2:
            start[indent] = number
        elif line.strip().startswith("}") and indent in start:
            length = number - start.pop(indent)
            assert length <= MAX_FUNCTION_LINES, f"{name_of(path)}:{number - length}"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_layers_include_downwards_only(path: Path) -> None:
    layer = LAYERS.index(path.relative_to(CSRC).parts[0])
    for included in re.findall(r'^#include "([^"]+)"', path.read_text(), flags=re.MULTILINE):
        folder = included.split("/")[0] if "/" in included else path.parent.name
        assert folder in LAYERS, included
        assert LAYERS.index(folder) <= layer, included


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_who_may_use_what(path: Path) -> None:
    folder = path.relative_to(CSRC).parts[0]
    if folder != "binding":
        assert "pybind11" not in path.read_text()
    if folder != "cpython":
        counting = (
            r"\bPy_X?(?:INCREF|DECREF|SETREF|NewRef)\b|\bPy_CLEAR\b|\bPy_(?:Inc|Dec)Ref\b"
            r"|\b_Py_(?:Inc|Dec)\w*|\b(?:inc|dec)_ref\b|\bPy_SET_REFCNT\b"
        )
        assert re.findall(counting, code_of(path)) == []


LEAVING = re.compile(
    r"Py_LeaveRecursiveCall|Py_ReprLeave|PyCriticalSection_End|PyMutex_Unlock|PyGC_Enable"
    r"|PyEval_RestoreThread|PyGILState_Release|Py_END_\w+|PyThread_release_lock"
)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_what_is_entered_is_left_by_an_object(path: Path) -> None:
    """By its destructor, or, for a pause, constructor: no `return` or exception gets between."""
    lines = code_of(path).splitlines()
    for number, line in enumerate(lines):
        if LEAVING.search(line):
            # As clang-format has it: functions begin at the margin, those in a class at two spaces.
            before = lines[: number + 1]
            head = [text for text in before if re.match(r"[^\s}#]", text)][-1]
            if head.startswith(("class", "struct")):
                head = [text for text in before if re.match(r"  [^\s}]", text)][-1]
            assert re.search(r"~|\b(\w+)::\1\(", head), f"{name_of(path)}:{number + 1}"


def test_that_rule_looks_at_something() -> None:
    assert sum(len(LEAVING.findall(code_of(path))) for path in SOURCES) >= 4


def test_there_is_one_switch() -> None:
    found = [path for path in SOURCES for _ in re.findall(r"\bswitch\s*\(", code_of(path))]
    assert len(found) == 1, found
    assert found[0].parent.name == "kinds"


def calls_of(path: Path, name: str) -> list[ast.Call]:
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    return [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == name]


@pytest.mark.parametrize("path", PYTHON, ids=name_of)
def test_no_tuple_is_seen_half_made(path: Path) -> None:
    """Where it is made of a generator, code that runs meanwhile finds it by `gc.get_objects()`."""
    calls = calls_of(path, "tuple")
    assert [
        call for call in calls if any(isinstance(arg, ast.GeneratorExp) for arg in call.args)
    ] == []


def test_nothing_is_left_to_do() -> None:
    texts = [*SOURCES, *PYTHON, *(ROOT / "tests").rglob("test_*.py")]
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!\|)")
    assert [
        name_of(path) for path in texts if path != Path(__file__) and marks.search(path.read_text())
    ] == []


def test_the_stub_names_what_the_module_has() -> None:
    """By names only: `nox -s types` compares the signatures as well."""
    core = importlib.import_module("leafwise._core")
    stub = ast.parse((ROOT / "python" / "leafwise" / "_core.pyi").read_text())
    declared: set[str] = set()
    for node in stub.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            declared.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            declared.add(node.target.id)
    private = {name for name in declared if name.startswith("_") and not name.startswith("__")}
    present = {name for name in vars(core) if not name.startswith("_")}
    assert declared - private - {"__version__"} == present - {"annotations"}


def test_the_stub_names_the_members_of_the_types() -> None:
    core = importlib.import_module("leafwise._core")
    stub = ast.parse((ROOT / "python" / "leafwise" / "_core.pyi").read_text())
    for node in stub.body:
        if not isinstance(node, ast.ClassDef) or not hasattr(core, node.name):
            continue
        cls = getattr(core, node.name)
        declared = {
            item.name if isinstance(item, ast.FunctionDef) else item.target.id
            for item in node.body
            if isinstance(item, ast.FunctionDef)
            or (isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name))
        }
        members = {name for name in vars(cls) if not name.startswith("_")}
        assert members == {name for name in declared if not name.startswith("_")}, node.name


def test_only_the_init_file_re_exports() -> None:
    tree = ast.parse((ROOT / "python" / "leafwise" / "__init__.py").read_text())
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert set(functions) <= {"__getattr__", "__dir__", "_with_public_home"}
    assert [node.name for node in tree.body if isinstance(node, ast.ClassDef)] == []
    assert [name for name in leafwise.__all__ if not hasattr(leafwise, name)] == []
    assert sorted(leafwise.__all__) == sorted(set(leafwise.__all__))
