"""What the layout engine reads of the samples under a draft: the proof of its fields, and the numbers of its checks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from docpipe.draft.samples import Sample
from docpipe.engine.layout.compiled import compile_schema
from docpipe.engine.layout.reader import read_request
from docpipe.records import Request
from docpipe.schema.load import parse_schema

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReadBack:
    """`answers`: one a sample. `counts`: path, without indices -> how many samples have a value there."""

    answers: tuple[Answer, ...]
    counts: Mapping[str, int]


def read_back(document: Mapping[str, Any], samples: Sequence[Sample]) -> ReadBack:
    """Read the samples under a schema document. Raises InvalidSchema."""
    compiled = compile_schema(parse_schema(document, "draft"))
    answers = []
    for sample in samples:
        request = Request("", "", sample.pages, document, "draft", "", "", 0)
        text, _ = read_request(compiled, request)
        answers.append(json.loads(text, parse_float=Decimal))
    counts: dict[str, int] = {}
    for answer in answers:
        for path in set(_filled(answer, "")):
            counts[path] = counts.get(path, 0) + 1
    return ReadBack(tuple(answers), counts)


def _filled(value: Any, path: str) -> Iterator[str]:
    """The paths of what is not empty, those of objects and lists too."""
    if isinstance(value, dict):
        for name, below in value.items():
            yield from _filled(below, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for row in value:
            yield from _filled(row, path)
    elif value is not None:
        steps = path.split(".")
        yield from (".".join(steps[:at]) for at in range(1, len(steps) + 1))
