"""Several documents in one file: pages that begin another one, told by what they print at the record's own keys.

A page that repeats the document's number goes on with it, whatever else it prints. Another number speaks for another
document, and so do another date and a second set of sums that add up; other amounts, another identifier and pages that
are counted from 1 again support them, but speak for nothing by themselves: delivery notes and sums of pages are parts
of long documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from docpipe.records import Violation
from docpipe.resolve.confusable import likeness
from docpipe.resolve.heads import Folio, Head, Told

ENOUGH = 2  # signs of another document; another number counts for two
ENOUGH_WITHOUT_NUMBER = 3  # where one of the two has a number and the other prints none
MAX_TOLD = 5  # pages that the violation names


def several_documents(heads: Sequence[Head]) -> list[Violation]:
    """The error `several_documents` if pages (in their order) begin another document; it says which and by what."""
    begun = _Begun()
    found: list[tuple[int, list[_Sign]]] = []
    for head in heads:
        signs = begun.signs(head)
        if signs:
            found.append((head.page, signs))
            begun = _Begun()
        begun.add(head)
    if not found:
        return []
    pages = "; ".join(f"page {page} begins another: {', '.join(map(str, signs))}" for page, signs in found[:MAX_TOLD])
    more = f"; and {len(found) - MAX_TOLD} more" if len(found) > MAX_TOLD else ""
    first = found[0][1][0]
    message = f"the file holds {len(found) + 1} documents: {pages}{more}"
    paths = tuple(dict.fromkeys(sign.path for _, signs in found for sign in signs if sign.path))
    return [Violation("several_documents", "error", message, paths, first.before, first.after)]


@dataclass(frozen=True, slots=True)
class _Sign:
    """What a page prints where the document before it printed something else."""

    path: str
    before: str
    after: str
    weight: int = 1

    def __str__(self) -> str:
        return f"{self.path} is {self.after}, not {self.before}" if self.path else "its pages are counted from 1"


@dataclass(slots=True)
class _Begun:
    """The document as far as its pages were looked at: all that they print."""

    numbers: dict[str, frozenset[str]] = field(default_factory=dict)
    identifiers: dict[str, frozenset[str]] = field(default_factory=dict)
    dates: dict[str, frozenset[str]] = field(default_factory=dict)
    amounts: dict[str, frozenset[str]] = field(default_factory=dict)
    adds_up: bool = False
    folios: frozenset[Folio] = frozenset()
    recognised: bool = False

    def add(self, head: Head) -> None:
        """One more page of the same document."""
        for mine, theirs in (
            (self.numbers, head.numbers),
            (self.identifiers, head.identifiers),
            (self.dates, head.dates),
            (self.amounts, head.amounts),
        ):
            for path, values in theirs.items():
                mine[path] = mine.get(path, frozenset()) | values
        self.folios |= head.folios
        self.adds_up |= head.adds_up
        self.recognised |= head.recognised

    def signs(self, head: Head) -> list[_Sign]:
        """What speaks for `head` being the first page of another document; [] if that is not enough."""
        numbers = self._other_numbers(head)
        if numbers is None or not (self.numbers or self.dates or self.amounts):
            return []
        sums = _all_other(self.amounts, head.amounts)[:1]
        if sums and self.adds_up and head.adds_up:  # a document comes to its sums once
            sums = [replace(sums[0], weight=2)]
        signs = [*numbers, *_all_other(self.dates, head.dates)[:1], *sums]
        if sum(sign.weight for sign in signs) == len(sums) == 1:
            return []
        signs += _all_other(self.identifiers, head.identifiers)[:1]
        signs += [_Sign("", "", "")] if self._counts_anew(head) else []
        weight = sum(sign.weight for sign in signs) - self._goes_on(head)
        comparable = bool(numbers) or not (self.numbers or head.numbers)
        return signs if weight >= (ENOUGH if comparable else ENOUGH_WITHOUT_NUMBER) else []

    def _other_numbers(self, head: Head) -> list[_Sign] | None:
        """The document's own numbers that are others on `head`; None if it prints the same, so that it goes on."""
        signs = []
        for path, values in head.numbers.items():
            mine = self.numbers.get(path)
            if mine is None:
                continue
            if any(one in values or head.words.issuperset(one.split()) for one in mine):
                return None
            alike = any(_alike(one, other) for one in mine for other in values)
            misread = alike and (self.recognised or head.recognised)
            signs.append(_Sign(path, min(mine), min(values), 1 if misread else 2))
        return signs

    def _counts_anew(self, head: Head) -> bool:
        return any(folio.page == 1 and any(mine.words == folio.words for mine in self.folios) for folio in head.folios)

    def _goes_on(self, head: Head) -> bool:
        return any(folio._replace(page=folio.page - 1) in self.folios for folio in head.folios)


def _all_other(mine: Told, theirs: Told) -> list[_Sign]:
    """The paths at which both tell something else; [] if they tell the same at one."""
    both = [path for path in theirs if path in mine]
    if any(mine[path] & theirs[path] for path in both):
        return []
    return [_Sign(path, min(mine[path]), min(theirs[path])) for path in both]


def _alike(one: str, other: str) -> bool:
    """Whether a recogniser may have read one number as the other: they differ in one place, or in alike characters."""
    if likeness(one) == likeness(other):
        return True
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1
