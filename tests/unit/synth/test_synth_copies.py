"""Copies of one form: what is printed is the same on all of them, what is entered is not."""

from __future__ import annotations

from typing import Any

import pytest

from docpipe.synth.form.copies import COPIES, compose
from docpipe.synth.sheet import Text

FORMS = range(0, 6 * COPIES, COPIES)


def printed(document: Any) -> list[tuple[int, float, float, str]]:
    """Every text that is no entry, with its page and place."""
    return [
        (page, mark.x, mark.y, mark.text)
        for page in range(len(document.sheet.pages))
        for mark in document.sheet.texts(page)
        if not any(path.endswith(".value") for path in mark.paths) and mark.text != "X"
    ]


@pytest.mark.parametrize("first", FORMS)
def test_copies_print_the_same_and_hold_other_entries(first: int) -> None:
    copies = [compose(first + at, 5, ["en", "de", "pl"]) for at in range(5)]
    assert all(printed(copy) == printed(copies[0]) for copy in copies)
    labels = [copy.label for copy in copies]
    assert len({tuple(pair["key"] for pair in label["fields"]) for label in labels}) == 1
    assert len({tuple(pair["value"] for pair in label["fields"]) for label in labels}) == 5


def test_another_form_prints_otherwise() -> None:
    assert len({tuple(printed(compose(first, 5, ["en"]))) for first in FORMS}) == len(FORMS)


def test_a_copy_depends_on_its_number_alone() -> None:
    one, again = compose(23, 5, ["it"]), compose(23, 5, ["it"])
    assert one.label == again.label
    assert one.sheet.pages == again.sheet.pages


def test_every_entry_of_the_label_is_on_the_sheet() -> None:
    for first in FORMS:
        copy = compose(first, 5, ["en", "fr"])
        texts = {
            path: mark.text
            for page in range(len(copy.sheet.pages))
            for mark in copy.sheet.texts(page)
            for path in mark.paths
            if isinstance(mark, Text)
        }
        for at, pair in enumerate(copy.label["fields"]):
            if pair["value"] not in (None, "signed"):
                assert texts[f"fields[{at}].value"] == pair["value"]
