"""How much does the layout engine read under schemas that have names and descriptions, and no labels?

    python benchmarks/strangers.py [--json] [--verbose] [--part first --part second] [--only KIND]

benchmarks/data/strangers holds schemas as a person writes them for kinds of document that docpipe ships no schema
for, and documents of these kinds in many languages: what each prints, beside which caption, in which look, and what
of it is the value of a field. Nothing of them was taken from the captions that docpipe knows. The documents of
"second.json" were written when the rules stood.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from docpipe.engine.layout.engine import LayoutEngine
from docpipe.evaluate.counts import Score
from docpipe.evaluate.fields import compare
from docpipe.extract.document import extract
from docpipe.extract.workbench import workbench
from docpipe.records import Source
from docpipe.schema.load import load_schema
from docpipe.settings import Settings
from docpipe.synth import fonts

FOLDER = Path(__file__).parent / "data" / "strangers"
PARTS = ("first", "second")
WIDTH, HEIGHT, MARGIN = 595.0, 842.0, 56.0
LEAD = 18.0
CJK = {"ja": "HeiseiKakuGo-W5", "zh": "STSong-Light", "ko": "HYGothic-Medium"}
FAMILY = next(family for family in fonts.FAMILIES if family.name == "notosans")

Print = Sequence[Any]  # caption, printed value, then path and, where it differs from the print, the value


@dataclass
class Result:
    """What was read of one document. `scores`: (confidence, whether right) of each value."""

    name: str
    language: str
    status: str
    score: Score = field(default_factory=Score)
    values: list[tuple[float, bool]] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)


class Sheet:
    """One page that is written on from the top down."""

    def __init__(self, path: Path, language: str) -> None:
        self.canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT))
        self.y = HEIGHT - MARGIN
        if language in CJK:
            pdfmetrics.registerFont(UnicodeCIDFont(CJK[language]))
            self.regular = self.bold = CJK[language]
        else:
            self.regular, self.bold = FAMILY.regular, FAMILY.bold
            fonts.face(self.regular), fonts.face(self.bold)

    def put(self, x: float, text: str, *, size: float = 10.0, bold: bool = False, up: float = 0.0) -> float:
        """Print a text on the line; its right edge."""
        face = self.bold if bold else self.regular
        self.canvas.setFont(face, size)
        self.canvas.drawString(x, self.y + up, text)
        return x + float(pdfmetrics.stringWidth(text, face, size))

    def down(self, by: float = LEAD) -> None:
        self.y -= by

    def pairs(self, prints: Sequence[Print], look: str) -> None:
        """Captions and their values in one of four looks."""
        across = {"colon": 1, "columns": 1, "two": 2, "above": 3}[look]
        for start in range(0, len(prints), across):
            for at, pair in enumerate(prints[start : start + across]):
                caption, value = pair[0], pair[1]
                x = MARGIN + at * (WIDTH - 2 * MARGIN) / across
                if look == "columns":
                    self.put(x, caption)
                    self.put(x + 200.0, value)
                elif look == "above":
                    self.put(x, caption, size=7.5, up=11.0)
                    self.put(x, value)
                else:
                    self.put(self.put(x, f"{caption}:") + 6.0, value)
            self.down(LEAD * (1.9 if look == "above" else 1.0))

    def table(self, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Cells below their headers, those with a value of their own at the right edge of their column."""
        step = (WIDTH - 2 * MARGIN) / len(header)
        numeric = [not isinstance(cell, str) and not isinstance(cell[1], str) for cell in rows[0]]
        for line, row in enumerate((header, *rows)):
            for at, cell in enumerate(row):
                text = cell if isinstance(cell, str) else cell[0]
                face = self.bold if line == 0 else self.regular
                shift = step - 20.0 - float(pdfmetrics.stringWidth(text, face, 9.0)) if numeric[at] else 0.0
                self.put(MARGIN + at * step + shift, text, size=9.0, bold=line == 0)
            self.down(15.0)


def drawn(document: Mapping[str, Any], path: Path) -> Path:
    """The document as a PDF."""
    sheet = Sheet(path, document["language"])
    for at, line in enumerate(document["head"]):
        sheet.put(MARGIN, line, size=13.0 if at == 0 else 9.0, bold=at == 0)
        sheet.down(16.0)
    sheet.down(14.0)
    sheet.put(MARGIN, document["title"], size=16.0, bold=True)
    sheet.down(34.0)
    sheet.pairs(document["prints"], document["look"])
    sheet.down(12.0)
    if "table" in document:
        sheet.table(document["table"]["header"], document["table"]["rows"])
        sheet.down(8.0)
    sheet.pairs(document.get("after", ()), "columns")
    sheet.canvas.save()
    return path


def truth_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """The record that a document prints; of the schema's other fields nothing is known."""
    truth: dict[str, Any] = {}
    for pair in (*document["prints"], *document.get("after", ())):
        if len(pair) > 2:
            *outer, name = pair[2].split(".")
            at = truth
            for part in outer:
                at = at.setdefault(part, {})
            at[name] = pair[-1] if len(pair) > 3 else pair[1]
    if "table" in document:
        table = document["table"]
        cells = [[cell if isinstance(cell, str) else cell[1] for cell in row] for row in table["rows"]]
        truth[table["path"]] = [dict(zip(table["columns"], row, strict=True)) for row in cells]
    return truth


def read(document: Mapping[str, Any], folder: Path) -> Result:
    """Draw a document, read it under its schema and judge what was read."""
    schema = load_schema(str(FOLDER / f"{document['schema']}.json"))
    path = drawn(document, folder / "document.pdf")
    bench = workbench(schema, LayoutEngine(), Settings())
    try:
        outcome = asyncio.run(extract(Source(str(path), path.stat().st_size), bench))
    finally:
        bench.close()
    if outcome.failure is not None:
        raise RuntimeError(f"{document['schema']} in {document['language']}: {outcome.failure}")
    result = Result(document["schema"], document["language"], outcome.status)
    record = outcome.records[0] if outcome.records else None
    sure = {each.path: each.confidence for each in record.fields} if record else {}
    value = json.loads(json.dumps(record.value, default=_plain)) if record else {}
    for verdict in compare(truth_of(document), value).verdicts:
        setattr(result.score, verdict.kind, getattr(result.score, verdict.kind) + 1)
        if verdict.kind != "missing" and verdict.path in sure:
            result.values.append((sure[verdict.path], verdict.kind == "right"))
        if verdict.kind != "right":
            result.mistakes.append(f"{verdict.kind} {verdict.field}: {verdict.truth!r}, read {verdict.found!r}")
    return result


def _plain(value: Any) -> Any:
    return float(value) if type(value).__name__ == "Decimal" else str(value)


def documents(parts: Sequence[str], only: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(part, document)."""
    for part in parts:
        if (file := FOLDER / f"{part}.json").is_file():
            for document in json.loads(file.read_text(encoding="utf-8")):
                if not only or document["schema"] in only:
                    yield part, document


def share(score: Score) -> float:
    """Of the printed values those that are right."""
    printed = score.right + score.wrong + score.missing
    return score.right / printed if printed else 0.0


def lines(groups: Mapping[str, Mapping[str, Sequence[Result]]]) -> Iterator[str]:
    """Markdown: a table for each way of grouping."""
    for title, group in groups.items():
        yield f"| {title} | documents | right | wrong | missing | spurious | share right |"
        yield "|---|---:|---:|---:|---:|---:|---:|"
        for name, results in sorted(group.items()):
            score = Score()
            for result in results:
                score.add(result.score)
            yield f"| {name} | {len(results)} | {' | '.join(map(str, score.as_tuple()))} | {share(score):.3f} |"
        yield ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--verbose", action="store_true", help="print what is not right")
    parser.add_argument("--part", action="append", default=[], choices=PARTS)
    parser.add_argument("--only", action="append", default=[], metavar="KIND")
    arguments = parser.parse_args()
    groups: dict[str, dict[str, list[Result]]] = {name: defaultdict(list) for name in ("part", "kind", "language")}
    with tempfile.TemporaryDirectory() as folder:
        for part, document in documents(arguments.part or PARTS, arguments.only):
            result = read(document, Path(folder))
            for title, name in (("part", part), ("kind", result.name), ("language", result.language)):
                groups[title][name].append(result)
            if arguments.verbose:
                print(part, result.name, result.language, result.status, result.score.as_tuple())
                print("".join(f"    {mistake}\n" for mistake in result.mistakes), end="")
    everything = [result for results in groups["part"].values() for result in results]
    values = [value for result in everything for value in result.values]
    sure = [right for confidence, right in values if confidence >= 0.5]
    if arguments.json:
        counts = {
            title: {name: [result.score.as_tuple() for result in results] for name, results in group.items()}
            for title, group in groups.items()
        }
        print(json.dumps(counts | {"values": values}))
        return
    print("\n".join(lines(groups)))
    print(f"{len(values)} values, {len(sure)} of 0.5 and more, {sum(sure)} of these right.")


if __name__ == "__main__":
    main()
