"""Scans in a script that the recogniser was not taught are told, and nothing else is."""

from __future__ import annotations

import pytest

from docpipe.records import TextSource
from docpipe.render.child.ocr.scripts import LETTERS, scripts_read
from docpipe.render.sandbox import scripts_read as scripts_here
from docpipe.resolve.scripts import unread_scripts
from tests.unit.resolve.pages import page

GREEK = ("MAΣOYTHΣ AE", "HMEPOMHNIA 09/09/2022", "ΣYNOΛO 2,79", "ΦΠA 13%", "EYXAPIΣTOYME")  # as OCR reads it
NUMBERS = ("214 5 2024", "12 : 10", "250,00 2500,00", "3000,00 .")  # what is left of a Russian bill


@pytest.mark.parametrize("lines", [GREEK, NUMBERS])
def test_what_ocr_cannot_have_read_is_an_error(lines: tuple[str, ...]) -> None:
    found = list(unread_scripts([page("Bill 12", source="ocr"), page(*lines, number=2, source="ocr")]))
    assert [(each.rule, each.severity) for each in found] == [("unread_script", "error")]
    assert "page 2" in found[0].message


@pytest.mark.parametrize(
    ("lines", "source"),
    [
        (GREEK, "layer"),  # the file says what its letters are
        (("Invoice 214", "Total 300.00", "R = 10 kΩ", "µm 5", "Ørsted Łódź Żywiec Ångström"), "ocr"),
        (("12", "7.50"), "ocr"),  # a page of a few numbers
        (("請求書 214", "合計 300,000", "2024 3 5"), "ocr"),
        (("Счёт 214", "Итого 3000,00", "2024 5 12"), "ocr"),  # a recogniser that knows the letters
        ((), "ocr"),
    ],
)
def test_what_ocr_may_have_read_is_not_spoken_against(lines: tuple[str, ...], source: TextSource) -> None:
    assert list(unread_scripts([page(*lines, source=source)])) == []


def test_a_script_is_read_by_whoever_knows_nearly_all_its_letters() -> None:
    latin = {chr(code) for first, last in LETTERS["Latin"] for code in range(first, last + 1)}
    greek_without_accents = {chr(code) for code in range(0x391, 0x3CA)} - {chr(code) for code in range(0x3AC, 0x3B1)}
    known = scripts_read(latin | greek_without_accents)
    assert {name for name, read in known.items() if read} == {"Latin"}


def test_the_recogniser_here_says_what_it_reads() -> None:
    here = scripts_here()
    assert (here["Latin"], here["Han"]) == (True, True)
    assert not here["Cyrillic"]
