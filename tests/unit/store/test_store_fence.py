"""Where a disk has no conditional rename the sweep is the fence: the last moment of a commit, which has no step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from docpipe.errors import OutputLocked
from docpipe.records import Outcome
from docpipe.schema.nodes import Schema
from docpipe.store.commit import Store
from docpipe.store.current import load_current
from docpipe.store.disk import DiskPlace
from docpipe.store.read import read_outcomes
from docpipe.store.verify import verify

Make = Callable[..., Outcome]


def test_a_writer_that_stalls_between_its_last_look_and_the_rename_changes_nothing(
    schema: Schema, out: Path, outcome: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Store.open(out, schema, "first")
    first.add(outcome("a", total="1.00"))
    look, stalled = DiskPlace.read_stamped, False

    def look_and_stall(place: DiskPlace, name: str) -> tuple[bytes, str]:
        nonlocal stalled
        seen = look(place, name)
        if not stalled:
            stalled = True
            (out / "_lease.json").unlink()  # as if it had run out
            with Store.open(out, schema, "second") as second:
                second.add(outcome("b", total="2.00"))
        return seen

    monkeypatch.setattr(DiskPlace, "read_stamped", look_and_stall)
    with pytest.raises(OutputLocked):
        first.commit()
    first.close()
    monkeypatch.undo()
    assert stalled
    assert load_current(out).writer == "second"
    totals = {one["source_uri"]: str(one["record"]["total"]) for one in read_outcomes(out)}
    assert totals["b"] == "2.00"
    Store.open(out, schema, "third").close()
    assert verify(out).is_clean, verify(out).findings
