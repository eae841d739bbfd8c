"""Same bytes at several paths are extracted once, in whatever order workers hash and extract them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docpipe.records import Identify, Outcome, Source
from docpipe.run.handful import DOCUMENTS, hashed_here
from docpipe.run.identities import Identities
from docpipe.run.plan import RELY, Again, Plan
from docpipe.run.pool import Work
from docpipe.run.summary import Summary
from docpipe.schema.load import load_schema
from docpipe.settings import Limits, Settings
from docpipe.store.commit import Store

MARKS: Mapping[str, str] = {"question": "q"}
SCHEMA = load_schema("invoice")


def source(name: str, size: int = 10) -> Source:
    return Source(name, size, 1)


def known(of: Source) -> Source:
    return replace(of, doc_id=of.uri[0] * 64)


def test_sources_of_one_size_come_in_the_order_in_which_they_were_asked_about() -> None:
    identities = Identities()
    first, second, third, other = source("a1"), source("a2"), source("b1"), source("c1", 11)
    identities.ask(second, [first, other])
    identities.ask(third, [first])
    assert [ask.source for ask in identities.asks] == [first, second, third]
    assert list(identities.answer(known(third))) == []
    assert list(identities.answer(known(first))) == [(known(first), True)]
    assert list(identities.answer(known(second))) == [(known(second), False), (known(third), False)]
    assert len(identities) == 0


def test_one_that_was_at_work_and_is_to_be_decided_itself_is_asked_about_once() -> None:
    identities = Identities()
    first, second = source("a1"), source("a2")
    identities.ask(second, [first])
    identities.ask(first, [])
    assert len(identities.asks) == 2
    assert list(identities.answer(known(first))) == [(known(first), False)]


def test_one_that_needs_no_hash_waits_for_those_listed_before_it() -> None:
    identities = Identities()
    first, second = source("a1"), known(source("a2"))
    assert not identities.follow(second)
    identities.ask(first, [])
    assert not identities.follow(source("b1", 11))
    assert identities.follow(second)
    assert list(identities.answer(known(first))) == [(known(first), False), (second, False)]
    assert len(identities) == 0


class Pool:
    """Answers what is in flight in an order that is drawn; the first letter of a name stands for the bytes."""

    def __init__(self, store: Store, plan: Plan) -> None:
        self.store, self.plan = store, plan
        self.extracted: list[str] = []

    def end(self, work: Work) -> None:
        if isinstance(work, Identify):
            self.plan.identified(known(work.source))
            return
        assert isinstance(work, Source)
        self.extracted.append(work.uri)
        outcome = Outcome(known(work), "invoice", "test", MARKS, "ok")
        self.store.add(outcome)
        self.plan.settle(outcome)


@pytest.mark.slow
@pytest.mark.parametrize("again", [RELY, Again(rehash=True)])
@settings(max_examples=40, deadline=None)
@given(names=st.lists(st.sampled_from("aabc"), min_size=1, max_size=8), width=st.integers(1, 5), data=st.data())
def test_the_first_path_of_some_bytes_is_extracted_and_the_others_are_linked(
    again: Again, names: list[str], width: int, data: st.DataObject
) -> None:
    """Of bytes that differ in size from all others, and of such that do not; some were read for another question."""
    listing = [source(f"{name}{number}", 11 if name == "c" else 10) for number, name in enumerate(names)]
    before = [one for one in listing if data.draw(st.booleans())]
    with TemporaryDirectory() as folder:
        with Store.open(Path(folder) / "out", SCHEMA, "before") as store:
            for one in before:
                store.add(Outcome(known(one), "invoice", "test", {"question": "another"}, "ok"))
        pool, summary = read_anew(Path(folder) / "out", listing, again, width, data)
    extracted = sorted(pool.extracted, key=lambda uri: uri[0])
    assert extracted == sorted({name: f"{name}{names.index(name)}" for name in names}.values())
    assert summary.linked == len(names) - len(extracted)
    assert set(pool.store.ledger) == {one.uri for one in listing}


def read_anew(out: Path, listing: list[Source], again: Again, width: int, data: st.DataObject) -> tuple[Pool, Summary]:
    with Store.open(out, SCHEMA, "run") as store:
        summary = Summary("run", str(out), "invoice", "test", "")
        plan = Plan(store, MARKS, summary, again=again, settings=Settings())
        pool, in_flight = Pool(store, plan), list[Work]()
        todo = plan.work(listing)
        if data.draw(st.booleans()):
            first = next(todo)
            assert first is not None
            plan.engaged(MARKS, [first])
        for work in todo:
            if work is not None:
                in_flight.append(work)
            while in_flight and (work is None or len(in_flight) >= width):
                pool.end(in_flight.pop(data.draw(st.integers(0, len(in_flight) - 1))))
        while in_flight:
            pool.end(in_flight.pop())
    return pool, summary


def test_a_handful_is_hashed_before_there_is_a_pool_and_the_rest_is_work(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.pdf" for number in range(DOCUMENTS + 2)]
    for path in paths:
        path.write_bytes(b"%PDF-1.7")
    answers = list[Source]()
    work: list[Work | None] = [Identify(Source(str(path), 8, 1)) for path in paths]
    left = list(hashed_here(iter([None, *work]), answers.append, Limits()))
    assert left == [None, *work[DOCUMENTS:]]
    assert len({answer.doc_id for answer in answers} - {None}) == 1
    assert len(answers) == DOCUMENTS
