"""The machine that the numbers come from."""

from __future__ import annotations

import os
import platform
import re
from datetime import datetime, timezone
from pathlib import Path


def describe_machine() -> dict[str, str]:
    """Return processor, operating system and interpreter, and the time of the run."""
    return {
        "cpu": _cpu_model(),
        "cpus": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "compiler": platform.python_compiler(),
        "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }


def _cpu_model() -> str:
    try:
        description = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        description = ""
    model = re.search(r"^model name\s*:\s*(.+)$", description, re.MULTILINE)
    return model[1].strip() if model else platform.processor() or platform.machine()
