"""The words of every language: the same lists in each, no word lost, and each word read by whoever it is for."""

from __future__ import annotations

import ast
import datetime as dt
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path

import pytest
from babel import Locale

from docpipe.engine.layout.grids.captions import begins_caption
from docpipe.engine.layout.keys.field_names import GENERAL, UNITS, _key_in
from docpipe.engine.layout.keys.fields import fields_of, key_of, words_of
from docpipe.engine.layout.keys.owners import side
from docpipe.engine.layout.keys.proposals import proposals
from docpipe.engine.layout.parties.addresses import has_legal_form, is_contact, is_postal
from docpipe.engine.layout.parties.head_lines import holds_remark, is_register, is_remark
from docpipe.engine.layout.parties.head_names import is_connected
from docpipe.engine.layout.parties.names import could_be_name, stands_above
from docpipe.engine.layout.parties.widened import ADDRESS_PARTS
from docpipe.engine.layout.readings import read
from docpipe.engine.layout.receipts.items import TIMES
from docpipe.literals.banks import names_account, names_bank, names_bank_details
from docpipe.literals.conventions import Conventions
from docpipe.literals.dates import parse_date
from docpipe.literals.lexicon import Lexicon, all_languages, any_of, lexicon
from docpipe.literals.phrases import (
    is_carried_forward,
    is_suggestion,
    may_be_running_sum,
    names_a_sum,
    names_other_sum,
    says_paid,
)
from docpipe.literals.postal import begins_with_post_box, names_street
from docpipe.literals.sentences import is_duration
from docpipe.literals.sides import letter_pairs, names_statement, sided
from docpipe.literals.text import LANGUAGES, folded
from docpipe.page.box import Box
from docpipe.page.lines import Token
from docpipe.resolve.coerce import Coercion, coerce
from docpipe.resolve.printed import printed_datetime
from docpipe.schema.load import parse_schema

PACKAGE = Path(__file__).parents[3] / "docpipe"
FOLDER = PACKAGE / "literals" / "lexicon"
KEYS = [key.name for key in fields(Lexicon)]
LISTS = [key for key in KEYS if key not in ("months", "countries")]

EMPTY = {  # list -> the languages without such a word, and why
    "months": ("en fr nl pt pl sv da", "CLDR has every spelling"),
    "o_clock": ("en pl sv da", "nothing stands behind a time"),
    "before_noon": ("de fr it nl pt pl da", "the day has 24 hours"),
    "after_noon": ("de fr it nl pt pl da", "the day has 24 hours"),
    "street_after_number": ("de es nl pt pl sv da", "the number follows the street"),
    "street_endings": ("en fr es it pt pl", "words for streets stand alone"),
    "times": ("es it pt", "the word is a lone a, which receipts print for a class of tax"),
    "number_endings": ("en fr es it pt pl", "words are not compounded"),
    "label_fillers": ("fr es pt pl sv da", "the word stands inside values, or is a letter of abbreviations"),
    "articles": ("pl", "the language has none"),
}

PAID = parse_schema({"type": "object", "properties": {"paid": {"type": ["boolean", "null"]}}}, "paid")
(PAID_FIELD,) = fields_of(PAID.root, "", "", "")


def coerced(text: str) -> tuple[bool | None, list[str]]:
    found = Coercion()
    return coerce(PAID.root, {"paid": text}, found)["paid"], [violation.rule for violation in found.violations]


def answered(*texts: str) -> object:
    """What the layout engine reads for the boolean field where `texts` stand."""
    tokens = [Token(at, text, Box(at / 9, 0, (at + 1) / 9, 0.1), False, 1.0) for at, text in enumerate(texts)]
    reading = read(PAID_FIELD, tokens, Conventions())
    return None if reading is None else reading.value


def proposed(kind: str, label: str) -> str | None:
    field = {"type": [kind, "null"], "x-docpipe": {"labels": {"en": [label]}}}
    found = proposals(parse_schema({"type": "object", "properties": {"x": field}}, "bill"))
    return found[0].value if found else None


def is_bare(label: str) -> bool:
    field = {"type": ["string", "null"], "format": "date", "x-docpipe": {"labels": {"en": [label]}}}
    (only,) = fields_of(parse_schema({"type": "object", "properties": {"x": field}}, "bill").root, "", "", "")
    return only.plain


def moment(text: str) -> object:
    return printed_datetime(text, Conventions())


def amount_with(mark: str) -> set[bool]:
    """Whether an amount with the mark behind it is a credit: by the word, of a letter by the languages that have it."""
    if len(mark) > 1:
        side = sided(f"5,00 {mark}")
        return set() if side is None else {side.credit}
    return {pair[mark] for pair in letter_pairs() if mark in pair}


def on(hour: int) -> dt.datetime:
    return dt.datetime(2026, 1, 31, hour, 30, tzinfo=dt.UTC)


READ: Mapping[str, Callable[[str], bool]] = {  # list -> whether a word of it does what it is there for
    "yes": lambda word: coerced(word) == (True, []) and answered(word) is answered(word, "5") is True,
    "no": lambda word: coerced(word) == (False, []) and answered(word) is answered(word, "5") is False,
    "nothing": lambda word: coerced(word) == coerced(f" {word.upper()} ") == (None, []),
    "months": lambda word: parse_date(f"5. {word} 2024") is not None,
    "date_fillers": lambda word: parse_date(f"5 {word} march 2024") == parse_date("2024-03-05"),
    "at_time": lambda word: moment(f"31.01.2026 {word} 10:30") == on(10),
    "o_clock": lambda word: moment(f"31.01.2026 10:30 {word}") == on(10) and parse_date(f"5 mars 2024 10:30 {word}"),
    "before_noon": lambda word: moment(f"31.01.2026 10:30 {word}") == on(10) and parse_date(f"5 mars 2024 9:30 {word}"),
    "after_noon": lambda word: moment(f"31.01.2026 10:30 {word}") == on(22) and parse_date(f"5 mars 2024 9:30 {word}"),
    "countries": lambda word: len(Conventions([[*word.split(), "12"]]).countries) == 1,
    "not_countries": lambda word: not Conventions([[word]]).countries,
    "carried_forward": lambda word: (
        is_carried_forward(f"{word} 1.234,00") and may_be_running_sum(word) and names_a_sum(word)
    ),
    "running_sum": lambda word: may_be_running_sum(f"{word}: 1.234,00") and not is_carried_forward(word),
    "other_sums": lambda word: names_other_sum(f"Alta {word} 5 %") and not names_other_sum("Alta 5 %"),
    "suggested": lambda word: is_suggestion(f"Alta {word} 5 %") and not is_suggestion("Alta 5 %"),
    "paid": lambda word: says_paid(f"{word.upper()}.") and not says_paid(f"Alta{word}"),
    "your": lambda word: side(words_of(f"{word} reference")) == "recipient",
    "our": lambda word: side(words_of(f"{word} reference")) == "issuer",
    "street_after_number": lambda word: names_street(f"{word} Alta") and not is_postal(f"1234 {word} Alta"),
    "street": lambda word: names_street(f"{word} Alta"),
    "street_endings": lambda word: names_street(f"Alta{word} 5"),
    "post_boxes": lambda word: begins_with_post_box(f"{word} 4711") and not begins_with_post_box(f"{word} Alta"),
    "connectives": lambda word: is_connected(f"Alta {word}", "Alta") and is_connected("Alta", f"{word.upper()} Alta"),
    "slips": lambda word: is_remark(f"*** {word.upper()} 2 ***") and not is_remark(f"{word} Alta"),
    "greetings": lambda word: holds_remark(f"{word} Alta") and not holds_remark("Alta"),
    "registers": lambda word: is_register(f"{word}: 123") and not is_register(f"Alta {word} 123"),
    "accounts": lambda word: names_account(f"{word.upper()} no"),
    "bank_details": lambda word: names_bank_details(f"{word}: 12"),
    "banks": lambda word: names_bank(f"Alta {word}") and names_bank(f"Alta{word} 12"),
    "durations": lambda word: is_duration("12", [word.upper()]) and not is_duration("12", ["Alta"]),
    "contact": lambda word: is_contact(f"{word}: Alta"),
    "attention": lambda word: is_contact(f"{word} Alta"),
    "papers": lambda word: not could_be_name(word) and not could_be_name(f"{word} 1/2"),
    "salutations": lambda word: not could_be_name(f"{word} Zorvex") and could_be_name("Zorvex"),
    "courtesies": lambda word: stands_above(word) and could_be_name(f"{word} Alta"),
    "legal_forms": lambda word: has_legal_form(f"Alta {word}") and has_legal_form(f"Alta {'.'.join(word)}."),
    "times": lambda word: TIMES.fullmatch(word) is not None,
    "number": lambda word: key_of(f"Alta {word} 5") == key_of(f"Alta {word.upper()}. 5") == key_of("Alta No."),
    "number_endings": lambda word: key_of(f"Alta{word}") == key_of("Alta No."),
    "label_fillers": lambda word: key_of(f"Alta {word} Alta") == key_of("Alta Alta"),
    "date_labels": is_bare,
    "total_labels": is_bare,
    "identifier_labels": lambda word: proposed("string", word) == "identifier",
    "rate_labels": lambda word: proposed("number", f"Alta{word}") == "rate",
    "name_labels": lambda word: proposed("string", f"Alta{word}") == "name",
    "address_labels": lambda word: proposed("string", f"Alta{word}") == "address",
    "address_parts": lambda word: bool(words_of(word)) and ADDRESS_PARTS.issuperset(words_of(word)),
    "quantity_labels": lambda word: proposed("number", f"Alta{word}") == "quantity",
    "general_names": lambda word: bool(words_of(word)) and GENERAL.issuperset(words_of(word)),
    "unit_words": lambda word: folded(word) in UNITS,
    "sentence_words": lambda word: _key_in(f"Alta {word} beta") == "",
    "credit_marks": lambda word: amount_with(word) == {True},
    "debit_marks": lambda word: amount_with(word) == {False},
    "account_statement": lambda word: names_statement(f"Alta {word.upper()} 5/2024"),
    "table_captions": lambda word: begins_caption(f"{word} 12: Alta"),
    "articles": lambda word: _key_in(f"{word}Alta" if word.endswith("'") else f"{word} Alta") == "Alta",
}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_read(language: str, key: str) -> None:
    assert [word for word in getattr(lexicon(language), key) if not READ[key](word)] == []


def test_there_is_a_file_for_every_language_and_none_else() -> None:
    assert {path.stem for path in FOLDER.iterdir() if path.suffix == ".json"} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_lists_in_the_same_order(language: str) -> None:
    assert list(json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))) == KEYS


def test_only_what_a_language_has_no_word_for_is_empty() -> None:
    empty = {(key, code) for code in LANGUAGES for key in KEYS if not getattr(lexicon(code), key)}
    assert empty == {(key, code) for key, (codes, _) in EMPTY.items() for code in codes.split()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_stands_twice_in_a_list(language: str) -> None:
    words = lexicon(language)
    folds = {key: [folded(word) for word in getattr(words, key)] for key in KEYS}
    assert {key: spelt for key, spelt in folds.items() if len(spelt) != len(set(spelt))} == {}
    assert [word for key in KEYS for word in getattr(words, key) if word != word.strip() or not folded(word)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_library_of_locales_knows_is_not_repeated(language: str) -> None:
    locale = Locale(language)
    months = {
        folded(str(name)).rstrip(".")
        for use in locale.months.values()
        for each in use.values()
        for name in each.values()
    }
    assert months.isdisjoint(map(folded, lexicon(language).months))
    names = {folded(str(name)) for code, name in locale.territories.items() if len(code) == 2}
    assert names.isdisjoint(map(folded, lexicon(language).countries))
    assert names.issuperset(map(folded, lexicon(language).not_countries))


def test_all_languages_together_have_the_words_of_each() -> None:
    together = all_languages()
    for language in LANGUAGES:
        for key in KEYS:
            assert set(getattr(lexicon(language), key)) <= set(getattr(together, key))
    assert all(len(set(getattr(together, key))) == len(getattr(together, key)) for key in LISTS)
    for key in ("months", "countries"):
        each = [pair for language in LANGUAGES for pair in getattr(lexicon(language), key).items()]
        assert dict(each).items() == set(each), "a word means one thing in all languages"


@pytest.mark.parametrize(
    ("words", "text", "matches"),
    [
        (["z. Hd."], "z.hd. alta", True),
        (["z. Hd."], "zhd alta", True),
        (["z. Hd."], "zhda", False),
        (["all'attenzione"], "all attenzione", True),
        (["carried forward"], "carried-forward", True),
        (["carried forward"], "carriedforward", True),
        (["carried forward"], "carried / forward", False),
        (["C/"], "c/mayor", True),
        (["C/"], "abc/mayor", False),
        (["a", "ab"], "ab", True),
    ],
)
def test_a_phrase_is_found_with_and_without_its_marks(words: list[str], text: str, matches: bool) -> None:
    assert (re.search(any_of(words), text) is not None) is matches


def test_a_word_inside_another_is_its_end() -> None:
    assert re.search(any_of(["straße"], inside=True), "hauptstrasse 5")
    assert not re.search(any_of(["straße"], inside=True), "strassenbahn")


def texts_of(tree: ast.Module) -> Iterator[str]:
    """The strings of a module that are neither docstrings nor comments."""
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


LONG_WORD = re.compile(r"[^\W\d_]{4,}")


def long_words(words: Lexicon) -> set[str]:
    return {part for key in KEYS for word in getattr(words, key) for part in LONG_WORD.findall(folded(word))}


FOREIGN = set[str]().union(*(long_words(lexicon(code)) for code in LANGUAGES if code != "en")) - long_words(
    lexicon("en")
)
ENGLISH_TOO = {"land", "local", "position", "post", "postal", "report", "side"}
SIGNS = "也口日回囗"  # the letters that OCR reads for boxes


def words_in_code(tree: ast.Module) -> set[str]:
    """Words of other languages than English, and letters that English has not."""
    found = {word for text in texts_of(tree) for word in LONG_WORD.findall(folded(text)) if word in FOREIGN}
    found |= {char for text in texts_of(tree) for char in text if char.isalpha() and not char.isascii()}
    return found - ENGLISH_TOO - set(SIGNS)


def test_no_word_of_a_language_is_left_in_code() -> None:
    found = {
        str(path.relative_to(PACKAGE)): words
        for room in ("engine", "resolve", "render", "extract", "review")
        for path in (PACKAGE / room).rglob("*.py")
        if (words := words_in_code(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert set(found) == {"render/legibility.py"}, "it judges letters of alphabets, and knows no word"


@pytest.mark.parametrize("code", ['_YES = ("ja", "oui", "wahr")', 'X = re.compile("summe|totaal")', 'X = "é"'])
def test_a_word_in_code_is_seen(code: str) -> None:
    assert words_in_code(ast.parse(code))


def test_every_list_is_read_somewhere() -> None:
    used = {
        node.attr
        for path in PACKAGE.rglob("*.py")
        if path.parent != FOLDER
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("_WORDS", "words", "all_languages()")
    }
    assert used >= set(KEYS)
