"""Kinds: what nodes of each kind are made of, how they are rebuilt, compared, named and shown.

Here it says `tuple([...])`, not `tuple(...)`, wherever user code may run: through the garbage
collector's list of objects it could see, and crash on, a tuple that is filled step by step.
"""

from __future__ import annotations

from leafwise.reference.kinds.dicts import DICTS
from leafwise.reference.kinds.kind import LEAF, NONE, Kind
from leafwise.reference.kinds.sequences import LIST, NAMEDTUPLE, TUPLE

BUILT_IN_KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (LEAF, NONE, TUPLE, NAMEDTUPLE, LIST, *DICTS)
}
