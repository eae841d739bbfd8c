"""An evaluation as one HTML page that needs nothing else: no script, no link, no font from elsewhere.

Everything that comes from a document or a label is escaped. A content security policy in the page
forbids what an escape could have missed.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from string import Template
from typing import Any

from docpipe.evaluate.grounding import Box
from docpipe.evaluate.judge import Judged
from docpipe.evaluate.reliability import diagram
from docpipe.evaluate.values import as_text

MAX_ERRORS = 40  # of one document that are shown
MAX_TEXT = 200

_PAGE = Template("""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>docpipe evaluation</title><style>
body{font:14px/1.4 system-ui,sans-serif;margin:2em auto;max-width:1200px;color:#222;background:#fff}
table{border-collapse:collapse;margin:.5em 0 1.5em}td,th{border-bottom:1px solid #ddd;padding:2px 8px;text-align:right}
td:first-child,th:first-child{text-align:left}
.text td,.text th{text-align:left;vertical-align:top;word-break:break-word}
.wrong{background:#fbe3e3}.missing{background:#fdf3d8}.spurious{background:#e8e3fb}.bar{background:#4a7ab5;height:8px}
section{display:flex;gap:1.5em;border-top:2px solid #888;margin-top:2em;padding-top:1em;align-items:flex-start}
.page{position:relative;flex:0 0 460px}.page img{width:100%;border:1px solid #bbb;display:block}
.page i{position:absolute;border:2px solid #d22;box-sizing:border-box}.page i.truth{border:2px dashed #2a2}
svg text{font-size:10px}small{color:#666}
</style></head><body>
<h1>Evaluation</h1><p>$about</p>
$summary
<h2>Fields</h2>$fields
<h2>Reliability</h2><p>Share of right values against their confidence; the size of a point is the number of values.</p>
$reliability
<h2>The worst documents</h2>
<p>Red: where the value was found. Green, dashed: where the labels have it.</p>
$worst
</body></html>
""")


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as PNG bytes; page numbers count from 1."""

    page: int
    png: bytes


def report(result: Mapping[str, Any], worst: Sequence[tuple[Judged, Picture | None]], about: str = "") -> str:
    """The page of a result and its worst documents, each with the picture of a page if there is one."""
    return _PAGE.substitute(
        about=escape(about),
        summary=_summary(result),
        fields=_fields(result["fields"]),
        reliability=diagram(result["calibration"]["values"]["bins"]),
        worst="\n".join(_document(document, picture) for document, picture in worst)
        or "<p>No document has an error.</p>",
    )


def _summary(result: Mapping[str, Any]) -> str:
    documents, overall, sure = result["documents"], result["overall"], result["calibration"]["values"]
    rows = [
        ("documents labelled", documents["labelled"]),
        ("missing from the output", documents["missing"]),
        ("without an error", documents["without_an_error"]),
        ("micro precision", _percent(overall["micro"]["precision"])),
        ("micro recall", _percent(overall["micro"]["recall"])),
        ("micro F1", _percent(overall["micro"]["f1"])),
        ("macro F1", _percent(overall["macro_f1"])),
        *((name.replace("_", " "), _percent(measure["score"])) for name, measure in result["measures"].items()),
        ("AUROC of confidence", _percent(sure["auroc"])),
        ("expected calibration error", _percent(sure["ece"])),
        ("values that can pass at 99% precision", _percent(sure["passing_share"])),
        ("lists incomplete in silence", result["completeness"]["incomplete_in_silence"]),
        ("box overlap of right values", _percent(result["grounding"]["iou"])),
    ]  # fmt: skip
    missing = result["missing"]
    listed = f"<p>Missing: {escape(', '.join(missing[:50]))}{' …' if len(missing) > 50 else ''}</p>" if missing else ""
    return _table(("", ""), rows) + listed


def _fields(fields: Mapping[str, Mapping[str, Any]]) -> str:
    columns = ("labelled", "right", "wrong", "missing", "spurious")
    lines = []
    for name, field in fields.items():
        cells = "".join(f"<td>{field[column]}</td>" for column in columns)
        cells += "".join(f"<td>{_percent(field[rate])}</td>" for rate in ("precision", "recall", "f1", "anls"))
        bar = f'<td style="width:100px"><div class="bar" style="width:{field["f1"]:.0%}"></div></td>'
        lines.append(f"<tr><td>{escape(name)}</td>{cells}{bar}</tr>")
    head = "".join(f"<th>{name}</th>" for name in ("field", *columns, "precision", "recall", "F1", "ANLS", ""))
    return f"<table><tr>{head}</tr>{''.join(lines)}</table>"


def _document(judged: Judged, picture: Picture | None) -> str:
    outcome = judged.outcome or {}
    evidence = {told["path"]: told for told in outcome.get("fields") or ()}
    errors = judged.errors
    lines = []
    for error in errors[:MAX_ERRORS]:
        told = evidence.get(error.path) or {}
        sure = told.get("confidence")
        cells = (error.path or error.truth_path, error.kind, error.truth, error.found)
        texts = "".join(f"<td>{_short(cell)}</td>" for cell in cells)
        where = f"<td>{'' if sure is None else f'{sure:.2f}'}</td><td>{told.get('page') or ''}</td>"
        lines.append(f'<tr class="{error.kind}">{texts}{where}</tr>')
    more = f"<p>and {len(errors) - MAX_ERRORS} more</p>" if len(errors) > MAX_ERRORS else ""
    head = "".join(f"<th>{name}</th>" for name in ("field", "", "truth", "found", "confidence", "page"))
    failure = outcome.get("failure")
    said = [f"{violation['rule']}: {violation['message']}" for violation in outcome.get("violations") or ()]
    if failure:
        said.insert(0, f"{failure['code']}: {failure['message']}")
    told_of = "".join(f"<li>{_short(text)}</li>" for text in said[:MAX_ERRORS])
    return (
        f"<section>{_page(judged, picture, evidence)}<div><h3>{escape(judged.truth.file)}</h3>"
        f"<p>{escape(judged.status)}, {len(errors)} errors</p><ul>{told_of}</ul>"
        f'<table class="text"><tr>{head}</tr>{"".join(lines)}</table>{more}</div></section>'
    )


def _page(judged: Judged, picture: Picture | None, evidence: Mapping[str, Mapping[str, Any]]) -> str:
    if picture is None:
        return '<div class="page"><p><small>No picture: the file is not there, or no longer the same.</small></p></div>'
    found = [
        box
        for error in judged.errors
        if (told := evidence.get(error.path)) and told["page"] == picture.page
        for box in told["boxes"]
    ]
    true = [
        box
        for error in judged.errors
        for page, box in judged.truth.boxes.get(error.truth_path, ())
        if page == picture.page
    ]
    data = b64encode(picture.png).decode()
    drawn = _boxes(found, "") + _boxes(true, ' class="truth"')
    return (
        f'<div class="page"><div style="position:relative"><img alt="page {picture.page}" '
        f'src="data:image/png;base64,{data}">{drawn}</div><small>page {picture.page}</small></div>'
    )


def _boxes(boxes: Iterable[Box], attribute: str) -> str:
    return "".join(
        f'<i{attribute} style="left:{x0:.2%};top:{y0:.2%};width:{x1 - x0:.2%};height:{y1 - y0:.2%}"></i>'
        for x0, y0, x1, y1 in boxes
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = ["".join(f"<td>{escape(str(cell))}</td>" for cell in row) for row in rows]
    titles = "".join(f"<th>{escape(name)}</th>" for name in head) if any(head) else ""
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in (titles, *lines) if line) + "</table>"


def _short(value: Any) -> str:
    text = "" if value is None else as_text(value)
    return escape(text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"
