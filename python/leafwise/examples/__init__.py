"""Small programs to read and to copy from; run each as `python -m leafwise.examples.NAME`.

- `custom_nodes`: classes of your own as nodes of trees.
- `linear_regression`: gradient descent over a dict of parameters, in numpy.
- `mlp`: a neural network, a list of dicts, in numpy; `--plot FILE.png` draws what it learned.
- `jax_training`: the linear regression once more, with gradients from jax.

What they need besides leafwise is installed by `pip install ".[examples]"`, and jax by
`pip install ".[jax]"`.
"""
