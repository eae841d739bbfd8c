"""What an earlier run was answered, read back from replies/."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from docpipe.page.box import Box
from docpipe.records import Reply, ReplyRow, Span
from docpipe.store.parts import read_part
from docpipe.store.place import Place


class Recall:
    """Reads the replies of one extraction after another; holds the part that it read last.

    Sources come in about the order in which their parts were written, so that most parts are read once.
    """

    def __init__(self, out: Place) -> None:
        self._out = out
        self._part = ""
        self._rows: pa.Table | None = None

    def replies(self, part: str, extraction: str) -> tuple[ReplyRow, ...]:
        """As they were stored: log-probabilities and boxes have the precision of float32.

        Of a reply that is an error the code is not kept. Raises StoreError if the part cannot be read.
        """
        if self._rows is None or part != self._part:
            self._rows, self._part = read_part(self._out, "replies", part), part
        found = self._rows.filter(pc.equal(self._rows["_extraction_id"], extraction))
        return tuple(_reply_row(row) for row in found.to_pylist())


def _reply_row(row: dict[str, Any]) -> ReplyRow:
    spans = row["spans"] or []
    reply = Reply(
        text=row["text"] or "",
        finish=row["finish"],
        engine=row["engine"],
        logprobs=tuple(row["logprobs"] or ()),
        spans=tuple(map(_span, spans, row.get("methods") or [""] * len(spans))),
        prompt_tokens=row["prompt_tokens"],
        output_tokens=row["output_tokens"],
        seconds=row["seconds"],
        error=row["error"] or "",
    )
    return ReplyRow(row["key"], tuple(row["pages"]), reply)


def _span(row: dict[str, Any], method: str) -> Span:
    boxes = tuple(Box(*box) for box in row["boxes"])
    return Span(row["path"], row["page"], boxes, row["score"], row["text"] or "", method)
