"""What holds for every document: no change unseen, none without a reason, and none when it is resolved again."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docpipe.literals.conventions import Conventions
from docpipe.literals.identifiers import iban_valid, vat_id_valid
from docpipe.records import Edit, Page, Record, Reply
from docpipe.resolve.coerce import Coercion, coerce
from docpipe.resolve.decode import decode
from docpipe.resolve.page_index import PageIndex
from docpipe.resolve.record import resolve_document, resolve_window
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema
from docpipe.schema.paths import generic, leaves, value_at
from tests.unit.resolve.damages import Sample, as_answer, damaged, samples
from tests.unit.resolve.pages import page

STEADY = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def documents() -> list[Sample]:
    """A few of each kind that has a schema of its own; small ones, so that many faults fit in a few seconds."""
    some = samples(6, 9_310, "invoice", "receipt", "form", "table", "chart")
    return [one for one in some if sum(len(page.words) for page in one.pages) < 400]


def resolved(schema: Schema, answer: Any, pages: list[Page]) -> Record:
    part = resolve_window(schema, pages, Reply(json.dumps(answer), "stop", "test"))
    return resolve_document(schema, [part], [], 0.0)


def last_edits(record: Record) -> dict[str, Edit]:
    """Path -> its last edit; of a row that is gone the index means another one now."""
    return {edit.path: edit for edit in record.edits if edit.path and not edit.rule.startswith("merge:")}


@pytest.mark.slow
@STEADY
@given(data=st.data())
def test_every_change_is_an_edit_whose_rule_has_its_reason_on_the_page(
    documents: list[Sample], data: st.DataObject
) -> None:
    sample, answer = data.draw(damaged(documents))
    record = resolved(sample.schema, answer, sample.pages)
    edits = last_edits(record)
    assert all(edit.rule.partition(":")[0] in ("coerce", "repair", "invalid", "merge") for edit in record.edits)
    for path, edit in edits.items():
        assert value_at(record.value, path) == edit.after
    told = coerce(sample.schema.root, decode(json.dumps(answer)).value, Coercion())
    if not any(edit.rule.startswith("merge:") for edit in record.edits):
        for path in {path for value in (told, record.value) for path, _ in leaves(value)}:
            assert value_at(told, path) == value_at(record.value, path) or path in edits
    nodes = dict(sample.schema.root.leaves_of_all())
    indexes = [PageIndex(page, Conventions.of_pages(sample.pages)) for page in sample.pages]
    for path, edit in edits.items():
        if edit.rule == "repair:check_digits":
            assert {"iban": iban_valid, "vat-id": vat_id_valid}[nodes[generic(path)].format](edit.after)
        elif edit.rule.startswith("repair:"):
            assert any(index.places(edit.after) for index in indexes), "what is not printed is no repair"


@STEADY
@given(data=st.data())
def test_resolving_a_resolved_record_changes_nothing(documents: list[Sample], data: st.DataObject) -> None:
    sample, answer = data.draw(damaged(documents))
    once = resolved(sample.schema, answer, sample.pages)
    again = resolved(sample.schema, as_answer(once.value), sample.pages)
    assert (again.value, again.edits) == (once.value, ())


@STEADY
@given(data=st.data())
def test_no_repair_makes_a_right_value_wrong(documents: list[Sample], data: st.DataObject) -> None:
    """What the answer says as the document does is left, but for the page's spelling."""
    sample, answer = data.draw(damaged(documents))
    record = resolved(sample.schema, answer, sample.pages)
    truth = coerce(sample.schema.root, decode(json.dumps(sample.label)).value, Coercion())
    for edit in record.edits:
        if edit.rule.startswith("repair:") and edit.rule != "repair:page_spelling":
            assert edit.before != value_at(truth, edit.path)


cents = st.integers(1, 99_999).map(lambda number: Decimal(number) / 100)


@STEADY
@given(net=cents, tax=cents, total=cents, more=st.lists(cents, max_size=4), fitting=st.booleans())
def test_three_printed_numbers_that_disagree_stay_as_they_are(
    order: Schema, net: Decimal, tax: Decimal, total: Decimal, more: list[Decimal], fitting: bool
) -> None:
    """Even where the page prints what would fit."""
    if abs(net + tax - total) <= Decimal("0.02"):
        total += 1
    others = [*more, *([net + tax, total - tax] if fitting else [])]
    shown = page(f"net {net}", f"tax {tax}", f"total {total}", *(f"other {one}" for one in others if one > 0))
    record = resolved(order, as_answer({"net": net, "tax": tax, "total": total}), [shown])
    assert record.edits == ()
    assert {name: record.value[name] for name in ("net", "tax", "total")} == {"net": net, "tax": tax, "total": total}
    assert record.status == "needs_review"


@STEADY
@given(net=cents, tax=cents, total=cents, rows=st.lists(st.tuples(st.integers(1, 20), cents, cents), max_size=4))
def test_what_stands_nowhere_is_not_made_to_fit(
    order: Schema, net: Decimal, tax: Decimal, total: Decimal, rows: list[tuple[int, Decimal, Decimal]]
) -> None:
    """The page prints words and no number: whatever the checks demand, nothing is changed."""
    lines = [{"quantity": n, "price": price, "amount": amount} for n, price, amount in rows]
    record = resolved(
        order, as_answer({"net": net, "tax": tax, "total": total, "lines": lines}), [page("Order of goods")]
    )
    assert record.edits == ()
    assert [row["amount"] for row in record.value["lines"]] == [amount for _, _, amount in rows]


@STEADY
@given(data=st.data(), told=st.sampled_from(["l00", "1O0", "10O", "5O", "S0", "7"]), limit=st.integers(0, 120))
def test_no_repair_brings_in_what_a_validator_refuses(data: st.DataObject, told: str, limit: int) -> None:
    """Letters, digits and limits at random: the record that comes out is always a valid one."""
    printed = data.draw(st.lists(st.sampled_from(["100", "50", "a-10", "A-10", "A-1O", "7"]), max_size=4))
    text = data.draw(st.sampled_from(["A-1O", "A-10", "a-10"]))
    properties = {
        "n": {"type": ["integer", "null"], "maximum": limit},
        "s": {"type": ["string", "null"], "pattern": "^[A-Z0-9-]+$"},
    }
    schema = parse_schema({"type": "object", "properties": properties}, "some")
    record = resolved(schema, {"n": told, "s": text}, [page(" ".join(["x", *printed]))])
    assert record.value["n"] is None or record.value["n"] <= limit
    assert record.value["s"] is None or record.value["s"] == record.value["s"].upper()
