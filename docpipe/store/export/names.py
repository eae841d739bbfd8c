"""Names that are free: of views beside tables, of columns beside columns, whatever a schema calls its own."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count


class Names:
    """The names that are taken, as SQL and most disks compare them: whatever their case."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {name.casefold() for name in taken}

    def free(self, wanted: str) -> str:
        """`wanted`, or with the first number behind it that nobody has: `review_queue`, `review_queue_2`; now taken."""
        tails = (f"_{number}" if number > 1 else "" for number in count(1))
        name = next(name for tail in tails if (name := wanted + tail).casefold() not in self._taken)
        self._taken.add(name.casefold())
        return name
