"""The table of printed values: each reads as one value, is refused, or is marked as ambiguous."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.literals.conventions import Conventions
from docpipe.resolve.coerce import Coercion, coerce
from docpipe.resolve.validate import validate
from docpipe.schema.load import parse_schema

NULL = {"type": ["string", "null"]}
SCHEMA = parse_schema(
    {
        "type": "object",
        "properties": {
            "amount": {"type": ["number", "null"], "x-docpipe": {"scale": 2}},
            "rate": {"type": ["number", "null"], "x-docpipe": {"scale": 4}},
            "count": {"type": ["integer", "null"]},
            "date": {**NULL, "format": "date"},
            "moment": {**NULL, "format": "date-time"},
            "currency": {**NULL, "format": "currency"},
            "flag": {"type": ["boolean", "null"]},
            "text": NULL,
        },
    },
    "cases",
)


def cases() -> list[tuple[str, str, str, str]]:
    lines = (Path(__file__).parent / "coerce_cases.txt").read_text(encoding="utf-8").splitlines()
    rows = [tuple(cell.strip() for cell in line.split("|")) for line in lines if line and not line.startswith("#")]
    return [(kind, evidence, text, value) for kind, evidence, text, value in rows]


def wanted(kind: str, value: str) -> Any:
    if value in ("null", "refused"):
        return None
    reads: dict[str, Any] = {
        "amount": Decimal,
        "rate": Decimal,
        "count": int,
        "date": dt.date.fromisoformat,
        "moment": dt.datetime.fromisoformat,
        "flag": {"true": True, "false": False}.__getitem__,
    }
    return reads.get(kind, str)(value)


def read(kind: str, text: str, evidence: str = "") -> tuple[Any, Coercion, list[str]]:
    """(value, what coercing found, rules broken)."""
    found = Coercion(Conventions([evidence.split(), text.split()]))
    record = coerce(SCHEMA.root, {kind: text}, found)
    violations, _ = validate(SCHEMA, record)
    return record[kind], found, [one.rule for one in (*found.violations, *violations)]


def test_the_table_is_as_long_as_promised() -> None:
    assert len(cases()) >= 150


@pytest.mark.parametrize(("kind", "evidence", "text", "value"), cases(), ids=lambda cell: cell[:40])
def test_a_printed_value_reads_as_the_table_says(kind: str, evidence: str, text: str, value: str) -> None:
    told, mark, _ = value.partition("?")
    got, found, rules = read(kind, text, evidence)
    assert got == wanted(kind, told.strip())
    assert type(got) is type(wanted(kind, told.strip()))
    assert bool(mark) == any(rule.startswith("ambiguous") for rule in rules)
    assert (told == "refused") == ("wrong_type" in rules or "invalid" in rules)
    changed = got is not None and kind != "text" and str(got) != text
    assert len(found.edits) <= 1
    if changed and kind not in ("date", "moment"):
        assert found.edits[0].before == text


@pytest.mark.parametrize(
    ("kind", "text", "readings"),
    [
        ("date", "03/04/2024", ("2024-04-03", "2024-03-04")),
        ("rate", "1.234", ("1234", "1.234")),
        ("currency", "$", ("USD", "CAD")),
    ],
)
def test_an_ambiguous_value_names_its_readings(kind: str, text: str, readings: tuple[str, str]) -> None:
    _, found, _ = read(kind, text)
    (violation,) = found.violations
    assert violation.severity == "warning"
    assert all(reading in violation.message for reading in readings)
    assert violation.left == readings[0]
    assert readings[1] in violation.right


styles = st.sampled_from(
    [(",", "."), (".", ","), (" ", ","), ("\u202f", ","), ("\u00a0", ","), ("'", "."), ("’", "."), ("", ".")]
)


@given(
    value=st.decimals(min_value=-(10**12), max_value=10**12, places=2, allow_nan=False),
    style=styles,
    around=st.sampled_from(["{}", "{} €", "€ {}", "${}", "EUR {}", "{} CHF", "  {} ", "£{}"]),
    minus=st.sampled_from(["-{}", "−{}", "({})", "{}-"]),
)
def test_an_amount_in_any_locale_comes_back(value: Decimal, style: tuple[str, str], around: str, minus: str) -> None:
    group, mark = style
    digits = f"{abs(value):,.2f}".replace(",", "\0").replace(".", mark).replace("\0", group)
    text = around.format(minus.format(digits) if value < 0 else digits)
    got, _, rules = read("amount", text)
    assert (got, rules) == (value, [])


@given(
    date=st.dates(dt.date(1970, 1, 1), dt.date(2069, 12, 31)),
    locale=st.sampled_from(["en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "pt_PT", "de_CH"]),
    width=st.sampled_from(["short", "medium", "long", "full"]),
)
def test_a_date_in_any_locale_comes_back_or_is_marked(date: dt.date, locale: str, width: Any) -> None:
    from babel.dates import format_date

    text = format_date(date, width, locale=locale)
    evidence = "12/31/2023" if locale == "en_US" else "31/12/2023"
    got, _, rules = read("date", text, evidence)
    assert (got, rules) == (date, [])
    alone, _, marks = read("date", text)
    assert alone == date or marks == ["ambiguous_date"]


@given(st.sampled_from(["amount", "rate", "count", "date", "moment", "currency", "flag", "text"]), st.text(max_size=80))
def test_any_text_is_a_value_or_a_violation(kind: str, text: str) -> None:
    got, found, rules = read(kind, text)
    assert got is not None or rules or all(edit.after is None for edit in found.edits)
