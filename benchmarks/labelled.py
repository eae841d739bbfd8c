"""Labelled documents as the layout engine is asked about them, their pages rendered once and kept."""

from __future__ import annotations

import hashlib
import json
import pickle
import zlib
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from ablation import Case, cases_of

import docpipe
from docpipe.engine.layout.parties.addresses import is_legal_form
from docpipe.evaluate.fields import Verdict
from docpipe.evaluate.truth import LABELS, read_labels
from docpipe.literals.text import alphanumeric
from docpipe.schema.load import load_schema
from docpipe.schema.nodes import Schema

ALIKE = 0.9  # share of letters from which a text counts as the labelled one: a mark or a letter may be read otherwise
RENDERED_BY = ("render", "page", "records.py")  # code that makes pages


@dataclass(frozen=True, slots=True)
class Labelled:
    """The documents of one folder. `sources`: for each of them who made it, so that what is alike stays together."""

    name: str
    kind: str
    schema: Schema
    cases: tuple[Case, ...]
    sources: tuple[str, ...]
    real: bool


def labelled(kind: str, folder: Path, *, real: bool, cache: Path | None = None, name: str = "") -> Labelled:
    """The documents of a folder with labels.jsonl, as pages of `cache` where it has them.

    A label may name keys that are surely not printed (`not_printed`): a value there is wrong.
    """
    schema = load_schema(kind)
    cases = _kept(kind, folder, schema, cache)
    entries = {
        str(entry["file"]): entry for entry in map(json.loads, (folder / LABELS).read_text("utf-8").splitlines())
    }
    told = tuple(
        replace(case, truth=replace(case.truth, label=_with_nulls(case.truth.label, entries[case.truth.file])))
        for case in cases
    )
    sources = tuple(_source(case.truth.id) if real else case.truth.id for case in told)
    return Labelled(name or folder.name, kind, schema, told, sources, real)


def _kept(kind: str, folder: Path, schema: Schema, cache: Path | None) -> list[Case]:
    most = sum(1 for _ in read_labels(folder))
    if cache is None:
        return _cases(folder, schema, most)
    home = Path(docpipe.__file__).parent
    code = [path for part in RENDERED_BY for path in sorted([home / part, *(home / part).rglob("*.py")])]
    marks = [path.read_bytes() for path in code if path.is_file()]
    marks += [str(folder.resolve()).encode(), kind.encode(), *sorted(path.name.encode() for path in folder.rglob("*"))]
    file = cache / f"{hashlib.sha256(b'|'.join(marks)).hexdigest()[:24]}.cases"
    if file.is_file():
        kept: list[Case] = pickle.loads(zlib.decompress(file.read_bytes()))
        truths = {truth.id: truth for truth in read_labels(folder)}
        return [replace(case, truth=truths[case.truth.id]) for case in kept if case.truth.id in truths]
    cases = _cases(folder, schema, most)
    cache.mkdir(parents=True, exist_ok=True)
    file.write_bytes(zlib.compress(pickle.dumps(cases), 1))
    return cases


def _cases(folder: Path, schema: Schema, most: int) -> list[Case]:
    """Without pixels where the schema asks for no boxes."""
    boxes = any(array.role == "checkboxes" for _, array in schema.root.arrays())
    return [case if boxes else _without_pixels(case) for case in cases_of(folder, schema, most)]


def _without_pixels(case: Case) -> Case:
    requests = (
        replace(request, pages=tuple(replace(page, pixels=None) for page in request.pages)) for request in case.requests
    )
    return replace(case, requests=tuple(requests))


def _with_nulls(label: Any, entry: dict[str, Any]) -> dict[str, Any]:
    """The label with null for what is surely not printed."""
    told: dict[str, Any] = json.loads(json.dumps(label))
    for path in entry.get("not_printed") or ():
        *above, last = path.split(".")
        place = told
        for name in above:
            place = place.setdefault(name, {})
        place.setdefault(last, None)
    return told


def _source(name: str) -> str:
    """Who made a document, by the beginning of its name: "set/zugferd_invoice_3" is of "zugferd"."""
    return name.rpartition("/")[2].split("_")[0]


def is_right(verdict: Verdict) -> bool:
    """As the judge says, or a text that is nearly the labelled one, or a name that has its legal form besides."""
    if verdict.kind == "right" or verdict.found is None:
        return verdict.kind == "right"
    options = [each for each in (verdict.truth, *verdict.accept) if isinstance(each, str)]
    return isinstance(verdict.found, str) and any(_is_like(each, verdict.found) for each in options)


def _is_like(wanted: str, found: str) -> bool:
    if found.startswith(wanted) and is_legal_form(found.removeprefix(wanted).strip(" ,")):
        return True
    wanted, found = alphanumeric(wanted), alphanumeric(found)
    return SequenceMatcher(None, wanted, found, autojunk=False).ratio() >= ALIKE
