"""What documents print for nothing, yes and no, for amounts of two readings and for moments."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from docpipe.literals.conventions import Conventions
from docpipe.resolve.coerce import Coercion, coerce
from docpipe.resolve.printed import Amount, printed_datetime, printed_number
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Node

FORM = parse_schema(
    {"type": "object", "properties": {"paid": {"type": ["boolean", "null"]}, "sum": {"type": ["number", "null"]}}},
    "form",
)

NOTHING = {
    "a stroke": ["-", "--", "---", "—", "–", "/", "./."],
    "English": ["n/a", "N/A", "NA", "n.a.", "n.a", "none", "None", "null", "nil", "not applicable", "Not available"],
    "German": ["k.A.", "k. A.", "entfällt", "nicht zutreffend"],
    "Dutch": ["n.v.t.", "nvt", "niet van toepassing"],
    "French": ["s.o.", "s/o", "néant", "Sans objet"],
    "Spanish": ["n/d", "n.d.", "sin datos", "No aplica"],
    "Italian": ["non applicabile"],
    "Portuguese": ["não aplicável"],
    "Polish": ["nie dotyczy", "brak"],
    "Swedish": ["ej tillämpligt"],
    "Danish": ["ikke relevant"],
}
YES = {
    "a mark": ["x", "X", "[x]", "(X)", "☑", "☒", "✓", "✔", "🗹", "🗸"],
    "English": ["yes", "Y", "true", "on"],
    "German": ["ja", "wahr"],
    "French": ["oui", "vrai"],
    "Spanish": ["sí", "si", "verdadero"],
    "Italian": ["sì", "vero"],
    "Dutch": ["Ja", "waar"],
    "Portuguese": ["sim", "verdadeiro"],
    "Polish": ["tak", "Prawda"],
    "Swedish": ["ja", "sant"],
    "Danish": ["sandt"],
}
NO = {
    "an empty box": ["[]", "[ ]", "( )", "☐", "□"],
    "English": ["no", "N", "false", "OFF"],
    "German": ["nein", "falsch"],
    "French": ["non", "faux"],
    "Spanish": ["No", "falso"],
    "Dutch": ["nee", "onwaar"],
    "Portuguese": ["não"],
    "Polish": ["nie", "fałsz"],
    "Swedish": ["nej", "falskt"],
    "Danish": ["Nej", "falsk"],
}


def told(words: dict[str, list[str]]) -> list[str]:
    return [word for each in words.values() for word in each]


def read(name: str, text: str) -> tuple[Any, list[str]]:
    found = Coercion()
    return coerce(FORM.root, {name: text}, found)[name], [one.rule for one in found.violations]


@pytest.mark.parametrize("text", told(NOTHING))
def test_a_word_for_nothing_is_null_and_no_fault(text: str) -> None:
    assert read("sum", text) == read("paid", text) == (None, [])


@pytest.mark.parametrize(("text", "value"), [*((one, True) for one in told(YES)), *((one, False) for one in told(NO))])
def test_yes_and_no_are_read_in_the_languages_of_the_schemas(text: str, value: bool) -> None:
    assert read("paid", text) == (value, [])


@pytest.mark.parametrize("text", ["✗", "1", "0", "maybe", "?", "x x"])
def test_what_may_be_either_is_refused(text: str) -> None:
    assert read("paid", text) == (None, ["wrong_type"])


@pytest.mark.parametrize(
    ("text", "mark", "scale", "amount"),
    [
        ("1.234", None, None, ("1234", "1.234")),
        ("1,234", None, None, ("1234", "1.234")),
        ("1.234", None, 3, ("1234", "1.234")),
        ("1.234", None, 2, ("1234", None)),  # two decimals are all that it takes
        ("1.234", ".", None, ("1.234", None)),
        ("1.234", ",", None, ("1234", None)),
        ("-1.234", None, 3, ("-1234", "-1.234")),
        ("123.456", None, None, ("123456", "123.456")),
        ("1.234.567", None, None, ("1234567", None)),
        ("1234.567", None, None, ("1234.567", None)),
        ("1.2345", None, None, ("1.2345", None)),
        ("0.500", None, None, ("0.5", None)),
        ("1.23", None, None, ("1.23", None)),
    ],
)
def test_a_point_before_three_digits_has_two_readings_where_nothing_tells(
    text: str, mark: Any, scale: int | None, amount: tuple[str, str | None]
) -> None:
    value, other = amount
    found = printed_number(text, Conventions(mark=mark), Node("sum", "number", scale=scale))
    assert found == Amount(Decimal(value), Decimal(other) if other else None)


@pytest.mark.parametrize(
    ("text", "currency"),
    [("EUR 5.00", "EUR"), ("5,00 €", "EUR"), ("$5", ""), ("5", ""), ("USD 5 EUR", ""), ("CHF 1.234", "CHF")],
)
def test_an_amount_names_its_currency_if_its_sign_is_of_one(text: str, currency: str) -> None:
    found = printed_number(text, Conventions(), Node("sum", "number", scale=2))
    assert found is not None
    assert found.currency == currency


def test_an_amount_of_two_readings_keeps_its_currency() -> None:
    assert printed_number("CHF 1.234", Conventions(), Node("sum", "number")) == Amount(
        Decimal(1234), Decimal("1.234"), "CHF"
    )


@pytest.mark.parametrize("text", ["5 kg", "about 5", "", "€"])
def test_what_is_no_amount_is_none(text: str) -> None:
    assert printed_number(text, Conventions(), Node("sum", "number", scale=2)) is None


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("31.01.2026 10:30", (10, 30, 0)),
        ("31.01.2026, 10:30", (10, 30, 0)),
        ("31.01.2026,   10:30", (10, 30, 0)),
        ("31.01.2026 um 10:30 Uhr", (10, 30, 0)),
        ("31 January 2026 at 10:30", (10, 30, 0)),
        ("31/01/2026 à 10h30", (10, 30, 0)),
        ("31/01/2026 a las 10:30", (10, 30, 0)),
        ("31/01/2026 alle 10:30", (10, 30, 0)),
        ("31-01-2026 om 10.30", (10, 30, 0)),
        ("31/01/2026 às 10:30", (10, 30, 0)),
        ("31/01/2026T10:30", (10, 30, 0)),
        ("31/01/2026 23:59:58", (23, 59, 58)),
        ("31/01/2026 23.59.58", (23, 59, 58)),
        ("31/01/2026 0:05", (0, 5, 0)),
        ("31/01/2026 10:30 UTC", (10, 30, 0)),
        ("31/01/2026 10:30 z", (10, 30, 0)),
        ("31/01/2026 10:30 h", (10, 30, 0)),
        ("31/01/2026 12:00 am", (0, 0, 0)),
        ("31/01/2026 1:00 a.m.", (1, 0, 0)),
        ("31/01/2026 11:59 AM", (11, 59, 0)),
        ("31/01/2026 12:00 p.m.", (12, 0, 0)),
        ("31/01/2026 1:00 pm", (13, 0, 0)),
        ("31/01/2026 11:59 PM", (23, 59, 0)),
        ("31/01/2026 10:30" + " " * 40, (10, 30, 0)),
    ],
)
def test_a_moment_is_read_as_utc(text: str, clock: tuple[int, int, int]) -> None:
    assert printed_datetime(text, Conventions()) == dt.datetime(2026, 1, 31, *clock, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "text",
    [
        "31/01/2026",
        "31/01/202610:30",
        "31/01/2026 24:00",
        "31/01/2026 23:60",
        "31/01/2026 23:59:60",
        "31/01/2026 13:00 pm",
        "31/01/2026 0:30 am",
        "31/01/2026 10:30 CET",
        "31/02/2026 10:30",
        "31/13/2026 10:30",
        "03/04/2026 10:30",  # March or April
        "10:30",
        "31/01/2026 10:30" + " " * 60 + "pm and so on",
    ],
)
def test_a_moment_in_doubt_is_none(text: str) -> None:
    if text.endswith("so on"):
        assert printed_datetime(text, Conventions()) == dt.datetime(2026, 1, 31, 10, 30, tzinfo=dt.UTC), (
            "64 characters count"
        )
    else:
        assert printed_datetime(text, Conventions()) is None


def test_a_moment_whose_order_the_document_tells_is_read() -> None:
    assert printed_datetime("03/04/2026 10:30", Conventions(day_first=False)) == dt.datetime(
        2026, 3, 4, 10, 30, tzinfo=dt.UTC
    )
    assert printed_datetime("03/04/2026 10:30", Conventions(day_first=True)) == dt.datetime(
        2026, 4, 3, 10, 30, tzinfo=dt.UTC
    )
