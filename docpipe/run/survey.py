"""Before documents are read: which of them are alike, and what alike ones have in common.

For engines that learn from that (Engine.siblings_of). All sources of a run are listed, their pages sketched by the
workers, and grouped here by names that depend on nothing but the bytes. So what a document is read with is the same
whatever the order of the listing, the number of workers and the batches of commits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from docpipe.engine.siblings import PageName, Siblings
from docpipe.errors import StoreError
from docpipe.records import Identify, Learn, Learnt, Replay, Source, Survey, Surveyed, Template
from docpipe.run.listing import Listing
from docpipe.run.plan import Plan
from docpipe.run.pool import Pool, Work
from docpipe.run.progress import Progress
from docpipe.store.place import Place
from docpipe.store.templates import Known, load_templates, save_templates

LEAST = 3  # documents: two cannot tell what is printed
MOST_SURVEYED = 20_000  # documents of one run that are compared: those first by the hash of their names
MOST_TEMPLATES = 4_096  # of one output; forms with more copies come first
DEPENDS_ON = ("question", "engine", "render")  # fingerprints


@dataclass(slots=True)
class Siblinghood:
    """What the documents of one run have in common. `forced`: what earlier runs have learnt does not count."""

    siblings: Siblings
    out: Place
    marks: Mapping[str, str]
    forced: bool = False
    _known: Known = field(default_factory=Known)

    def work(
        self, todo: Iterator[Work | None], listing: Listing, plan: Plan, pool: Pool, progress: Progress
    ) -> Iterator[Work | None]:
        """`todo` once more, when all of it that can be known was compared and the pool has what came of it."""
        self._known = Known() if self.forced else load_templates(self.out, self._learnt_with)
        held: list[Source | Replay] = []
        for answer in pool.outcomes(_gathered(todo, listing, plan, held)):
            if isinstance(answer, Source):
                plan.identified(answer)
        fresh = _chosen([work for work in held if isinstance(work, Source)], self._known)
        if len(fresh) >= LEAST:
            progress.tell(f"{len(fresh)} documents are compared before they are read")
            self._learn(fresh, pool)
        if self._known.templates:
            pool.equip(self._known.templates)
        yield from held
        yield from todo

    def settle(self) -> None:
        """All documents that were compared are read: who is compared later need not spare them."""
        if self._known.surveyed:
            self._known = replace(self._known, surveyed=frozenset())
            self._save()

    @property
    def _learnt_with(self) -> dict[str, str]:
        return {name: self.marks[name] for name in DEPENDS_ON if name in self.marks}

    def _learn(self, fresh: list[Source], pool: Pool) -> None:
        sources: dict[str, Source] = {}
        sketches: dict[PageName, bytes] = {}
        for answer in pool.outcomes(Survey(source) for source in fresh):
            if isinstance(answer, Surveyed) and answer.source.doc_id is not None:
                doc_id = answer.source.doc_id
                sources[doc_id] = min(sources.get(doc_id, answer.source), answer.source, key=lambda each: each.uri)
                sketches |= {(doc_id, number): sketched for number, sketched in answer.sketches}
        groups = self.siblings.groups(sketches)
        asked = [Learn(tuple((sources[doc_id], number) for doc_id, number in group)) for group in groups]
        learnt = [
            template
            for answer in pool.outcomes(iter(asked))
            if isinstance(answer, Learnt)
            for template in answer.templates
        ]
        self._known = Known(
            _most_common([*self._known.templates], learnt),
            self._known.surveyed | {mark_of(source) for source in fresh},
        )
        self._save()

    def _save(self) -> None:
        try:
            save_templates(self.out, self._learnt_with, self._known)
        except OSError as error:
            raise StoreError(f"cannot write to {self.out}: {error}") from error


def _gathered(
    todo: Iterator[Work | None], listing: Listing, plan: Plan, held: list[Source | Replay]
) -> Iterator[Work | None]:
    """What of `todo` is only to be hashed; the rest goes to `held`. Ends when no more is known before outcomes are."""
    for work in todo:
        if isinstance(work, Source | Replay):
            held.append(work)
        elif work is None and listing.over and plan.rests:
            return
        elif work is None or isinstance(work, Identify):
            yield work


def _chosen(sources: list[Source], known: Known) -> list[Source]:
    """The sources that are compared: not those that were, and no more than MOST_SURVEYED."""
    fresh = {mark: source for source in sources if (mark := mark_of(source)) not in known.surveyed}
    return [fresh[mark] for mark in sorted(fresh)[:MOST_SURVEYED]]


def mark_of(source: Source) -> str:
    """What names a source before its bytes are known; another after it was changed."""
    text = f"{source.uri}\n{source.size}\n{source.mtime_ns}\n{source.etag}"
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _most_common(before: list[Template], learnt: list[Template]) -> tuple[Template, ...]:
    """Those that were known, and of the new ones those with most members, in an order of their own."""
    known = set(before)
    fresh = sorted(set(learnt) - known, key=lambda each: (-each.members, each.sketch, each.content))
    return tuple([*before, *fresh][:MOST_TEMPLATES])
