"""Patterns from outside: one engine, linear in time, bounded in size, refused in words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from docpipe.engine.layout.keys.fields import fields_of
from docpipe.engine.layout.readings import _patterned
from docpipe.literals.conventions import Conventions
from docpipe.page.box import Box
from docpipe.page.lines import Token
from docpipe.resolve.validate import validate
from docpipe.schema.load import parse_schema
from docpipe.schema.patterns import MAX_PATTERN_CHARS, matcher, pattern_fault, positions

PACKAGE = Path(__file__).parents[3] / "docpipe"
CATASTROPHIC = "^([A-Za-z0-9]+[-/]?)+$"  # an ordinary pattern; a backtracking engine takes 2^n steps to say no

# Where a pattern that is no literal goes to `re`: what it is made of, and why it is bounded.
ALLOWED = {
    "review/apply.py": "a path of the schema, escaped",
    "engine/layout/parties/addresses.py": "words of the lexicon, escaped",
    "engine/layout/parties/head_lines.py": "words of the lexicon, escaped",
    "engine/layout/parties/head_names.py": "words of the lexicon, escaped",
    "engine/layout/parties/names.py": "words of the lexicon, escaped",
    "engine/layout/grids/captions.py": "words of the lexicon, escaped",
    "engine/layout/keys/fields.py": "words of the lexicon, escaped",
    "engine/layout/keys/printed_keys.py": "words of the lexicon, escaped",
    "engine/layout/receipts/items.py": "words of the lexicon, escaped",
    "engine/qwen2vl/chat.py": "constants of the module, escaped",
    "literals/banks.py": "words of the lexicon, escaped",
    "literals/currencies.py": "signs of the module, escaped",
    "literals/dates.py": "words of the lexicon, escaped",
    "literals/phrases.py": "words of the lexicon, escaped",
    "literals/postal.py": "words of the lexicon, escaped",
    "literals/sides.py": "words of the lexicon, escaped",
    "resolve/printed.py": "words of the lexicon, escaped",
    "resolve/tolerant.py": "constants of the module, joined",
    "store/export/formulas.py": "constants of the module, joined",
    "literals/identifiers.py": "constants of the module, joined",
    "schema/names.py": "a constant of the module, joined",
    "literals/numbers.py": "a constant of the module, joined",
    "synth/formats.py": "marks of currencies, escaped",
}


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("^[A-Z]{2}-[0-9]+$", "AB-12", True),
        ("^[A-Z]{2}-[0-9]+$", "AB-12x", False),
        ("b", "abc", True),
        (r"^\p{L}+$", "Größe", True),
        (CATASTROPHIC, "A1" * 9_000 + "_!", False),
        ("a", "a" * 20_001, False),
    ],
)
def test_a_pattern_is_found_anywhere_in_a_text_that_a_column_can_hold(pattern: str, text: str, found: bool) -> None:
    assert matcher(pattern)(text) is found


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(a{1000}){1000}", "repetitions written out"),
        ("(?:[ab]?){50000}c", "repetitions written out"),
        ("((((a{9}){9}){9}){9}){9}", "repetitions written out"),
        ("a" * (MAX_PATTERN_CHARS + 1), "longer than"),
        ("(?<=x)y", "lookaround"),
        (r"(a)\1", "backreferences"),
        ("(?x) a # (", "flag x"),
        ("(", "cannot be used"),
        (r"^(?:\w{1,200}\s?){1,9}$", "cannot be used"),
    ],
)
def test_what_cannot_be_bounded_is_refused_in_words(pattern: str, said: str) -> None:
    assert said in pattern_fault(pattern)


@pytest.mark.parametrize("pattern", ["", "^$", r"^[\w .,-]{1,60}$", CATASTROPHIC, r"^\d{4}(-\d{2}){2}$", "[]a]{3}|b"])
def test_ordinary_patterns_are_taken(pattern: str) -> None:
    assert pattern_fault(pattern) == ""


@pytest.mark.parametrize(
    ("pattern", "size"),
    [
        ("abc", 3),
        ("a{3}", 3),
        ("(?:ab{3}){2}", 8),
        ("a{2,}", 3),
        ("[a-z]{5}", 5),
        (r"\p{L}{4}", 4),
        ("^a+$", 1),
        ("[[:alpha:]x]{2}", 2),
        ("(?P<n>a){2}", 2),
    ],
)
def test_positions_count_repetitions_written_out(pattern: str, size: int) -> None:
    assert positions(pattern) == size


def test_the_layout_engine_reads_by_a_pattern_in_linear_time() -> None:
    """With a backtracking engine this would not end within the age of the universe."""
    number = {"type": "string", "pattern": CATASTROPHIC}
    schema = parse_schema({"type": "object", "properties": {"number": number}}, "slow")
    (field,) = fields_of(schema.root, "", "", "")
    word = Token(0, "A1" * 24 + "_!", Box(0, 0, 1, 1), False, 1.0)
    good = Token(0, "A1-B2/C3", Box(0, 0, 1, 1), False, 1.0)
    assert _patterned(field, [word], Conventions(mark=".", day_first=True)) is None
    assert _patterned(field, [good], Conventions(mark=".", day_first=True)) is not None


@pytest.mark.parametrize("more", [{}, {"format": "date"}, {"enum": ["a", "b"]}])
def test_a_pattern_is_held_to_the_engine_whatever_stands_beside_it(more: dict[str, object]) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "pattern": "(?=a)b", **more}}}
    with pytest.raises(Exception, match="lookaround"):
        parse_schema(schema, "held")


def test_both_validators_use_the_engine() -> None:
    schema = parse_schema({"type": "object", "properties": {"a": {"type": "string", "pattern": r"^\p{Lu}+$"}}}, "upper")
    value = {"a": "äb"}
    violations, _ = validate(schema, value)
    assert (len(violations), value) == (2, {"a": None})
    assert validate(schema, {"a": "ÄB"}) == ([], [])


def foreign_patterns(tree: ast.Module) -> Iterator[int]:
    """Lines where `re` is given what is neither a literal nor built from literals and constants in capitals."""
    functions = {"compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in functions
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in {"re", "regex"}
            and not isinstance(node.args[0], ast.Constant)
        ):
            yield node.lineno


def test_python_s_re_is_given_no_pattern_from_outside() -> None:
    found = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        for _ in foreign_patterns(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == set(ALLOWED)


def test_a_pattern_from_outside_is_seen() -> None:
    assert list(foreign_patterns(ast.parse("import re\nre.search(node.pattern, text)\nre.compile('a')"))) == [2]
