"""A finished output against labels: what `docpipe eval` and `docpipe eval run` measure with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from docpipe import __version__
from docpipe.errors import InvalidTruth, PathNotFound
from docpipe.evaluate.datasets import read_truth
from docpipe.evaluate.judge import Judged
from docpipe.evaluate.matching import matched
from docpipe.evaluate.result import WORST, evaluate
from docpipe.evaluate.truth import Plan, Truth
from docpipe.intake.names import public
from docpipe.store.current import load_current
from docpipe.store.parts import read_types
from docpipe.store.place import Where
from docpipe.store.read import read_outcomes, read_table


def load_truth(path: str, form: str) -> list[Truth]:
    """The labels of a file or a folder. Raises PathNotFound, and InvalidTruth also if there are none."""
    truths = list(read_truth(Path(path), form))
    if not truths:
        raise InvalidTruth(f"{path} holds no label")
    return truths


def evaluate_output(
    out: Where, truths: Sequence[Truth], schema: str | None = None, worst: int = WORST
) -> tuple[dict[str, Any], list[Judged]]:
    """(the result, the worst documents) of an output; `schema` says which, where it holds several.

    Labels that name another schema are left out. Raises PathNotFound, OutputConflict or StoreError if the
    output cannot be read, MissingLibrary.
    """
    name = schema_of(out, schema)
    ours = [truth for truth in truths if truth.schema in (None, name)]
    outcomes = (outcome for outcome in read_outcomes(out) if outcome["schema"] == name)
    result, documents = evaluate(matched(ours, outcomes), plan_of(out, name), worst)
    return {"docpipe": __version__, "out": public(str(out)), "schema": name, **result}, documents


def schema_of(out: Where, asked: str | None) -> str:
    """The name of the schema to look at: the one that was asked for, or the only one."""
    names = _schemas(out)
    if asked is None and len(names) == 1:
        return names[0]
    wanted = Path(asked).stem if asked else None
    if wanted in names:
        return wanted
    there = ", ".join(names) or "none"
    raise PathNotFound(
        f"{out} has {'several schemas' if asked is None else f'no schema {asked!r}'}: there are {there}",
        remedy="Name one with --schema.",
    )


def _schemas(out: Where) -> list[str]:
    if not load_current(out).parts.get("sources"):
        return []
    names: list[str] = read_table(out, "sources")["schema"].unique().to_pylist()
    return sorted(set(names))


def plan_of(out: Where, schema: str) -> Plan | None:
    """What the schema has, as its tables say; None if no record of it was ever written."""
    parts = load_current(out).parts.get(schema, ())
    if not parts:
        return None
    plan: Plan = json.loads(read_types(out, schema, parts[-1]).metadata[b"docpipe.plan"])
    return plan


def page_notes(out: Where, documents: Sequence[Judged]) -> Iterator[tuple[Judged, frozenset[int]]]:
    """Each document with the numbers of its pages that were turned or straightened to be read."""
    wanted = {(document.outcome or {}).get("source_uri") for document in documents}
    turned: dict[str, set[int]] = {}
    for row in read_table(out, "pages").select(["_source_uri", "page", "notes"]).to_pylist():
        if row["_source_uri"] in wanted and any(note.startswith(("upright", "deskewed")) for note in row["notes"]):
            turned.setdefault(row["_source_uri"], set()).add(row["page"])
    for document in documents:
        yield document, frozenset(turned.get((document.outcome or {}).get("source_uri", ""), ()))
