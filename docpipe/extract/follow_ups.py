"""Asking an engine again about what its first answer got wrong: the rungs of resolve.follow_up, one by one."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from docpipe.engine.base import Engine
from docpipe.engine.prompt import again, instruction
from docpipe.errors import DecodeError, DocumentError
from docpipe.extract.pages import Pages
from docpipe.records import Page, Reply, ReplyRow, Request
from docpipe.resolve.amend import Amendment
from docpipe.resolve.follow_up import FollowUp, follow_ups
from docpipe.resolve.merge import Part
from docpipe.resolve.record import resolve_window
from docpipe.resolve.second import in_doubt, only_heard, second_opinion
from docpipe.resolve.status import judged
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema
from docpipe.settings import Settings

MAX_CONTINUATIONS = 100  # of one window; each must bring a row


@dataclass(frozen=True, slots=True)
class Second:
    """Another engine, for what would go to review: what the first is less sure of than `review_confidence`. `answer`
    asks it, within the document's time.
    """

    engine: Engine
    answer: Callable[[Request], Awaitable[Reply]]
    review_confidence: float


@dataclass(slots=True)
class Asking:
    """The questions about one window of a document, the first and those that follow.

    `answer`: asks the engine, within the document's time. `replies` gets a row for each question.
    """

    schema: Schema
    engine: Engine
    settings: Settings
    pages: Pages
    answer: Callable[[Request], Awaitable[Reply]]
    replies: list[ReplyRow]
    second: Second | None = None
    _taken: list[Amendment] = field(default_factory=list)
    _others: list[Amendment] = field(default_factory=list)
    _asked: set[object] = field(default_factory=set)

    async def better(self, first: Request, reply: Reply, part: Part) -> Part:
        """`part`, or what it becomes once the engine was asked again, and another if it would go to review.

        At most settings.extraction.follow_ups questions, and as many continuations of a list that was cut
        as bring rows. An answer is taken if fewer errors stand after it, or more rows; what the others say
        is in the confidence of the values.
        """
        words = [replace(page, pixels=None) for page in first.pages]
        if self.engine.info.looks_again:
            part = await self._asked_again(first, words, reply, part)
        second, whole = self.second, first.first and first.last
        if second is not None and in_doubt(self.schema, part, second.review_confidence, whole=whole):
            words, part = await self._seconded(second, first, words, reply, part)
        heard = self._resolved(first, words, reply, self._taken, self._others) if self._others else None
        return heard or part

    async def _asked_again(self, first: Request, words: Sequence[Page], reply: Reply, part: Part) -> Part:
        left, continued = self.settings.extraction.follow_ups, 0
        while left > 0 and continued < MAX_CONTINUATIONS:
            question = self._next(part, words, whole=first.first and first.last)
            if question is None:
                break
            answer = await self._ask(first, question)
            left, continued = (left, continued + 1) if question.rung == "continue" else (left - 1, continued)
            if answer is None:
                continue
            amendment = Amendment(question, answer)
            better = self._resolved(first, words, reply, [*self._taken, amendment])
            if better is not None and self._helps(question, part, better):
                part = better
                self._taken.append(amendment)
            elif better is not None:
                self._others.append(amendment)
        return part

    async def _seconded(
        self, second: Second, first: Request, words: list[Page], reply: Reply, part: Part
    ) -> tuple[list[Page], Part]:
        """The pages, with the words that the second engine read, and what `part` becomes by its answer."""
        try:
            pages = await self._as_needed(second.engine, first.pages)
        except DocumentError:
            return words, part
        key = hashlib.sha256(f"{first.key}/second/{second.engine.info.fingerprint}".encode()).hexdigest()[:32]
        answer = await second.answer(replace(first, key=key, pages=pages))
        self.replies.append(ReplyRow(key, part.pages, answer))
        seen = [replace(page, pixels=None) for page in pages]
        other = self._resolved(first, seen, answer) if answer.finish != "error" else None
        if other is None:
            return words, part
        if all(word.notes == other.notes for word, other in zip(words, seen, strict=True)):  # boxes mean the same
            words = seen
        whole = first.first and first.last
        opinion = second_opinion(self.schema, part, other, answer, self.engine.info.name, whole=whole)
        before = self._resolved(first, words, reply, [*self._taken, only_heard(opinion)]) or part
        after = self._resolved(first, words, reply, [*self._taken, opinion])
        if after is not None and self._helps(opinion.question, before, after):
            self._taken.append(opinion)
            return words, after
        self._taken.append(only_heard(opinion))
        return words, before

    async def _as_needed(self, engine: Engine, pages: Sequence[Page]) -> tuple[Page, ...]:
        """`pages` with what `engine` needs of them; rendered again if that was not rendered yet."""
        needs = engine.needs_of(self.schema)
        if needs <= self.pages.needs:
            return tuple(pages)
        return tuple([await self.pages.again(page.number, needs) for page in pages])

    def _next(self, part: Part, pages: Sequence[Page], *, whole: bool) -> FollowUp | None:
        """The first question that was not asked yet. What a part of a document lacks may stand in another."""
        violations = judged(self.schema, part) if whole else part.violations
        for question in follow_ups(self.schema, part, violations, pages):
            key = (question.rung, question.paths, question.pages, question.box, question.after)
            if key not in self._asked:
                self._asked.add(key)
                return question
        return None

    async def _ask(self, first: Request, question: FollowUp) -> Reply | None:
        """The engine's answer to `question`; None if there is none."""
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
        return None if reply.finish == "error" else reply

    async def _closer(self, page: Page, question: FollowUp) -> Page:
        """The part of `page` that the question is about, rendered as large as a whole page."""
        assert question.box is not None
        pixels = await self.pages.document.crop(page.number, question.box, self.settings.render.max_pixels)
        height, width = pixels.shape[:2]
        inside = tuple(
            replace(word, box=word.box.within(question.box)) for word in page.words if question.box.encloses(word.box)
        )
        return replace(page, pixels=pixels, width_px=width, height_px=height, words=inside)

    def _resolved(
        self,
        first: Request,
        pages: Sequence[Page],
        reply: Reply,
        taken: Sequence[Amendment] = (),
        others: Sequence[Amendment] = (),
    ) -> Part | None:
        """The part that comes of these answers; None if one of them cannot be read."""
        grounded = self.settings.extraction.ground != "off"
        whole = first.first and first.last
        try:
            return resolve_window(
                self.schema, pages, reply, grounded=grounded, whole=whole, amendments=taken, others=others
            )
        except DecodeError:
            return None

    def _helps(self, question: FollowUp, before: Part, after: Part) -> bool:
        """Fewer errors; for a list to be continued more of its rows.

        By another engine also as many errors and more of its values on the page, if no error is about them.
        """
        if question.rung == "continue":
            return len(after.fields) > len(before.fields) or after.cut is None
        errors, left = (
            [violation for violation in judged(self.schema, part) if violation.severity == "error"]
            for part in (before, after)
        )
        if len(left) != len(errors) or question.rung != "second":
            return len(left) < len(errors)
        blamed = {path for violation in left for path in violation.paths}
        placed, now = (
            sum(leaf.page is not None for leaf in part.fields if leaf.path in question.paths)
            for part in (before, after)
        )
        return now > placed and blamed.isdisjoint(question.paths)
