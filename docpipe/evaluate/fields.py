"""Typed comparison of a record with partial truth, value by value.

Only keys present in the truth are scored; a key that is absent there is not labelled. Null handling:
a null that the truth has as null counts nowhere, a value in its place is spurious unless it is accepted, a
null in place of a value is missing. An empty list says that there are no rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from docpipe.evaluate.counts import Score
from docpipe.evaluate.rows import RowCount, out_of_order, paired
from docpipe.evaluate.values import same

Kind = Literal["right", "wrong", "missing", "spurious"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One labelled value and what was found for it.

    `field`: the path without indices. `path`: where the record has it, `truth_path`: where the truth
    has it; their indices differ where rows were paired across places, and the one that has no such
    row is "". `accept`: values that are right too.
    """

    field: str
    path: str
    truth_path: str
    truth: Any
    found: Any
    kind: Kind
    accept: tuple[Any, ...] = ()


@dataclass(slots=True)
class Comparison:
    """What was said of a record's values; `rows`: list -> its rows, `whole`: list -> rows right in every cell."""

    verdicts: list[Verdict] = field(default_factory=list)
    rows: dict[str, RowCount] = field(default_factory=lambda: defaultdict(RowCount))
    whole: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))

    def scores(self) -> dict[str, Score]:
        """field -> Score of its values; lists of objects under their own name, by whole rows."""
        found: dict[str, Score] = defaultdict(Score)
        for name, whole in self.whole.items():
            found[name].add(whole)
        for verdict in self.verdicts:
            score = found[verdict.field]
            setattr(score, verdict.kind, getattr(score, verdict.kind) + 1)
        return dict(found)


def compare(
    truth: Mapping[str, Any],
    record: Mapping[str, Any] | None,
    accept: Mapping[str, Any] | None = None,
    *,
    complete: bool = True,
) -> Comparison:
    """Every labelled value judged. `accept` lists equally right values by path, with or without indices.

    With `complete` False the lists of the truth name only some of their rows: more rows are not wrong.
    Raises MissingLibrary without scipy where rows have to be paired.
    """
    walk = _Walk(accept or {}, complete)
    walk.object(truth, record or {}, "", "", "")
    return walk.done


class _Walk:
    """Goes through truth and record together. `name` is the field, `here` and `there` the two paths."""

    def __init__(self, accept: Mapping[str, Any], complete: bool) -> None:
        self.done = Comparison()
        self._accept = accept
        self._complete = complete

    def object(self, truth: Mapping[str, Any], record: Mapping[str, Any], name: str, here: str, there: str) -> None:
        for key, wanted in truth.items():
            found = record.get(key)
            paths = (f"{name}{key}", f"{here}{key}", f"{there}{key}")
            if isinstance(wanted, Mapping):
                below = found if isinstance(found, Mapping) else {}
                self.object(wanted, below, *(f"{path}." for path in paths))
            elif isinstance(wanted, list):
                self.list(wanted, found if isinstance(found, list | tuple) else [], *paths)
            else:
                self.value(wanted, found, *paths)

    def value(self, wanted: Any, found: Any, name: str, here: str, there: str) -> None:
        others = tuple(self._accept.get(there) or self._accept.get(name) or ())
        options = [other for other in (wanted, *others) if other is not None]
        if found is None:
            if wanted is not None:
                self._say(Verdict(name, here, there, wanted, None, "missing", others))
        elif any(same(option, found) for option in options):
            self._say(Verdict(name, here, there, wanted, found, "right", others))
        else:
            self._say(Verdict(name, here, there, wanted, found, "spurious" if wanted is None else "wrong", others))

    def list(self, wanted: Sequence[Any], found: Sequence[Any], name: str, here: str, there: str) -> None:
        if not all(isinstance(item, Mapping) for item in (*wanted, *found)):
            self._scalars(wanted, found, name, here, there)
            return
        pairs = paired(wanted, found, self._accepted(wanted, there))
        rows, whole = self.done.rows[name], self.done.whole[name]
        rows.expected += len(wanted)
        rows.found += len(found) if self._complete else len(pairs)
        rows.out_of_order += out_of_order([place for _, place in pairs])
        for index, place in pairs:
            first = len(self.done.verdicts)
            self.object(wanted[index], found[place], f"{name}.", f"{here}[{place}].", f"{there}[{index}].")
            kinds = [verdict.kind for verdict in self.done.verdicts[first:]]
            right = kinds.count("right") == len(kinds)
            whole.add(Score(right=1) if right else Score(wrong=1))
            rows.exact += right
            rows.matched += 2 * kinds.count("right") >= len(kinds)
        whole.missing += len(wanted) - len(pairs)
        for index in sorted(set(range(len(wanted))) - {left for left, _ in pairs}):
            self.object(wanted[index], {}, f"{name}.", "", f"{there}[{index}].")
        if self._complete:
            whole.spurious += len(found) - len(pairs)
            self._extra(wanted, found, {place for _, place in pairs}, name, here)

    def _accepted(self, wanted: Sequence[Any], there: str) -> dict[tuple[int, str], Sequence[Any]]:
        """The equally right values of single rows, by row and key."""
        if not self._accept:
            return {}
        cells = ((index, key) for index, row in enumerate(wanted) for key in row)
        return {cell: values for cell in cells if (values := self._accept.get(f"{there}[{cell[0]}].{cell[1]}"))}

    def _extra(self, wanted: Sequence[Any], found: Sequence[Any], taken: set[int], name: str, here: str) -> None:
        """Cells of rows that the truth does not have, under the keys that it labels at all; all of them where the
        truth says that there are no rows.
        """
        labelled = dict.fromkeys(key for row in wanted for key, value in row.items() if not isinstance(value, list))
        for place in sorted(set(range(len(found))) - taken):
            for key in labelled if wanted else found[place]:
                value = found[place].get(key)
                if value is not None and not isinstance(value, Mapping | list):
                    path = f"{here}[{place}].{key}"
                    self._say(Verdict(f"{name}.{key}", path, "", None, value, "spurious"))

    def _scalars(self, wanted: Sequence[Any], found: Sequence[Any], name: str, here: str, there: str) -> None:
        """Lists of scalars, in any order: each is found once."""
        left = [(place, value) for place, value in enumerate(found) if value is not None]
        for index, value in enumerate(wanted):
            at = next((pair for pair in left if value is not None and same(value, pair[1])), None)
            if at is not None:
                left.remove(at)
                self._say(Verdict(name, f"{here}[{at[0]}]", f"{there}[{index}]", value, at[1], "right"))
            elif value is not None:
                self._say(Verdict(name, "", f"{there}[{index}]", value, None, "missing"))
        for place, value in left if self._complete else ():
            self._say(Verdict(name, f"{here}[{place}]", "", None, value, "spurious"))

    def _say(self, verdict: Verdict) -> None:
        self.done.verdicts.append(verdict)
