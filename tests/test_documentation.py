"""What README, CONTRIBUTING and docs/ say is true."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import leafwise
from leafwise import PyTreeMismatchError, tree_map
from page_runner import blocks_of, is_installed

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
WITH_CODE = [page for page in PAGES if blocks_of(page)]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PEERS = {
    "jax.tree_util": "jax.tree_util",
    "optree": "optree",
    "torch.utils._pytree": "torch.utils._pytree",
    "dm-tree": "tree",
}


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def test_there_are_pages_with_code() -> None:
    names = set(map(name_of, WITH_CODE))
    assert {"README.md", "docs/tutorial.md", "docs/howto/own-classes.md"} <= names


@pytest.mark.parametrize("page", WITH_CODE, ids=name_of)
def test_the_code_of_a_page_runs(page: Path) -> None:
    """In a process of its own: what a page registers or installs stays there."""
    runner = Path(__file__).with_name("page_runner.py")
    result = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", str(runner), str(page)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.search(r"\d+ blocks, 0 failures\n\Z", result.stdout)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http://", "https://", "#")):
            continue
        path = (page.parent / target.partition("#")[0]).resolve()
        assert path.exists(), f"{name_of(page)}: {target}"


def test_the_readme_shows_the_first_output_at_once() -> None:
    before, first, *_ = README.split("```")
    assert ">>>" in first
    assert len((before + first).splitlines()) < 20


def test_the_mismatch_error_is_the_one_shown() -> None:
    (shown,) = re.findall(r"```text\n(leafwise\.PyTreeMismatch.*?)\n```", README, re.DOTALL)
    params = {"w": [[1, 2], [3, 4]], "b": (5, None)}
    grads = {"w": [[1, 1], [1]], "b": (2, None)}
    with pytest.raises(PyTreeMismatchError) as raised:
        tree_map(lambda p, g: p - g, params, grads)
    assert shown == f"leafwise.PyTreeMismatchError: {raised.value}"


def names_table() -> list[list[list[str]]]:
    """README's table of names: for each line and library the names in backticks."""
    start = README.index("| leafwise |")
    lines = README[start : README.index("\n\n", start)].splitlines()
    assert [title.strip(" `") for title in lines[0].strip("|").split("|")] == [
        "leafwise",
        *("dm-tree, `tree" if name == "dm-tree" else name for name in PEERS),
    ]
    return [
        [re.findall(r"`(\w[\w.]*)", cell) for cell in line.strip("|").split("|")]
        for line in lines[2:]
    ]


@pytest.mark.parametrize("column", range(5), ids=["leafwise", *PEERS])
def test_the_names_in_the_readme_exist(column: int) -> None:
    module_name = ["leafwise", *PEERS.values()][column]
    if not is_installed(module_name.partition(".")[0]):
        pytest.skip(f"{module_name} is not installed")
    module = importlib.import_module(module_name)
    names = [name for line in names_table() for name in line[column]]
    assert len(names) >= 5
    for name in names:
        holder = leafwise.PyTreeDef if name.startswith("treedef.") else module
        assert hasattr(holder, name.rpartition(".")[2]), name


def test_the_reference_has_every_public_name_once() -> None:
    pages = [page.read_text(encoding="utf-8") for page in (ROOT / "docs/reference").glob("*.md")]
    documented = re.findall(
        r"^\.\. (?:autofunction|autoclass|py:data):: (\w+)$", "\n".join(pages), re.MULTILINE
    )
    assert sorted([*documented, "tree"]) == sorted(leafwise.__all__)


def test_the_reference_has_every_short_name() -> None:
    page = (ROOT / "docs/reference/modules.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\| `tree\.(\w+)` \| \{obj\}`leafwise\.(\w+)` \|$", page, re.MULTILINE)
    for name, function in shown:
        assert getattr(leafwise.tree, name) is getattr(leafwise, function)
    assert sorted([*(name for name, _ in shown), "static"]) == sorted(leafwise.tree.__all__)


def section(title: str) -> str:
    """A section of CONTRIBUTING.md, its line breaks taken out."""
    text = CONTRIBUTING.partition(f"## {title}\n")[2].partition("\n## ")[0]
    assert text, title
    return text


def sessions() -> set[str]:
    tree = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(each).startswith("nox.session") for each in node.decorator_list)
    }


def test_contributing_lists_the_sessions_of_nox() -> None:
    listed = re.findall(r"^\| `nox -s (\w+)", section("Checks"), re.MULTILINE)
    assert sorted(listed) == sorted(sessions())


def names_ordered_dict(path: Path) -> bool:
    """Whether its code, not only a text in it, is about the kind that the page follows."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        nodes = ast.walk(ast.parse(text))
        return any(isinstance(node, ast.Name) and node.id == "OrderedDict" for node in nodes)
    return re.search(r"\b(kOrderedDict|OrderedDictKind)\b", text) is not None


def test_the_page_on_kinds_names_all_places() -> None:
    named = re.findall(r"`((?:csrc|python|tests)/[\w/.]+)`", section("Add a kind of container"))
    assert [path for path in named if not (ROOT / path).is_file()] == []
    sources = [
        *(ROOT / "csrc").rglob("*.h"),
        *(ROOT / "csrc").rglob("*.cpp"),
        *(ROOT / "python/leafwise").rglob("*.py"),
        *(ROOT / "tests/fuzz").glob("*.py"),
        ROOT / "tests/strategies.py",
    ]
    places = {name_of(path) for path in sources if names_ordered_dict(path)}
    assert places <= set(named)
    assert len(places) >= 10


def test_the_page_on_kinds_names_what_a_kind_can_do() -> None:
    header = (ROOT / "csrc/kinds/dispatch.h").read_text(encoding="utf-8")
    listed = set(re.findall(r"^//   (?!\s)(\w+)\(", header, re.MULTILINE))
    for name in re.findall(r"`(open|match|read|build)`", section("Add a kind of container")):
        assert name in listed
    kinds = re.findall(r"^  (k\w+) = \d+,$", (ROOT / "csrc/kinds/kind.h").read_text(), re.MULTILINE)
    cases = re.findall(r"case Kind::(k\w+):", header)
    assert sorted(kinds) == sorted(cases)
