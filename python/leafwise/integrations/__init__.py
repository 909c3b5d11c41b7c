"""Sharing the registered classes with jax, torch or optree.

Each module here has one function, `install()`, after which leafwise and that library know the same
classes: what was or will be registered there is a node here, what was or will be registered with
leafwise is a node there. Nothing here is imported before it is asked for.

    from leafwise.integrations import jax
    jax.install()

What holds for all of them:

- leafwise's side is `default_registry`, and so every registry that has it as a parent sees the
  classes, too. After `install()` register by leafwise's functions, `register_dataclass` and so on:
  what the methods of `default_registry` are told, the other library does not hear.
- A class is registered once, with either library: for the other one it is known already, which is
  a ValueError. What both knew before `install()` stays as it was in each.
- The built-in containers mean in each library what they meant before.
- Classes are taken over when leafwise is called next; nodes then cost what others cost.
- A class taken over from one library is not passed on to another.
- Classes that are nodes here without being registered themselves, by methods `__tree_flatten__` and
  `__tree_unflatten__` or by a base registered with `subclasses=True`, are no nodes there: register
  them here to share them.
- `unregister_pytree_node` of a class that came from there makes it a leaf here, and it stays one.
"""
