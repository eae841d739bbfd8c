"""An engine is asked again about what is wrong, in rungs; an answer is taken only if it mends something."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf
import pytest

from docpipe.engine.base import Engine, EngineInfo
from docpipe.engine.prompt import instruction
from docpipe.engine.scripted import ScriptedEngine
from docpipe.extract.document import extract
from docpipe.extract.follow_ups import Asking, Second
from docpipe.extract.workbench import workbench
from docpipe.records import Page, Reply, ReplyRow, Request, Source
from docpipe.resolve.amend import json_copy
from docpipe.resolve.merge import Part
from docpipe.resolve.record import resolve_window
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Node, Schema
from docpipe.schema.paths import parts, value_at
from docpipe.schema.wire import on_wire
from docpipe.settings import Extraction, Settings
from tests.unit.resolve.pages import page

GOOD = {"number": "A-1", "ordered": "2026-01-31", "net": 100, "tax": 19, "total": 119}
PRINTED = page("Order A-1", "Date 2026-01-31", "net 100.00", "tax 19.00", "total 119.00")


class Paper:
    """Stands for the pages of an open document: counts the crops that are asked of it."""

    def __init__(self, *shown: Page) -> None:
        self.crops: list[tuple[int, Any]] = []
        self.document, self.needs, self.shown = self, frozenset({"pixels", "layer"}), shown

    async def again(self, number: int, needs: frozenset[str]) -> Page:
        assert needs == {"words", "geometry"}
        return next(page for page in self.shown if page.number == number)

    async def crop(self, number: int, box: Any, max_pixels: int) -> Any:
        self.crops.append((number, box))
        return np.zeros((40, 60, 3), np.uint8)


class Desk:
    """One window's questions, with an engine that answers from a list."""

    def __init__(
        self,
        schema: Schema,
        *answers: Any,
        follow_ups: int = 2,
        looks_again: bool = True,
        second: Sequence[Any] = (),
        read: Sequence[Page] = (),
    ) -> None:
        self.schema, self.paper = schema, Paper(*read)
        self.requests: list[Request] = []
        self.replies: list[ReplyRow] = []
        engine = ScriptedEngine(list(answers), looks_again=looks_again)

        async def answer(request: Request) -> Reply:
            self.requests.append(request)
            return await engine.answer(request)

        other = ScriptedEngine(list(second), needs=frozenset({"words", "geometry"}))
        other.info = replace(other.info, name="other")
        self.heard: list[Request] = []

        async def answer_second(request: Request) -> Reply:
            self.heard.append(request)
            return await other.answer(request)

        settings = Settings(extraction=Extraction(follow_ups=follow_ups))
        self.asking = Asking(
            schema,
            engine,
            settings,
            self.paper,  # type: ignore[arg-type]
            answer,
            self.replies,
            Second(other, answer_second, 0.5) if second else None,
        )

    async def better(self, first: Any, *pages: Page) -> Part:
        text = first if isinstance(first, str) else json.dumps(first)
        reply = Reply(text, "length" if isinstance(first, str) else "stop", "scripted")
        request = Request(
            "key",
            "doc",
            pages,
            self.schema.document,
            self.schema.name,
            self.schema.fingerprint,
            instruction(self.schema),
            99,
        )
        return await self.asking.better(request, reply, resolve_window(self.schema, list(pages), reply))


async def test_a_good_answer_is_not_asked_again(order: Schema) -> None:
    desk = Desk(order, {})
    part = await desk.better(GOOD, PRINTED)
    assert (part.value["number"], desk.requests) == ("A-1", [])


async def test_a_refused_field_is_asked_for_alone_with_its_error(order: Schema) -> None:
    desk = Desk(order, {"total": 119})
    part = await desk.better({**GOOD, "total": "a lot"}, PRINTED)
    assert part.value["total"] == 119
    assert [(edit.path, edit.before, edit.rule) for edit in part.edits] == [("total", "a lot", "asked:fields")]
    (request,) = desk.requests
    assert list(request.schema["properties"]) == ["total"]
    assert "'a lot', which is not a valid number" in request.instruction
    assert len(desk.replies) == 1


async def test_an_engine_that_would_say_the_same_is_not_asked_again(order: Schema) -> None:
    desk = Desk(order, {"total": 119}, looks_again=False)
    assert (await desk.better({**GOOD, "total": "a lot"}, PRINTED)).value["total"] is None
    assert desk.requests == []


@pytest.mark.parametrize("most", [0, 1, 2])
async def test_no_more_is_asked_than_the_settings_say(order: Schema, most: int) -> None:
    desk = Desk(order, {"total": None}, follow_ups=most)
    await desk.better({**GOOD, "total": "a lot"}, page("Order A-1", "total smudge"))
    assert len(desk.requests) <= most


async def test_what_did_not_help_is_looked_at_from_closer() -> None:
    number = {"type": ["number", "null"], "x-docpipe": {"scale": 2, "labels": {"en": ["Total"]}}}
    schema = parse_schema({"type": "object", "required": ["total"], "properties": {"total": number}}, "bill")
    desk = Desk(schema, {"total": None}, {"total": 7})
    shown = replace(page("Bill 9", "_", "_", "Total 7.00"), pixels=np.zeros((8, 8, 3), np.uint8))
    part = await desk.better({"total": None}, shown)
    assert part.value["total"] == 7
    assert [edit.rule for edit in part.edits] == ["asked:closer"]
    ((number_of_page, box),) = desk.paper.crops
    assert number_of_page == 1
    assert box[1] < 0.09 < 0.11 < box[3]
    assert desk.requests[1].pages[0].width_px == 60
    assert {word.text for word in desk.requests[1].pages[0].words} == {"Total", "7.00"}


async def test_an_answer_that_mends_nothing_is_not_taken(order: Schema) -> None:
    wrong = {**GOOD, "total": 110}
    shown = page("Order A-1 2026-01-31", "net 100.00", "tax 19.00", "total 110.00", "120.00")
    desk = Desk(order, {"net": 1, "tax": 2, "total": 4}, {"total": 5})
    part = await desk.better(wrong, shown)
    assert [part.value[name] for name in ("net", "tax", "total")] == [100, 19, 110]
    assert part.edits == ()
    assert len(desk.requests) >= 1


@pytest.mark.parametrize("answer", ["I cannot.", {"fault": "error"}, "{"])
async def test_a_second_answer_that_is_none_changes_nothing(order: Schema, answer: Any) -> None:
    desk = Desk(order, answer)
    part = await desk.better({**GOOD, "total": "a lot"}, PRINTED)
    assert (part.value["total"], part.value["number"], part.edits) == (None, "A-1", ())


def lines(*numbers: int) -> list[dict[str, Any]]:
    return [{"text": f"Part{one}", "quantity": one, "amount": one} for one in numbers]


async def test_a_list_that_was_cut_is_continued_after_its_last_complete_row(order: Schema) -> None:
    whole = json.dumps({**GOOD, "lines": lines(*range(1, 10))})
    cut = whole[: whole.index('"Part4"') + 3]
    desk = Desk(order, json.dumps({"lines": lines(4, 5, 6)})[:-30], {"lines": lines(5, 6, 7, 8, 9)}, follow_ups=1)
    part = await desk.better(cut, PRINTED)
    assert [row["text"] for row in part.value["lines"]] == [f"Part{one}" for one in range(1, 10)]
    assert part.cut is None
    assert "incomplete" not in {one.rule for one in part.violations}
    assert '"Part3"' in desk.requests[0].instruction
    assert list(desk.requests[0].schema["properties"]) == ["lines"]


class Perfect(Engine):
    """Never errs, and writes no more than `limit` characters: an answer to any schema about `label`."""

    info = EngineInfo("perfect", "perfect", frozenset({"pixels"}), looks_again=True, writes_tokens=True)

    def __init__(self, label: dict[str, Any], limit: int) -> None:
        self.label, self.limit, self.asked = label, limit, 0

    async def answer(self, request: Request) -> Reply:
        self.asked += 1
        _, _, after = request.instruction.partition("do not repeat it: ")
        _, _, why = request.instruction.partition("the answer broke off while ")
        where, told = why.partition(" was written")[0], json_copy(self.label)
        if where:
            left_of(told, parts(where), len(self.rows_before(where, after)))
        text = on_the_wire(parse_schema(request.schema, "asked").root, told)
        cut = len(text) > self.limit
        return Reply(text[: self.limit], "length" if cut else "stop", "perfect")

    def rows_before(self, where: str, after: str) -> list[Any]:
        rows: list[Any] = value_at(self.label, where)
        last = named(json.loads(after or "null"))
        at = next((at for at, row in enumerate(rows) if last is not None and named(row) == last), -1)
        return rows[: at + 1]


def named(row: Any) -> Any:
    """What tells a row of `FULL` from its neighbours."""
    return row.get("text", row.get("code")) if isinstance(row, dict) else row


def left_of(told: Any, steps: list[str | int], count: int) -> None:
    """Takes what was read of the list at `steps` out of `told`: whole rows on the way, and `count` of its own."""
    for at, step in enumerate(steps):
        if isinstance(step, int):
            del told[:step]
            told = told[0]
        elif at == len(steps) - 1:
            del told[step][:count]
        else:
            told = told[step]


def on_the_wire(node: Node, value: Any) -> str:
    """Compact JSON as the grammar holds a model to it."""
    if node.kind == "object":
        known = value or {}
        return "{" + ",".join(f'"{one.name}":{on_the_wire(one, known.get(one.name))}' for one in on_wire(node)) + "}"
    if node.item is not None:
        return "[" + ",".join(on_the_wire(node.item, row) for row in value or ()) + "]"
    return json.dumps(value)


FULL = {
    **GOOD,
    "currency": "EUR",
    "shop": {"name": "Bolts Ltd", "tax_id": None},
    "tags": ["red", "blue", "green"],
    "lines": [
        {
            "text": f"Part{n}",
            "quantity": n,
            "amount": n,
            "batches": [{"code": f"B{n}{k}"} for k in range(n % 4)],
            "marks": [f"m{k}" for k in range(n % 3)],
        }
        for n in range(1, 9)
    ],
}


@pytest.mark.parametrize("limit", [*range(330, 1_200, 13)])
async def test_nothing_is_lost_wherever_an_answer_is_cut(order_document: dict[str, Any], limit: int) -> None:
    properties = order_document["properties"]
    lists = {"lines": properties.pop("lines")}  # the schema's order is not that of the wire
    lists["lines"]["items"]["properties"]["marks"] = {"type": "array", "items": {"type": "string"}}
    order_document["properties"] = {**lists, **properties}
    order_document["properties"]["taxes"] = {
        "type": "array",
        "items": {"type": "object", "properties": {"text": {"type": ["string", "null"]}}},
    }
    order_document["x-docpipe"] = {}
    schema = parse_schema(order_document, "order")
    label = {**FULL, "taxes": [{"text": f"T{n}"} for n in range(6)]}
    engine = Perfect(label, limit)
    asking = Asking(schema, engine, Settings(), Paper(), engine.answer, [])  # type: ignore[arg-type]
    first = Request("k", "d", (PRINTED,), schema.document, "order", "f", instruction(schema), 4_096)
    reply = await engine.answer(first)
    part = await asking.better(first, reply, resolve_window(schema, [PRINTED], reply, grounded=False))
    whole = resolve_window(schema, [PRINTED], Reply(json.dumps(label), "stop", "perfect"), grounded=False)
    assert part.value == whole.value
    assert list(part.value) == [child.name for child in schema.root.children], "the record keeps the schema's order"
    assert part.cut is None
    assert "incomplete" not in {one.rule for one in part.violations}
    assert engine.asked > 1 or limit >= 1_000


async def test_a_continuation_that_brings_no_row_ends_it_and_the_list_is_not_called_whole(order: Schema) -> None:
    whole = json.dumps({**GOOD, "lines": lines(1, 2, 3)})
    desk = Desk(order, '{"lines": [')
    part = await desk.better(whole[:-20], PRINTED)
    assert len(part.value["lines"]) == 2
    assert "incomplete" in {one.rule for one in part.violations}
    assert len(desk.requests) == 1


async def test_a_list_that_is_too_short_is_asked_for_again_page_by_page(order: Schema) -> None:
    table = [
        page("Order A-1", *(f"Part{n} {n}.00 {n * 2}.00" for n in numbers), number=at)
        for at, numbers in ((1, (3, 4)), (2, (5, 6)))
    ]
    rows = [{"text": f"Part{n}", "price": n, "amount": n * 2} for n in (3, 4, 5, 6)]
    desk = Desk(order, {"lines": rows}, follow_ups=1)
    part = await desk.better(
        {**GOOD, "net": None, "tax": None, "total": None, "ordered": None, "lines": rows[:2]}, *table
    )
    assert [row["text"] for row in part.value["lines"]] == ["Part3", "Part4", "Part5", "Part6"]
    assert ("lines", "asked:rows") in [(edit.path, edit.rule) for edit in part.edits]


# --- rows, and how often the same is said ---

TABLE = page("Order A-1", *(f"Part{n} {n} 5.00 {n * 5}.00" for n in (2, 3, 4)))
ROWS = [{"text": f"Part{n}", "quantity": n, "price": 5, "amount": n * 5} for n in (2, 3, 4)]


async def test_a_value_of_a_row_is_asked_for_with_its_row_from_closer(order: Schema) -> None:
    wrong = [ROWS[0], {**ROWS[1], "price": "five"}, ROWS[2]]
    desk = Desk(order, {"lines": [ROWS[1]]}, follow_ups=1)
    shown = replace(TABLE, pixels=np.zeros((8, 8, 3), np.uint8))
    part = await desk.better({"number": "A-1", "lines": wrong}, shown)
    assert [row["price"] for row in part.value["lines"]] == [5, 5, 5]
    assert [(edit.path, edit.before, edit.rule) for edit in part.edits] == [("lines[1].price", "five", "asked:cells")]
    ((number, box),) = desk.paper.crops
    assert (number, box[0], box[2]) == (1, 0.0, 1.0)
    assert {word.text for word in desk.requests[0].pages[0].words} == {"Part3", "3", "5.00", "15.00"}
    assert '"text": "Part3"' in desk.requests[0].instruction


async def test_what_is_read_the_same_again_is_surer_and_what_is_not_less_sure(order: Schema) -> None:
    wrong = {**GOOD, "total": 110}
    shown = page("Order A-1 2026-01-31", "net 100.00", "tax 19.00", "total 110.00", "120.00")
    confidence = {}
    for name, answer in (("none", {"fault": "error"}), ("same", {"total": 110}), ("other", {"total": 120})):
        part = await Desk(order, answer, follow_ups=1).better(wrong, shown)
        confidence[name] = {one.path: one.confidence for one in part.fields}
        assert part.value["total"] == 110
    assert confidence["other"]["total"] < confidence["none"]["total"] < confidence["same"]["total"]
    assert confidence["other"]["net"] == confidence["none"]["net"]


# --- another engine ---


async def test_another_engine_is_asked_the_whole_question_before_review(order: Schema) -> None:
    desk = Desk(order, {"total": None}, follow_ups=1, second=[GOOD], read=[PRINTED])
    part = await desk.better({**GOOD, "total": "a lot", "due": None}, replace(PRINTED, words=()))
    assert part.value["total"] == 119
    assert [(edit.path, edit.before, edit.rule) for edit in part.edits] == [("total", "a lot", "asked:other")]
    (request,) = desk.heard
    assert request.schema == order.document
    assert request.pages == (PRINTED,)
    assert [row.reply.engine for row in desk.replies] == ["scripted", "other"]
    assert len({row.key for row in desk.replies} | {"key"}) == 3
    assert {one.path: one.page for one in part.fields}["net"] == 1  # by the words that the second had read


async def test_a_list_of_another_engine_says_whose_it_is(order: Schema) -> None:
    desk = Desk(order, {"lines": []}, follow_ups=0, second=[{"number": "A-1", "lines": ROWS}], read=[TABLE])
    part = await desk.better({"number": "A-1", "lines": ROWS[:1]}, TABLE)
    assert len(part.value["lines"]) == 3
    origins = {one.path: one.origin for one in part.fields}
    assert (origins["lines[0].text"], origins["lines[2].amount"]) == ("rule:asked:other", "rule:asked:other")
    assert origins["number"] == "model"


async def test_a_text_that_is_misspelt_is_taken_from_the_other_engine(order: Schema) -> None:
    shown = page("Order A-1 2026-01-31", "net 100.00", "tax 19.00", "total 119.00", "Meyer Bros 12")
    told = {**GOOD, "total": "a lot", "shop": {"name": "Meyer Bros 72"}}
    desk = Desk(order, follow_ups=0, second=[{**GOOD, "shop": {"name": "Meyer Bros 12"}}], read=[shown])
    part = await desk.better(told, shown)
    assert (part.value["total"], part.value["shop"]["name"]) == (119, "Meyer Bros 12")


async def test_another_engine_is_not_asked_about_what_is_well(order: Schema) -> None:
    desk = Desk(order, {}, second=[{**GOOD, "total": 7}])
    assert (await desk.better(GOOD, PRINTED)).value["total"] == 119
    assert desk.heard == []


@pytest.mark.parametrize("answer", [{"fault": "error"}, "I cannot.", "{"])
async def test_another_engine_that_says_nothing_changes_nothing(order: Schema, answer: Any) -> None:
    desk = Desk(order, {"total": None}, second=[answer], read=[PRINTED])
    part = await desk.better({**GOOD, "total": "a lot"}, PRINTED)
    assert (part.value["total"], part.edits) == (None, ())
    assert len(desk.heard) == 1


async def test_another_engine_whose_values_mend_nothing_is_only_heard(order: Schema) -> None:
    shown = page("Order A-1 2026-01-31", "Bolt 2 50.00 100.00", "net 100.00", "tax 19.00", "total 119.00")
    wrong = {**GOOD, "net": 98, "total": 110, "lines": [{"text": "Bolt", "quantity": 2, "price": 50, "amount": 100}]}
    desk = Desk(order, follow_ups=0, second=[{**wrong, "net": 19, "total": 100, "number": "2"}], read=[shown])
    alone = await Desk(order, follow_ups=0).better(wrong, shown)
    part = await desk.better(wrong, shown)
    assert part.value == alone.value
    assert [one.rule for one in part.violations if one.rule == "engines_disagree"] == ["engines_disagree"]
    before, after = ({one.path: one.confidence for one in found.fields} for found in (alone, part))
    assert after["tax"] > before["tax"]
    assert after["number"] < before["number"]


async def test_pages_that_lie_otherwise_for_the_second_do_not_ground_the_first(order: Schema) -> None:
    turned = replace(PRINTED, notes=("upright 90",))
    desk = Desk(order, {"total": None}, follow_ups=1, second=[GOOD], read=[turned])
    part = await desk.better({**GOOD, "total": "a lot"}, replace(PRINTED, words=()))
    assert part.value["total"] == 119
    assert {one.page for one in part.fields} == {None}


async def test_extract_asks_again_and_keeps_every_reply(order: Schema, tmp_path: Path) -> None:
    with pymupdf.open() as document:
        for at, text in enumerate(("Order A-1", "net 100.00", "tax 19.00", "total 119.00")):
            (document[0] if at else document.new_page()).insert_text((72, 72 + 20 * at), text)
        document.save(tmp_path / "order.pdf")
    engine = ScriptedEngine([{**GOOD, "total": "a lot"}, {"total": 119}], looks_again=True)
    bench = workbench(order, engine, Settings())
    try:
        outcome = await extract(Source(str(tmp_path / "order.pdf")), bench)
    finally:
        bench.close()
    assert outcome.records[0].value["total"] == 119
    assert [row.pages for row in outcome.replies] == [(1,), (1,)]
    assert len({row.key for row in outcome.replies}) == 2
