"""Prints the path of one usable CPython for each minor version from 3.10 up but the running one.

A name on PATH proves nothing: version managers put stand-ins there that fail when they are run.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# Says (version, path) of an interpreter, or fails where it cannot serve: not CPython, a version
# that libraries have no wheels for yet, a build without GIL, no headers to compile against.
DESCRIBE = """
import os, platform, sys, sysconfig
assert platform.python_implementation() == "CPython"
assert sys.version_info >= (3, 10) and sys.version_info.releaselevel == "final"
assert not sysconfig.get_config_var("Py_GIL_DISABLED")
assert os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h"))
print(sys.version_info.minor, sys.executable)
"""


def describe(command: str) -> tuple[int, str] | None:
    """The minor version and the path of the interpreter that this command runs, if it is usable."""
    try:
        done = subprocess.run(
            [command, "-I", "-c", DESCRIBE], capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode != 0:
        return None
    minor, path = done.stdout.strip().split(" ", 1)
    return int(minor), path


def main() -> None:
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    commands = [f"python3.{minor}" for minor in range(10, 30)]
    commands += sorted(str(path) for path in pyenv.glob("versions/*/bin/python3"))
    found: dict[int, str] = {}
    for minor, path in filter(None, map(describe, commands)):
        found.setdefault(minor, path)
    found.pop(sys.version_info.minor, None)
    for _, path in sorted(found.items()):
        print(path)


main()
