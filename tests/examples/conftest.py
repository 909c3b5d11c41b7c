"""What the tests of the examples share: gradients by finite differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from leafwise import tree_map

NumericGradient = Callable[[Callable[[Any], float], Any], Any]


@pytest.fixture
def numeric_gradient() -> NumericGradient:
    """A function that returns the gradient of `loss` at `params` by central differences."""

    def gradient(loss: Callable[[Any], float], params: Any, step: float = 1e-6) -> Any:
        params = tree_map(np.copy, params)

        def partial_derivatives(array: np.ndarray) -> np.ndarray:
            result = np.empty_like(array)
            for index in np.ndindex(array.shape):
                value = array[index]
                array[index] = value + step
                above = loss(params)
                array[index] = value - step
                below = loss(params)
                array[index] = value
                result[index] = (above - below) / (2 * step)
            return result

        return tree_map(partial_derivatives, params)

    return gradient
