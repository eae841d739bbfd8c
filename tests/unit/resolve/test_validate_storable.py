"""What passes validation is what a column takes: a value that cannot be stored is a violation and a null."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from docpipe.resolve.coerce import Coercion, coerce
from docpipe.resolve.validate import validate
from docpipe.schema.load import load_schema, parse_schema
from docpipe.schema.model import json_ready, json_validator, record_model
from docpipe.store.values import column_value

FIELDS: dict[str, Any] = {
    "text": {"type": "string"},
    "kind": {"enum": ["a", "b"]},
    "whole": {"type": "integer"},
    "money": {"type": "number", "x-docpipe": {"scale": 2}},
    "fine": {"type": "number", "x-docpipe": {"scale": 12}},
    "real": {"type": "number"},
    "paid": {"type": "boolean"},
    "day": {"type": "string", "format": "date"},
    "at": {"type": "string", "format": "date-time"},
}
SCHEMA = parse_schema({"type": "object", "properties": FIELDS}, "all")


class Loose(BaseModel):
    """A user's class that lets everything pass."""

    text: str | None = None
    whole: int | None = None
    real: float | None = None
    at: dt.datetime | None = None


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
def test_a_moment_beyond_the_calendar_in_utc_is_a_violation_and_a_null(moment: str) -> None:
    value = coerce(SCHEMA.root, {"at": moment}, Coercion())
    assert value["at"] is not None
    violations, (edit,) = validate(SCHEMA, value)
    assert value["at"] is None
    assert (edit.path, edit.rule) == ("at", "invalid")
    assert any("9999" in one.message for one in violations)


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
def test_both_validators_refuse_it(moment: str) -> None:
    record = {"at": dt.datetime.fromisoformat(moment)}
    assert not json_validator(SCHEMA).is_valid(json_ready(record))
    with pytest.raises(ValueError, match="9999"):
        record_model(SCHEMA).model_validate(record)


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+00:00", "2024-06-30T12:00:00-12:00"])
def test_the_edges_of_the_calendar_themselves_are_taken(moment: str) -> None:
    value = coerce(SCHEMA.root, {"at": moment}, Coercion())
    assert validate(SCHEMA, value) == ([], [])


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**59), 10**59),
    st.sampled_from([2**63, 2**63 - 1, -(2**63), -(2**63) - 1, 10**36, 10**38]),
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**40), max_value=10**40),
    st.decimals(allow_nan=False, allow_infinity=False).filter(lambda number: abs(number.adjusted()) < 400),
    st.text(max_size=8),
    st.sampled_from(["a", "b", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "1e400", "\ud800"]),
    st.datetimes(timezones=st.none() | st.sampled_from([dt.timezone(dt.timedelta(hours=h)) for h in (-12, 0, 14)])).map(
        dt.datetime.isoformat
    ),
    st.dates().map(dt.date.isoformat),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(FIELDS, scalars)))
def test_whatever_passes_validation_is_taken_by_its_column(answer: dict[str, Any]) -> None:
    value = coerce(SCHEMA.root, answer, Coercion())
    validate(SCHEMA, value)
    for path, node in SCHEMA.root.leaves():
        column_value(value[path], node, path)


@settings(max_examples=100, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(("text", "whole", "real", "at"), scalars)))
def test_so_it_is_where_the_user_s_own_class_lets_everything_pass(answer: dict[str, Any]) -> None:
    schema = load_schema(f"{__name__}:Loose")
    fields = {node.name: node for node in schema.root.children}
    value = coerce(schema.root, answer, Coercion())
    validate(schema, value)
    for name, node in fields.items():
        column_value(value[name], node, name)


def test_a_number_of_more_digits_than_a_decimal_holds_says_so() -> None:
    value = {"money": Decimal(10) ** 36}
    violations, _ = validate(SCHEMA, value)
    assert violations
    assert value["money"] is None
