"""`python -m bench`."""

from __future__ import annotations

import importlib.util
import sys

NEEDED = ("leafwise", "rich", "numpy")


def main() -> int:
    """Run the command line, or say what to install first."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        print(
            f'bench needs {", ".join(missing)}: run `pip install ".[bench]"` in the project folder',
            file=sys.stderr,
        )
        return 2
    from bench.cli import run

    return run()


if __name__ == "__main__":
    sys.exit(main())
