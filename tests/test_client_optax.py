"""A client at work: optax trains models, once on jax's trees and once on leafwise's.

Before optax and flax are imported, every function and class of `jax.tree` and `jax.tree_util` that
leafwise has as well is replaced by leafwise's. The parameters are the same then, bit by bit.
"""

from __future__ import annotations

import collections
import functools
import inspect
import json
from typing import Any

import pytest

import leafwise
from scenarios import run_scenario

STEPS = 20

calls: collections.Counter[str] = collections.Counter()


def counted(name: str, function: Any) -> Any:
    @functools.wraps(function)
    def call(*args: Any, **keywords: Any) -> Any:
        calls[name] += 1
        return function(*args, **keywords)

    return call


def replace_jax_trees() -> None:
    """Puts leafwise's in the place of whatever public name jax.tree and jax.tree_util have."""
    import jax

    from leafwise.integrations import jax as integration

    integration.install()
    for theirs, ours in ((jax.tree, leafwise.tree), (jax.tree_util, leafwise)):
        names = sorted({name for name in vars(theirs) if name[0] != "_"} & set(ours.__all__))
        assert "map" in names or "tree_map" in names
        for name in names:
            thing = getattr(ours, name)
            setattr(theirs, name, counted(name, thing) if inspect.isroutine(thing) else thing)


def train(apply: Any, params: Any, *, jit: bool) -> Any:
    """Fits the parameters to a parabola with Adam; returns them and what Adam remembers."""
    import jax
    import jax.numpy as jnp
    import optax

    x = jnp.linspace(-1, 1, 16).reshape(-1, 1)
    optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(0.05))

    def loss(params: Any) -> Any:
        return jnp.mean((apply(params, x) - x**2) ** 2)

    def step(params: Any, state: Any) -> Any:
        updates, state = optimizer.update(jax.grad(loss)(params), state, params)
        return optax.apply_updates(params, updates), state

    if jit:
        step = jax.jit(step)
    state = optimizer.init(params)
    first = float(loss(params))
    for _ in range(STEPS):
        params, state = step(params, state)
    assert float(loss(params)) < first
    return params, state


def train_dict() -> Any:
    """A model of plain containers, each operation by itself."""
    import jax

    keys = jax.random.split(jax.random.key(0))
    params = {
        "hidden": {"w": jax.random.normal(keys[0], (1, 8)), "b": jax.numpy.zeros(8)},
        "out": [jax.random.normal(keys[1], (8, 1)), None],
    }

    def apply(params: Any, x: Any) -> Any:
        hidden = jax.nn.relu(x @ params["hidden"]["w"] + params["hidden"]["b"])
        return hidden @ params["out"][0]

    return train(apply, params, jit=False)


def train_linen() -> Any:
    """A model of flax.linen, each step compiled."""
    import flax.linen as nn
    import jax

    class Model(nn.Module):
        @nn.compact
        def __call__(self, x: Any) -> Any:
            return nn.Dense(1)(nn.relu(nn.Dense(8)(x)))

    model = Model()
    params = model.init(jax.random.key(0), jax.numpy.ones((1, 1)))
    return train(model.apply, params, jit=True)


def train_nnx() -> Any:
    """A model of flax.nnx, whose state is a tree of classes registered with jax."""
    import jax
    from flax import nnx

    class Model(nnx.Module):
        def __init__(self, rngs: Any) -> None:
            self.hidden = nnx.Linear(1, 8, rngs=rngs)
            self.out = nnx.Linear(8, 1, rngs=rngs)

        def __call__(self, x: Any) -> Any:
            return self.out(jax.nn.relu(self.hidden(x)))

    graph, params = nnx.split(Model(nnx.Rngs(0)))
    return train(lambda params, x: nnx.merge(graph, params)(x), params, jit=True)


def print_results() -> None:
    """Prints the bits of all leaves, by key path, and how often leafwise was called."""
    import jax

    results = {"dict": train_dict(), "linen": train_linen(), "nnx": train_nnx()}
    bits = {
        jax.tree_util.keystr(path): [str(leaf.dtype), list(leaf.shape), leaf.tobytes().hex()]
        for path, leaf in jax.tree_util.tree_leaves_with_path(results)
        for leaf in [jax.device_get(leaf)]
    }
    print(json.dumps({"bits": bits, "calls": calls}))


def scenario_jax() -> None:
    print_results()


def scenario_leafwise() -> None:
    replace_jax_trees()
    print_results()


def test_optax_trains_alike() -> None:
    for module in ("jax", "optax", "flax"):
        pytest.importorskip(module)
    with_jax = json.loads(run_scenario(__file__, "scenario_jax"))
    with_leafwise = json.loads(run_scenario(__file__, "scenario_leafwise"))
    assert with_jax["calls"] == {}
    # The parameters, twice as many in Adam's memory, and its counters.
    assert len(with_jax["bits"]) == 3 * (3 + 4 + 4) + 3
    assert with_leafwise["bits"] == with_jax["bits"]
    assert with_leafwise["calls"]["map"] > 10 * STEPS
