"""Where are labelled values lost? Whether the right candidate is generated at all, by field and cause.

    python benchmarks/recall.py --truth KIND=FOLDER ... [--cache FOLDER] [--json] [--results FILE.md]

For every labelled value outside of lists the first cause that applies:

right       the record has it
changed     the engine answered it, and resolve made something else of it
not chosen  it was among the candidates, and another one was chosen or none
none made   the page prints it, and no rule proposed it
not read    the page's words do not spell it: OCR, a picture, or a label that says it otherwise

and for every labelled row whether one was read that has its amounts and description, one that has some of its cells,
or none. Only counts are written, no word of a document.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from ablation import Case
from labelled import Labelled, is_right, labelled

from docpipe.engine.layout.compiled import CompiledSchema, compile_schema
from docpipe.engine.layout.document import Document
from docpipe.engine.layout.engine import LayoutEngine
from docpipe.engine.layout.reader import GENERATORS, best_rows, proposed
from docpipe.engine.layout.rows import rows_by_array
from docpipe.engine.layout.scoring.assign import choose
from docpipe.engine.layout.tables.reader import column_sums
from docpipe.evaluate.fields import compare
from docpipe.literals.conventions import Conventions
from docpipe.records import Record, Reply
from docpipe.resolve.page_index import PageIndex
from docpipe.resolve.record import resolve_document, resolve_window
from docpipe.schema.nodes import Schema
from docpipe.schema.paths import value_at

CAUSES = ("right", "changed", "not chosen", "none made", "not read")
ROWS = ("right", "in part", "none read")


def causes(of_set: Labelled) -> Iterator[tuple[str, str]]:
    """(field, cause) of every labelled value outside of lists, and (list, cause) of every labelled row."""
    engine, compiled = LayoutEngine(), compile_schema(of_set.schema)
    known = {field.path for field in compiled.scalars}
    for case in of_set.cases:
        replies = [asyncio.run(engine.answer(request)) for request in case.requests]
        record = _record(case, replies, of_set.schema)
        made = list(_made(case, compiled))
        pages = [page for request in case.requests for page in request.pages]
        conventions = Conventions.of_pages(pages)
        indexes = [PageIndex(replace(page, pixels=None), conventions) for page in pages]
        for path, wanted in _scalars(case.truth.label):
            if wanted is not None and path in known:
                yield path, _cause(case, path, wanted, record, replies, made, indexes)
        for array, rows in case.truth.label.items():
            if isinstance(rows, list) and rows and all(isinstance(row, Mapping) for row in rows):
                yield from ((array, cause) for cause in _rows(case, array, rows, record))
    engine.close()


def _record(case: Case, replies: Sequence[Reply], schema: Schema) -> Record | None:
    parts = [
        resolve_window(schema, [replace(page, pixels=None) for page in request.pages], reply)
        for request, reply in zip(case.requests, replies, strict=True)
    ]
    return resolve_document(schema, parts, [], 0.0) if parts else None


def _made(case: Case, compiled: CompiledSchema) -> Iterator[tuple[str, Any]]:
    """(path, value) of every candidate."""
    for request in case.requests:
        document = best_rows(Document.of(compiled, request))
        candidates = proposed(document)
        rows = rows_by_array(document.rows)
        document.chosen = choose(candidates, compiled.equations, column_sums(rows), compiled.tied)
        alone = (each for rule in GENERATORS if rule.alone for each in rule.candidates(document))
        yield from ((each.field.path, each.reading.value) for each in (*candidates, *alone))


def _scalars(label: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in label.items():
        if isinstance(value, Mapping):
            yield from _scalars(value, f"{prefix}{name}.")
        elif not isinstance(value, list):
            yield f"{prefix}{name}", value


def _cause(
    case: Case,
    path: str,
    wanted: Any,
    record: Record | None,
    replies: Sequence[Reply],
    made: Sequence[tuple[str, Any]],
    indexes: Sequence[PageIndex],
) -> str:
    if record is not None and _is(case, path, value_at(record.value, path)):
        return "right"
    answered = (json.loads(reply.text, parse_float=Decimal) for reply in replies if reply.text)
    if any(_is(case, path, value_at(answer, path)) for answer in answered):
        return "changed"
    if any(other == path and _is(case, path, value) for other, value in made):
        return "not chosen"
    return "none made" if _is_printed(wanted, indexes) else "not read"


def _is(case: Case, path: str, value: Any) -> bool:
    """Whether a value is the labelled one, as the judge of `docpipe eval` sees it."""
    *above, last = path.split(".")
    told, found = value_at(case.truth.label, path), value
    label: dict[str, Any] = {last: told}
    answer: dict[str, Any] = {last: found}
    for name in reversed(above):
        label, answer = {name: label}, {name: answer}
    return any(is_right(verdict) for verdict in compare(label, answer, case.truth.accept, complete=False).verdicts)


def _is_printed(wanted: Any, indexes: Sequence[PageIndex]) -> bool:
    """Whether some page's words spell it, as a date or number where it is one; of an address every line."""
    if isinstance(wanted, bool):
        return True
    if isinstance(wanted, int | float):
        wanted = Decimal(str(wanted))
    elif isinstance(wanted, str):
        try:
            wanted = dt.date.fromisoformat(wanted)
        except ValueError:
            return all(
                any(index.text_places(line) for index in indexes) for line in str(wanted).splitlines() if line.strip()
            )
    return any(index.places(wanted) for index in indexes)


def _rows(case: Case, array: str, wanted: Sequence[Any], record: Record | None) -> Iterator[str]:
    found = (record.value.get(array) if record is not None else None) or []
    verdicts = compare({array: wanted}, {array: found}, case.truth.accept, complete=False).verdicts
    by_row: dict[str, list[bool]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.truth_path and verdict.truth is not None:
            by_row[verdict.truth_path.partition("]")[0]].append(is_right(verdict))
    yield from ("right" if all(cells) else "in part" if any(cells) else "none read" for cells in by_row.values())


def lines_of(counts: Mapping[str, Counter[str]], names: Sequence[str], title: str) -> Iterator[str]:
    """Markdown: a line a field."""
    yield f"| {title} | labelled | " + " | ".join(names) + " |"
    yield "|---|---:|" + "---:|" * len(names)
    for field, found in counts.items():
        yield f"| {field} | {sum(found.values())} | " + " | ".join(str(found[name] or "") for name in names) + " |"
    total = sum(counts.values(), Counter())
    yield f"| all | {sum(total.values())} | " + " | ".join(str(total[name] or "") for name in names) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--truth", action="append", default=[], help="KIND=FOLDER with labels.jsonl; repeatable")
    parser.add_argument("--cache", default="", help="folder that keeps rendered pages")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--results", default="", help="write the tables to this Markdown file")
    arguments = parser.parse_args()
    values: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    rows: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for pair in arguments.truth:
        kind, _, path = pair.partition("=")
        cache = Path(arguments.cache) if arguments.cache else None
        of_set = labelled(kind, Path(path), real=True, cache=cache)
        arrays = {array for array, _ in of_set.schema.root.arrays()}
        for field, cause in causes(of_set):
            (rows if field in arrays else values)[kind][field][cause] += 1
    lines = []
    for kind in values | rows:
        lines += [f"## {kind}", "", *lines_of(values[kind], CAUSES, "field"), ""]
        lines += [*lines_of(rows[kind], ROWS, "rows of"), ""] if rows[kind] else []
    if arguments.json:
        print(json.dumps({"values": values, "rows": rows}))
    else:
        print("\n".join(lines))
    if arguments.results:
        date = dt.datetime.now(dt.UTC).date().isoformat()
        made = f"{date}, {LayoutEngine.info.fingerprint}, `python benchmarks/recall.py`"
        head = f"# Where labelled values are lost\n\n{made}\n"
        head += "on real documents that are not part of the project. The causes are explained in the script.\n\n"
        Path(arguments.results).write_text(head + "\n".join(lines), "utf-8")


if __name__ == "__main__":
    main()
