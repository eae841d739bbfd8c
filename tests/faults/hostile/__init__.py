"""Inputs as bad as they come, made by seed: what each kind is, and how a run must end for it.

Nothing here comes from a file: every kind is a pure function of a random number generator.
"""

from tests.faults.hostile.kind import LISTENER, READ, Kind
from tests.faults.hostile.place import MANIFEST, Placed, place
from tests.faults.hostile.registry import KINDS

__all__ = ["KINDS", "LISTENER", "MANIFEST", "READ", "Kind", "Placed", "place"]
