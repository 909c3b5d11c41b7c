"""The fuzzer: `nox -s fuzz`.

Without files, atheris makes inputs until one fails, which it writes to a file; the options are
libFuzzer's (`-max_total_time=60`), and folders to keep inputs in. Files of inputs are run instead,
and what they do is printed while they do it; this needs no atheris:

    PYTHONPATH=tests python -m fuzz crash-0123abcd
"""

from __future__ import annotations

import sys
from pathlib import Path


def replay(path: Path) -> None:
    from fuzz.one_input import run
    from leafwise.reference.errors import short_repr

    def note(text: str, *values: object) -> None:
        # At once, because a crash would take with it what is not written yet.
        print(text, *map(short_repr, values), flush=True)

    print(f"==== {path}", flush=True)
    run(path.read_bytes(), note)


def fuzz() -> None:
    import atheris

    # Branches of the Python code count as much as those of the core: the reference says what
    # cases there are.
    with atheris.instrument_imports(include=["leafwise"]):
        import leafwise
        import leafwise.reference  # noqa: F401
    from fuzz.one_input import report, run
    from fuzz.world import Difference

    def test_one_input(data: bytes) -> None:
        try:
            run(data)
        except Difference:
            print(report(data), flush=True)
            raise

    # Long inputs from the start: short ones end before anything is asked twice.
    options = ["-len_control=0", "-max_len=200", "-timeout=60", *sys.argv[1:]]
    atheris.Setup([sys.argv[0], *options], test_one_input)
    atheris.Fuzz()


files = [Path(argument) for argument in sys.argv[1:] if Path(argument).is_file()]
if files:
    for file in files:
        replay(file)
else:
    fuzz()
