"""Yes and no, nothing, and sums carried forward: one judge of each for every room."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.literals.lexicon import lexicon
from docpipe.literals.phrases import is_carried_forward, is_nothing, names_a_sum, parse_boolean
from docpipe.literals.text import LANGUAGES


def spellings(said: bool) -> list[str]:
    return [word for code in LANGUAGES for word in (lexicon(code).yes if said else lexicon(code).no)]


@given(
    st.booleans().flatmap(lambda said: st.tuples(st.sampled_from(spellings(said)), st.just(said))),
    st.sampled_from([str.upper, str.lower, str.title]),
    st.sampled_from(["{}", " {} ", "[{}]", "( {} )", "{}.", "{},"]),
)
def test_yes_and_no_are_read_however_they_are_set(
    word: tuple[str, bool], case: Callable[[str], str], around: str
) -> None:
    text, said = word
    assert parse_boolean(around.format(case(text))) is parse_boolean(case(text), alone=False) is said


@pytest.mark.parametrize("flag", ["y", "N", "on", "OFF"])
def test_a_flag_counts_alone_only(flag: str) -> None:
    assert parse_boolean(flag) is (flag.lower() in ("y", "on"))
    assert parse_boolean(flag, alone=False) is None, "it is another word there: 'On account'"


@pytest.mark.parametrize("text", ["", ".", "[", "✗", "1", "maybe", "yes and no", "x x", "yes" + " " * 80])
def test_what_says_neither_is_none(text: str) -> None:
    assert parse_boolean(text) is None


@pytest.mark.parametrize("text", ["", " ", "-", "./.", "NULL", "N/A", "Néant", "NEANT"])
def test_nothing_is_seen(text: str) -> None:
    assert is_nothing(text)


@pytest.mark.parametrize("text", ["0", "no", "nothing to declare", "-" * 80])
def test_something_is_not_nothing(text: str) -> None:
    assert not is_nothing(text)


@pytest.mark.parametrize(
    "text",
    ["Übertrag", "Seitenübertrag 12,00", "12 - ÜBERTRAG von Seite 1", "Report 1 234,00", "Total à reporter",
     "Amount carried-forward", "CARRIEDFORWARD", "Z przeniesienia", "Transport från sida 1"],
)  # fmt: skip
def test_a_sum_carried_forward_is_seen(text: str) -> None:
    assert is_carried_forward(text)
    assert names_a_sum(text)


@pytest.mark.parametrize(
    "text", ["Inspection report", "Datenübertragung", "Rapport", "Reporter's fee", "Carrier", "x" * 80 + " Übertrag"]
)
def test_an_item_is_no_sum_carried_forward(text: str) -> None:
    assert not is_carried_forward(text)
    assert not names_a_sum(text)


@pytest.mark.parametrize("text", ["Transport", "Transporte 50,00", "Subtotal", "Sub-total", "Zwischensumme"])
def test_what_may_be_a_charge_or_a_sum_is_left_to_the_figures(text: str) -> None:
    assert names_a_sum(text)
    assert not is_carried_forward(text)


@pytest.mark.parametrize(
    "text", ["Summe Titel 1", "Total chapitre 2", "Gruppensumme", "Section total", "Razem dział A"]
)
def test_a_word_for_a_sum_is_seen_anywhere(text: str) -> None:
    assert names_a_sum(text)


@pytest.mark.parametrize("text", ["Summer tyres", "Totality", "Chair", "Gesamtschule"])
def test_a_word_that_only_begins_so_is_none(text: str) -> None:
    assert not names_a_sum(text)
