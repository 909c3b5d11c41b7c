from __future__ import annotations

import pytest

from leafwise.examples import custom_nodes, jax_training, linear_regression, mlp


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
