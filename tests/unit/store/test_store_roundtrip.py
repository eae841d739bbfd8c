"""What is written is what is read."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docpipe.errors import ValueMisfit
from docpipe.records import Edit, Field, Outcome, Record, Source
from docpipe.schema.nodes import Node, Schema
from docpipe.store.commit import Store
from docpipe.store.read import read_outcomes, read_table

SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(max_size=20),
    "integer": st.integers(-(2**63), 2**63 - 1),
    "boolean": st.booleans(),
    "date": st.dates(),
    "datetime": st.datetimes(timezones=st.just(dt.UTC)),
}


def values(node: Node) -> st.SearchStrategy[Any]:
    """Whatever validates under `node`."""
    if node.kind == "object":
        some = st.fixed_dictionaries({child.name: values(child) for child in node.children})
    elif node.kind == "array" and node.item is not None:
        some = st.lists(values(node.item), max_size=3)
    elif node.enum:
        some = st.sampled_from(node.enum)
    elif node.scale is not None:
        digits = st.integers(1 - 10**38, 10**38 - 1)
        some = digits.map(lambda number: Decimal(f"{number}E-{node.scale}"))
    elif node.kind == "number":
        some = st.floats(allow_nan=False, allow_infinity=False)
    else:
        some = SCALARS[node.kind]
    in_array = node.name == "" and node.kind == "object"
    return some | st.none() if node.nullable and not in_array else some


def stored(record: dict[str, Any], folder: Path, schema: Schema) -> dict[str, Any]:
    """`record` once it was written and read back."""
    outcome = Outcome(Source("a.pdf", doc_id="1"), "bill", "layout", {}, "ok", (Record(record, (1,), "ok", 1.0),))
    with Store.open(folder / "out", schema, "run") as store:
        store.add(outcome)
    found: dict[str, Any] = next(read_outcomes(folder / "out"))["record"]
    return found


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_record_that_validates_reads_back_equal(schema: Schema, data: st.DataObject) -> None:
    record = data.draw(values(schema.root))
    with tempfile.TemporaryDirectory() as folder:
        assert stored(record, Path(folder), schema) == record


def test_null_and_empty_are_told_apart_at_every_level(schema: Schema, tmp_path: Path) -> None:
    empty = {"name": None, "address": {"city": None, "codes": []}}
    lines = [{"text": None, "amount": None, "unit": unit, "taxes": taxes} for unit, taxes in [(None, []), ({}, None)]]
    lines[1]["unit"] = {"name": None}
    record = {node.name: None for node in schema.root.children}
    record |= {"seller": empty, "tags": [], "lines": lines, "bank": {"accounts": []}}
    assert stored(record, tmp_path, schema) == record


def test_missing_keys_read_back_as_null_in_the_order_of_the_schema(schema: Schema, tmp_path: Path) -> None:
    found = stored({"total": Decimal("1.5")}, tmp_path, schema)
    assert list(found) == [node.name for node in schema.root.children]
    assert found == dict.fromkeys(found) | {"total": Decimal("1.50")}


@pytest.mark.parametrize(
    "wrong",
    [
        {"total": Decimal("1.005")},
        {"total": Decimal("1e37")},
        {"total": Decimal("NaN")},
        {"total": 1.5},
        {"total": "1.50"},
        {"weight": Decimal("Infinity")},
        {"count": 2**63},
        {"count": True},
        {"issued": "2026-01-31"},
        {"issued": dt.datetime(2026, 1, 31, tzinfo=dt.UTC)},
        {"printed": dt.date(2026, 1, 31)},
        {"paid": 1},
        {"currency": "GBP"},
        {"number": "half a character: \ud83d"},
        {"tags": "a"},
        {"amounts": [Decimal("0.001")]},
        {"lines": {"text": "a"}},
        {"lines": ["a"]},
        {"seller": "a"},
        {"unknown": 1},
    ],
)
def test_a_value_that_does_not_fit_is_refused_before_anything_is_taken_in(
    schema: Schema, out: Path, outcome: Any, wrong: dict[str, Any]
) -> None:
    with Store.open(out, schema, "run") as store:
        good = outcome("a.pdf")
        broken = replace(good.records[0], value=wrong)
        with pytest.raises(ValueMisfit, match=next(iter(wrong)) if "unknown" not in wrong else "record"):
            store.add(replace(good, records=(broken,)))
        assert store.pending == 0
        assert not store.ledger


def test_trailing_zeros_are_no_decimals(schema: Schema, tmp_path: Path) -> None:
    assert stored({"total": Decimal("1.5000")}, tmp_path, schema)["total"] == Decimal("1.50")


def test_a_datetime_without_a_zone_is_taken_as_utc(schema: Schema, tmp_path: Path) -> None:
    naive = dt.datetime(2026, 1, 31, 12, 0)  # noqa: DTZ001
    found = stored({"printed": naive}, tmp_path, schema)["printed"]
    assert found == naive.replace(tzinfo=dt.UTC)


def test_evidence_reads_back_with_typed_values(schema: Schema, out: Path) -> None:
    edits = (Edit("seller.name", "Acme?", None, "invalid"),)
    fields = (
        Field("lines[1].amount", Decimal("2.00"), 0.5, 2, ((0.0, 0.25, 0.5, 1.0),), "rule:dash", "2,-", "cell"),
        Field("paid", True, 1.0),
    )
    record = {"paid": True, "lines": [{}, {"amount": Decimal("2.00")}]}
    outcome = Outcome(
        Source("a.pdf", doc_id="1"),
        "bill",
        "x",
        {},
        "repaired",
        (Record(record, (1,), "repaired", 0.5, fields, edits),),
    )
    with Store.open(out, schema, "run") as store:
        store.add(outcome)
    amount, paid, removed = next(read_outcomes(out))["fields"]
    assert amount == {
        "path": "lines[1].amount",
        "value": Decimal("2.00"),
        "confidence": 0.5,
        "page": 2,
        "boxes": [[0.0, 0.25, 0.5, 1.0]],
        "origin": "rule:dash",
        "method": "cell",
        "before": "2,-",
    }
    assert (paid["value"], paid["method"]) == (True, "")
    assert (removed["path"], removed["value"], removed["before"], removed["origin"], removed["method"]) == (
        "seller.name", None, "Acme?", "rule:invalid", "",
    )  # fmt: skip
    assert read_table(out, "evidence")["value"].to_pylist() == ["2.00", "true", None]


def test_records_on_the_same_page_keep_their_own_rows(schema: Schema, out: Path, outcome: Any) -> None:
    good = outcome("a.pdf")
    second = replace(good.records[0], value={"total": Decimal("9.00"), "lines": [{"text": "x"}, {"text": "y"}]})
    with Store.open(out, schema, "run") as store:
        store.add(replace(good, records=(good.records[0], second)))
    first, other = read_outcomes(out)
    assert (first["record"]["total"], len(first["record"]["lines"])) == (Decimal("1.50"), 1)
    assert (other["record"]["total"], len(other["record"]["lines"])) == (Decimal("9.00"), 2)
    assert len(set(read_table(out, "bill")["_record_id"].to_pylist())) == 2
