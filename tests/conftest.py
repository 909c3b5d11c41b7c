"""What the tests share: the two implementations behind one fixture, and how hypothesis runs.

A run tries the same random trees each time, so that it fails only for what was changed.
`--hypothesis-profile=long` tries many more, and others each time: the seed is printed in the
header, and with `--hypothesis-seed=N` the same trees come again. `--torture` does that, and what
else is done by the thousand (effort.py), for hours.
"""

from __future__ import annotations

import gc
import random
from types import ModuleType

import pytest
from hypothesis import HealthCheck, settings

from effort import Effort
from interpreter import makes_classes_immortal
from nodes import IMPLEMENTATIONS

settings.register_profile(
    "ci",
    max_examples=200,
    derandomize=False,
    print_blob=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("long", settings.get_profile("ci"), max_examples=5000)
settings.load_profile("ci")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--torture", action="store_true", help="go on for hours where it is possible")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    Effort.torture = config.option.torture
    if Effort.torture:
        config.option.hypothesis_profile = config.option.hypothesis_profile or "long"
        config.option.timeout = config.option.timeout or 0  # what takes hours is not stuck
    if config.option.hypothesis_seed is None:
        long = config.option.hypothesis_profile == "long"
        seed = random.SystemRandom().randrange(2**32) if long else 0
        config.option.hypothesis_seed = str(seed)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if makes_classes_immortal():
        items.sort(key=lambda item: item.get_closest_marker("collects_classes") is None)


def pytest_report_header(config: pytest.Config) -> str:
    profile = config.option.hypothesis_profile or "ci"
    return f"random trees: profile {profile}, --hypothesis-seed={config.option.hypothesis_seed}"


@pytest.fixture(params=list(IMPLEMENTATIONS), scope="session")
def lw(request: pytest.FixtureRequest) -> ModuleType:
    """The library under test: once the C++ core, once the plain-Python reference."""
    return IMPLEMENTATIONS[request.param]


@pytest.fixture(autouse=True, scope="module")
def quick_collections() -> None:
    """Keep the collector from what is there before a file's tests, which call it often."""
    gc.collect()
    gc.freeze()
