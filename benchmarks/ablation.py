"""What is each rule of the layout engine worth? The engine without it, on documents with known truth.

    python benchmarks/ablation.py [--json] [--truth FOLDER ...] [--documents 60] [--seed 515151]

A rule has the name that it has in the engine's tuples, its test and the evidence; without it the tuple is shorter.
Parts of rules are switched off by a stand-in in the place of a function, here and nowhere else: there is no setting.
Pages are rendered once and read once a rule. Without --truth it generates invoices, receipts and forms of a seed that
nothing was fitted on. Points are F1 x 100 of all labelled values.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from docpipe.engine.layout import document, reader
from docpipe.engine.layout.engine import LayoutEngine
from docpipe.engine.layout.forms import checkbox_labels, checkboxes, filled, form_page, input_fields, pairs
from docpipe.engine.layout.forms import reader as forms_reader
from docpipe.engine.layout.keys import field_names, label_index
from docpipe.engine.layout.receipts import reader as receipts_reader
from docpipe.engine.layout.scoring import assign
from docpipe.engine.layout.tables import columns
from docpipe.engine.layout.tables import reader as tables_reader
from docpipe.evaluate.counts import Score
from docpipe.evaluate.fields import compare
from docpipe.evaluate.truth import Truth, read_labels
from docpipe.extract.document import extract
from docpipe.extract.workbench import workbench
from docpipe.page import lines
from docpipe.records import Reply, Request, Source
from docpipe.resolve.record import resolve_document, resolve_window
from docpipe.schema.load import load_schema
from docpipe.schema.nodes import Schema
from docpipe.settings_sources import load_settings
from docpipe.synth import generate

SURE = 0.9
TUPLES = ("ROW_READERS", "GENERATORS")
RULES = tuple(rule.name for name in TUPLES for rule in getattr(reader, name))
PARTS: dict[str, tuple[Any, str, Callable[..., Any]]] = {  # of rules: a stand-in takes the place of the function
    "label: misspelt, inflected, compound": (label_index.LabelIndex, "_near", lambda *_: ()),
    "label: abbreviated": (label_index.LabelIndex, "_abbreviated", lambda *_: ()),
    "label: whose it is (your, our)": (label_index.LabelIndex, "_owned", lambda *_: ()),
    "label: a number's without its word": (label_index.LabelIndex, "_unnumbered", lambda *_: ()),
    "name: captions of what a field means": (field_names, "meanings", lambda *_: {}),
    "lines: a sidebar is read apart": (lines, "gutter", lambda *_: None),
    "choice: roles by arithmetic": (assign, "_infer", lambda state, *_: state),
    "choice: zones under headings": (document, "weighed", lambda candidate, *_: candidate),
    "table: columns by arithmetic": (columns, "_by_arithmetic", lambda _, fields, *__: fields),
    "table: the column whose sum is printed": (columns, "_by_money", lambda _, fields, *__: fields),
    "table: columns left over": (tables_reader, "fill_leftovers", lambda _, fields, *__: list(fields)),
    "table: header of one known key": (tables_reader, "find_bare_header", lambda *_: None),
    "table: keys fitted to the body": (tables_reader, "fitted_to_body", lambda header, *_: header),
    "table: lists of other things": (
        tables_reader,
        "without_other_lists",
        lambda lists, _: [table for tables in lists for table in tables],
    ),
    "receipt_items: digits of taxes": (receipts_reader, "without_tax_digits", lambda page_text: page_text),
    "receipt_items: names below codes": (receipts_reader, "named_below", lambda *_: []),
    "receipt_items: prices before counts": (receipts_reader, "counted", lambda rows, *_: list(rows)),
    "receipt_items: the sum ends the items": (receipts_reader, "_sum_at", lambda *_: None),
    "receipt_items: items on two lines": (receipts_reader, "with_named_above", lambda items, *_: list(items)),
    "key_values: keys under lines": (pairs, "is_written_under", lambda *_: False),
    "key_values: keys alike get their heading": (forms_reader, "told_apart", lambda _, rows, *__: list(rows)),
    "key_values: lines found in pixels": (form_page, "with_drawn_rules", lambda page, *_: page),
    "key_values: cells cut where walls stand": (input_fields, "parted_cells", lambda *_: []),
    "key_values: several keys under a line": (form_page, "shared_lines", lambda fields, *_: list(fields)),
    "key_values: typed blanks": (form_page, "without_blanks", lambda page_text: (page_text, [])),
    "key_values: keys of several lines": (filled, "key_lines", lambda *_: 1),
    "key_values: keys with a colon": (pairs, "marked_keys", lambda *_: ()),
    "key_values: aligned lists": (pairs, "aligned_keys", lambda *_: ()),
    "checkboxes: circles in pixels": (checkboxes, "outlines", lambda *_: []),
    "checkboxes: squares in pixels": (checkboxes, "squares_seen", lambda *_: []),
    "checkboxes: heads of columns": (checkboxes, "column_heads", lambda *_: {}),
    "checkboxes: typed": (checkboxes, "typed_boxes", lambda *_: ()),
    "checkboxes: state by ink": (checkboxes, "share_of_ink", lambda *_: None),
    "checkboxes: text above or below": (checkbox_labels, "_stacked", lambda *_: ()),
    "checkboxes: wrapped text": (checkbox_labels, "_unwrapped", lambda run, *_: run),
    "checkboxes: a cross hides its box": (checkboxes, "_crossed", lambda *_: []),
    "confidence: by kind of evidence": (reader, "probability", lambda _, score: score),
}


@contextmanager
def without(rule: str) -> Iterator[None]:
    """The engine without a rule of its two tuples, or without a part of one."""
    if rule in PARTS:
        home, function, stand_in = PARTS[rule]
        with patch.object(home, function, stand_in):
            yield
        return
    with ExitStack() as patches:
        for name in TUPLES:
            rest = tuple(each for each in getattr(reader, name) if each.name != rule)
            patches.enter_context(patch.object(reader, name, rest))
        yield


@dataclass(frozen=True, slots=True)
class Case:
    """One document as the engine is asked about it."""

    truth: Truth
    requests: tuple[Request, ...]


class _Listener(LayoutEngine):
    """Keeps the requests and answers nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Request] = []

    async def answer(self, request: Request) -> Reply:
        self.requests.append(request)
        return Reply("{}", "stop", self.info.name)


def cases_of(folder: Path, schema: Schema, most: int) -> list[Case]:
    """The first `most` documents of a folder, rendered."""
    engine = _Listener()
    flags = {"schema": schema.name, "inputs": [str(folder)], "out": str(folder / "unused")}
    bench = workbench(schema, engine, load_settings("", os.environ, flags))
    cases = []
    try:
        for truth in list(read_labels(folder))[:most]:
            path = next(base / truth.file for base in (folder, folder.parent) if (base / truth.file).is_file())
            engine.requests.clear()
            asyncio.run(extract(Source(str(path), path.stat().st_size), bench))
            cases.append(Case(truth, tuple(engine.requests)))
    finally:
        bench.close()
    return cases


def measured(cases: list[Case], schema: Schema) -> dict[str, float]:
    """{f1, sure: share of right values with SURE or more, sure_wrong: share of those with it that are wrong}."""
    engine, total = LayoutEngine(), Score()
    right = wrong = sure = 0
    for case in cases:
        parts = [
            resolve_window(
                schema, [replace(page, pixels=None) for page in request.pages], asyncio.run(engine.answer(request))
            )
            for request in case.requests
        ]
        if not parts:
            continue
        record = resolve_document(schema, parts, [], 0.5)
        compared = compare(case.truth.label, record.value, case.truth.accept, complete=case.truth.complete)
        confidence = {field.path: field.confidence for field in record.fields}
        for verdict in compared.verdicts:
            setattr(total, verdict.kind, getattr(total, verdict.kind) + 1)
            if verdict.kind in ("right", "wrong", "spurious") and verdict.path in confidence:
                certain = confidence[verdict.path] >= SURE
                right += verdict.kind == "right"
                sure += certain and verdict.kind == "right"
                wrong += certain and verdict.kind != "right"
    return {"f1": total.f1, "sure": sure / max(1, right), "sure_wrong": wrong / max(1, sure + wrong)}


def ablated(sets: dict[str, tuple[list[Case], Schema]]) -> dict[str, dict[str, dict[str, float]]]:
    """rule -> set -> what is measured without it; "" is the whole engine."""
    found = {"": {name: measured(*each_set) for name, each_set in sets.items()}}
    for rule in (*RULES, *PARTS):
        with without(rule):
            found[rule] = {name: measured(*each_set) for name, each_set in sets.items()}
    return found


def table(found: dict[str, dict[str, dict[str, float]]]) -> Iterator[str]:
    """Markdown: the points of F1 that each rule brings, set by set."""
    whole = found[""]
    yield "| without | " + " | ".join(whole) + " |"
    yield "|---|" + "---:|" * len(whole)
    for title, key in (
        ("nothing: F1", "f1"),
        ("right values at 0.9 or more", "sure"),
        ("of these wrong", "sure_wrong"),
    ):
        yield f"| {title} | " + " | ".join(f"{one[key]:.3f}" for one in whole.values()) + " |"
    for rule, sets in found.items():
        if rule:
            gains = (f"{100 * (each_set['f1'] - whole[name]['f1']):+.1f}" for name, each_set in sets.items())
            yield f"| {rule} | " + " | ".join(gain if gain not in ("+0.0", "-0.0") else "0" for gain in gains) + " |"
    without = found["confidence: by kind of evidence"]
    yield (
        "\nRight values at 0.9 or more without the last: "
        + ", ".join(f"{name} {one['sure']:.0%}" for name, one in without.items())
        + "."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--truth", action="append", default=[], help="SCHEMA=FOLDER with labels.jsonl")
    parser.add_argument("--documents", type=int, default=60, help="of each kind")
    parser.add_argument("--seed", type=int, default=515_151)
    arguments = parser.parse_args()
    sets: dict[str, tuple[list[Case], Schema]] = {}
    with tempfile.TemporaryDirectory() as name:
        for kind in ("invoice", "receipt", "form"):
            schema = load_schema(kind)
            folder = generate(kind, arguments.documents, arguments.seed, Path(name) / kind)
            sets[f"{kind}s, synthetic"] = (cases_of(folder, schema, arguments.documents), schema)
        for pair in arguments.truth:
            kind, _, folder = pair.partition("=")
            schema = load_schema(kind)
            sets[f"{kind}s, {Path(folder).name}"] = (cases_of(Path(folder), schema, arguments.documents), schema)
        found = ablated(sets)
    print(json.dumps(found) if arguments.json else "\n".join(table(found)))


if __name__ == "__main__":
    main()
