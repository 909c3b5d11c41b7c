"""Memory runs out where C++ asks the system for it: MemoryError or the right answer.

`malloc` is replaced by one that fails when it is told to, in an interpreter of its own. The calls
are those of memory_calls.py; in test_no_memory.py, what Python hands out fails.
"""

from __future__ import annotations

import ctypes
import gc
import itertools
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import leafwise
from memory_calls import CALLS, outcome, shown

FAILING_MALLOC = """
#include <stddef.h>
extern void* __libc_malloc(size_t);
static long calls_left = -1;
static int lasts = 0;
static long failures = 0;
void fail_at(long call, int and_later) { calls_left = call; lasts = and_later; failures = 0; }
long failures_since(void) { calls_left = -1; return failures; }
void* malloc(size_t size) {
  if (calls_left > 0 && --calls_left == 0) {
    calls_left = lasts;
    ++failures;
    return NULL;
  }
  return __libc_malloc(size);
}
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="malloc is replaced as in glibc")
@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
@pytest.mark.skipif("LD_PRELOAD" in os.environ, reason="a sanitizer replaces malloc, too")
def test_each_allocation_of_the_system(tmp_path: Path) -> None:
    source, library = tmp_path / "failing_malloc.c", tmp_path / "failing_malloc.so"
    source.write_text(FAILING_MALLOC)
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", library, source], check=True)
    result = subprocess.run(
        [sys.executable, "-X", "faulthandler", __file__, library],
        env={**os.environ, "LD_PRELOAD": str(library)},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert result.returncode == 0, (result.stdout + result.stderr)[-4000:]
    assert result.stdout.splitlines()[-1] == "all answered"


def without_memory(
    malloc: ctypes.CDLL, call: Callable[..., Any], arguments: Any, at: int, lasts: bool
) -> Any:
    """The result and the error where the allocation of this number fails, and if there was one.

    All that follow fail as well, if it `lasts`.
    """
    result = error = None
    malloc.fail_at(at, lasts)
    try:
        result = call(*arguments)
    except (MemoryError, ValueError) as raised:
        error = raised
    return result, error, malloc.failures_since()


def main(library: str) -> None:
    malloc = ctypes.CDLL(library)
    # The first exception of C++ in a thread makes glibc abort where there is no memory at all.
    outcome(*CALLS["flatten_up_to, other"])
    total = 0
    for name, (call, arguments) in CALLS.items():
        expected = outcome(call, arguments)
        memory_errors = 0
        for remembered, lasts in itertools.product((True, False), repeat=2):
            at = failed = 1
            while failed:
                if not remembered:
                    leafwise.clear_cache()
                gc.disable()
                result, error, failed = without_memory(malloc, call, arguments, at, lasts)
                gc.enable()
                at += 1
                if isinstance(error, MemoryError):
                    memory_errors += 1
                    continue
                found = str(error) if error is not None else shown(result)
                assert found == expected, (name, remembered, lasts, at, found)
            assert outcome(call, arguments) == expected, name
        print(f"{name}: {memory_errors} times MemoryError", flush=True)
        total += memory_errors
    assert total > 1000, total
    print("all answered")


if __name__ == "__main__":
    main(sys.argv[1])
