from __future__ import annotations

import pkgutil
import runpy

import pytest

from leafwise import examples
from leafwise.examples import custom_nodes, jax_training, linear_regression, mlp


def test_the_package_lists_its_programs(capsys) -> None:
    runpy.run_module("leafwise.examples", run_name="__main__")
    printed = capsys.readouterr().out
    names = {module.name for module in pkgutil.iter_modules(examples.__path__)} - {"__main__"}
    assert len(names) >= 4
    assert all(f"\n- `{name}`: " in printed for name in names)


@pytest.mark.parametrize("example", [custom_nodes, jax_training, linear_regression, mlp])
def test_arguments_are_explained_or_refused(example, capsys) -> None:
    with pytest.raises(SystemExit) as caught:
        example.main(["--help"])
    assert caught.value.code == 0
    assert "usage: " in capsys.readouterr().out
    with pytest.raises(SystemExit) as caught:
        example.main(["--unknown"])
    assert caught.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "unrecognized arguments: --unknown" in printed.err
