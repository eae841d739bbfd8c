"""Asking an engine again about what its first answer got wrong: the rungs of resolve.follow_up, one by one."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from docpipe.engine.base import Engine, looks_again
from docpipe.engine.prompt import again, instruction
from docpipe.errors import DecodeError, DocumentError
from docpipe.records import Page, Reply, ReplyRow, Request
from docpipe.render.renderer import Document
from docpipe.resolve.follow_up import Amendment, FollowUp, follow_ups
from docpipe.resolve.merge import Part
from docpipe.resolve.record import judged, resolve_window
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema
from docpipe.settings import Settings

MAX_CONTINUATIONS = 100  # of one window; each must bring a row


@dataclass(slots=True)
class Asking:
    """The questions about one window of a document, the first and those that follow.

    `answer`: asks the engine, within the document's time. `replies` gets a row for each question.
    """

    schema: Schema
    engine: Engine
    settings: Settings
    document: Document
    answer: Callable[[Request], Awaitable[Reply]]
    replies: list[ReplyRow]
    _asked: set[object] = field(default_factory=set)

    async def better(self, first: Request, reply: Reply, part: Part) -> Part:
        """`part`, or what it becomes once the engine was asked again; never worse than `part`.

        At most settings.extraction.follow_ups questions, and as many continuations of a list that was cut
        as bring rows. An answer is taken if fewer errors stand after it, or more rows.
        """
        words = [replace(page, pixels=None) for page in first.pages]
        left, continued = self.settings.extraction.follow_ups, 0
        amendments: list[Amendment] = []
        while looks_again(self.engine) and left > 0 and continued < MAX_CONTINUATIONS:
            question = self._next(part, words, whole=first.first and first.last)
            if question is None:
                break
            text = await self._ask(first, question)
            left, continued = (left, continued + 1) if question.rung == "continue" else (left - 1, continued)
            if text is None:
                continue
            tried = [*amendments, Amendment(question, text)]
            second = self._resolved(first, words, reply, tried)
            if second is not None and self._helps(question, part, second):
                part, amendments = second, tried
        return part

    def _next(self, part: Part, pages: Sequence[Page], *, whole: bool) -> FollowUp | None:
        """The first question that was not asked yet. What a part of a document lacks may stand in another."""
        violations = judged(self.schema, part) if whole else part.violations
        for question in follow_ups(self.schema, part, violations, pages):
            key = (question.rung, question.paths, question.pages, question.box, question.after)
            if key not in self._asked:
                self._asked.add(key)
                return question
        return None

    async def _ask(self, first: Request, question: FollowUp) -> str | None:
        """The text of the engine's answer to `question`; None if there is none."""
        asked = parse_schema(question.schema, self.schema.name)
        pages = tuple(page for page in first.pages if page.number in question.pages)
        if question.box is not None:
            try:
                pages = (await self._closer(pages[0], question),)
            except DocumentError:
                return None
        request = replace(
            first,
            key=hashlib.sha256(f"{first.key}/{question!r}/{question.after}".encode()).hexdigest()[:32],
            pages=pages,
            schema=asked.document,
            schema_fingerprint=asked.fingerprint,
            instruction=instruction(asked) + "\n" + again(question.errors, question.after),
        )
        reply = await self.answer(request)
        self.replies.append(ReplyRow(request.key, tuple(page.number for page in pages), reply))
        return None if reply.finish == "error" else reply.text

    async def _closer(self, page: Page, question: FollowUp) -> Page:
        """The part of `page` that the question is about, rendered as large as a whole page."""
        assert question.box is not None
        x0, y0, x1, y1 = question.box
        pixels = await self.document.crop(page.number, question.box, self.settings.render.max_pixels)
        height, width = pixels.shape[:2]
        inside = tuple(
            replace(word, box=((a - x0) / (x1 - x0), (b - y0) / (y1 - y0), (c - x0) / (x1 - x0), (d - y0) / (y1 - y0)))
            for word in page.words
            if x0 <= (a := word.box[0])
            and (c := word.box[2]) <= x1
            and y0 <= (b := word.box[1])
            and (d := word.box[3]) <= y1
        )
        return replace(page, pixels=pixels, width_px=width, height_px=height, words=inside)

    def _resolved(
        self, first: Request, pages: Sequence[Page], reply: Reply, amendments: Sequence[Amendment]
    ) -> Part | None:
        grounded = self.settings.extraction.ground != "off"
        whole = first.first and first.last
        try:
            return resolve_window(self.schema, pages, reply, grounded=grounded, whole=whole, amendments=amendments)
        except DecodeError:
            return None

    def _helps(self, question: FollowUp, before: Part, after: Part) -> bool:
        """Fewer errors; or for a list to be continued, more of its rows."""
        if question.rung == "continue":
            return len(after.fields) > len(before.fields) or after.cut is None
        errors = [sum(one.severity == "error" for one in judged(self.schema, part)) for part in (before, after)]
        return errors[1] < errors[0]
