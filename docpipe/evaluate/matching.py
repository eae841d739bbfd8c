"""Which outcome belongs to which truth: by the sha256 of the file, else by its name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from docpipe.evaluate.fields import compare
from docpipe.evaluate.rows import assigned
from docpipe.evaluate.truth import Truth

Outcome = Mapping[str, Any]
"""A row of `docpipe show --json`: source_uri, doc_id, status, record, fields, violations, ..."""

Match = tuple[Truth | None, Outcome | None]
"""A truth with its outcome; one without the other is None."""


def matched(truths: Sequence[Truth], outcomes: Iterable[Outcome]) -> Iterator[Match]:
    """Every truth once, and every outcome that no truth speaks of; as the outcomes come, the missing last.

    Outcomes of one source follow one another. Where a file has several truths or several records, they
    are paired by page range if the truth has one, and by the most equal values. A copy of a document
    that was matched already is left out. An outcome of other bytes under the name of a truth is taken
    only if no outcome has the truth's own.
    """
    shelf = _Shelf(truths)
    later: list[list[Outcome]] = []
    for _, group in groupby(outcomes, key=lambda outcome: (outcome["source_uri"], outcome.get("schema"))):
        records = list(group)
        wanted = shelf.take(records[0])
        if wanted:
            yield from _paired(wanted, records)
        elif shelf.may_be_wanted(records[0]):
            later.append(records)
        elif not shelf.is_copy(records[0]):
            yield from ((None, record) for record in records)
    for records in later:
        wanted = shelf.take_by_name(records[0], any_bytes=True)
        yield from _paired(wanted, records) if wanted else ((None, record) for record in records)
    yield from ((truth, None) for truth in shelf.left())


class _Shelf:
    """The truths that no outcome has been found for."""

    def __init__(self, truths: Sequence[Truth]) -> None:
        self._by_id: dict[str, list[Truth]] = defaultdict(list)
        self._by_name: dict[str, list[Truth]] = defaultdict(list)
        self._left = {id(truth): truth for truth in truths}
        self._taken_ids: set[str] = set()
        for truth in truths:
            if truth.doc_id:
                self._by_id[truth.doc_id].append(truth)
            self._by_name[PurePosixPath(truth.file).name].append(truth)

    def take(self, outcome: Outcome) -> list[Truth]:
        """The truths of an outcome's bytes, or of its name where they do not know their bytes."""
        doc_id = outcome.get("doc_id") or ""
        found = self._still_there(self._by_id.get(doc_id, ()))
        if found:
            self._taken_ids.add(doc_id)
            return self._remove(found)
        return self.take_by_name(outcome, any_bytes=False)

    def take_by_name(self, outcome: Outcome, *, any_bytes: bool) -> list[Truth]:
        """The truths of a file of that name: of several files, the one whose path has most in common."""
        path = PurePosixPath(outcome["source_uri"])
        found = self._still_there(self._by_name.get(path.name, ()))
        found = [truth for truth in found if any_bytes or not truth.doc_id]
        most = max((_shared(path, truth.file) for truth in found), default=0)
        return self._remove([truth for truth in found if _shared(path, truth.file) == most])

    def may_be_wanted(self, outcome: Outcome) -> bool:
        """Whether a truth of other bytes has the outcome's name."""
        return bool(self._still_there(self._by_name.get(PurePosixPath(outcome["source_uri"]).name, ())))

    def is_copy(self, outcome: Outcome) -> bool:
        return outcome.get("doc_id") in self._taken_ids

    def left(self) -> list[Truth]:
        return list(self._left.values())

    def _still_there(self, truths: Iterable[Truth]) -> list[Truth]:
        return [truth for truth in truths if id(truth) in self._left]

    def _remove(self, truths: list[Truth]) -> list[Truth]:
        for truth in truths:
            del self._left[id(truth)]
        return truths


def _shared(path: PurePosixPath, file: str) -> int:
    """How many parts two paths have in common from their ends."""
    pairs = zip(reversed(path.parts), reversed(PurePosixPath(file).parts), strict=False)
    return next((count for count, (one, other) in enumerate(pairs) if one != other), len(PurePosixPath(file).parts))


def _paired(truths: Sequence[Truth], records: Sequence[Outcome]) -> Iterator[Match]:
    if len(truths) == len(records) == 1:
        yield truths[0], records[0]
        return
    likeness = np.array([[_likeness(truth, record) for record in records] for truth in truths])
    pairs = dict(assigned(likeness))
    for index, truth in enumerate(truths):
        failed = records[0] if records[0].get("record") is None else None
        yield truth, records[pairs[index]] if index in pairs else failed
    if records[0].get("record") is not None:
        yield from ((None, record) for place, record in enumerate(records) if place not in set(pairs.values()))


def _likeness(truth: Truth, outcome: Outcome) -> float:
    record = outcome.get("record")
    if record is None:
        return 0.0
    kinds = [verdict.kind for verdict in compare(truth.label, record, truth.accept).verdicts]
    equal = (1 + kinds.count("right")) / (1 + len(kinds))
    if truth.page_range is None or not outcome.get("pages"):
        return equal
    wanted, found = set(range(truth.page_range[0], truth.page_range[1] + 1)), set(outcome["pages"])
    return equal + 10 * len(wanted & found) / len(wanted | found)
