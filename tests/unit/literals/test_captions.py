"""Captions of business documents: every language has every concept, as documents print it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from docpipe.literals import captions
from docpipe.literals.captions import CAPTION_LANGUAGES, all_concepts, company_words

FOLDER = Path(captions.__file__).parent
BESIDE = {"concepts", "fillers", "stand_ins", "company_words"}


def test_there_are_twenty_five_languages_and_each_file_is_one() -> None:
    assert len(set(CAPTION_LANGUAGES)) >= 25
    assert {file.stem for file in FOLDER.glob("*.json")} == {*CAPTION_LANGUAGES, *BESIDE}


@pytest.mark.parametrize("language", CAPTION_LANGUAGES)
def test_a_language_has_the_concepts_in_their_order_and_no_caption_twice(language: str) -> None:
    stored = json.loads((FOLDER / f"{language}.json").read_text("utf-8"))
    assert list(stored) == list(all_concepts())
    for name, words in stored.items():
        assert len(words) == len(set(words)), name
        assert all((word == word.strip() and any(map(str.isalpha, word))) or word == "№" for word in words), name
    empty = [name for name, words in stored.items() if not words]
    assert len(empty) <= 20, empty


def test_stand_ins_are_concepts() -> None:
    known = all_concepts()
    for concept in known.values():
        assert set(concept.stand_ins) <= known.keys()
        assert concept.name not in concept.stand_ins


def test_a_caption_has_its_best_place_among_its_languages() -> None:
    ranked = all_concepts()["birth_date"].ranked()
    assert ranked["Geburtsdatum"] == 0
    assert ranked["生年月日"] == 0
    assert ranked["Birthdate"] > 0


def test_company_words_are_words_and_parts_of_names() -> None:
    assert "有限公司" in company_words()["inside"]
    assert "ООО" in company_words()["words"]
