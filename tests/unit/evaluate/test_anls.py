"""ANLS by the numbers of its definition, ANLS* against its authors' own implementation."""

from __future__ import annotations

from typing import Any

import pytest
from anls_star import anls_score
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from docpipe.evaluate.anls import anls, anls_star

TEXTS = st.sampled_from(["", "hello", "help me", "world", "a b c", "invoice 12", "invoice 13", "ab", "abcd", "AB"])
LEAVES = st.one_of(TEXTS, st.none(), st.integers(0, 9), st.booleans())
OPTIONS = st.lists(TEXTS, min_size=1, max_size=3).map(tuple)


def nested(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
        ),
        max_leaves=8,
    )


@pytest.mark.parametrize(
    ("accepted", "found", "score"),
    [
        (["Coca Cola"], "coca cola", 1.0),
        (["the coca cola company"], "coca cola company", 1 - 4 / 21),
        (["coca cola company", "coca cola"], "coca cola", 1.0),
        (["abcd"], "abxy", 0.0),  # a distance of exactly the threshold scores nothing
        (["abcde"], "abcxy", 1 - 2 / 5),
        (["abc"], None, 0.0),
        (["abc"], "", 0.0),
    ],
)
def test_anls_is_one_minus_the_distance_below_the_threshold(
    accepted: list[str], found: str | None, score: float
) -> None:
    assert anls(accepted, found) == pytest.approx(score, abs=1e-6)


@pytest.mark.parametrize(
    ("truth", "found", "score"),
    [
        ("Hello World", "Hello World", 1.0),
        ("Hello World", "Hello Wrld", 1 - 1 / 11),
        ({"a": ("hello", "world"), "b": ["this", "is", "a", "test"]},
         {"a": "hello!", "b": ["a", "test", "this", "be"]}, 0.7666667),
        ({"a": "x", "b": None}, {"a": "x"}, 1.0),
        ({"a": "x"}, {"a": "x", "b": "invented"}, 0.5),
        (["a", "b"], ["b", "a"], 1.0),
        (["a", "b"], ["a"], 0.5),
        (None, "something", 0.0),
        ("abcd", "ab", 0.5),  # exactly the threshold counts
        ("abcde", "ab", 0.0),
        ([{"a": "abcd"}], [{"a": "ab"}], 0.5),
        ([{"a": "abcde"}], [{"a": "ab"}], 0.0),
        ([{"a": "x", "b": None}], [{"a": "x"}], 1.0),
        ([{"a": "x"}], [{"a": "x", "b": None}], 0.5),
        ([{"a": None}], [{"a": "x"}], 0.0),
    ],
)  # fmt: skip
def test_anls_star_of_worked_examples(truth: Any, found: Any, score: float) -> None:
    assert anls_star(truth, found) == pytest.approx(score, abs=1e-6)


@settings(max_examples=400, deadline=None)
@given(nested(st.one_of(LEAVES, OPTIONS)), nested(LEAVES))
def test_anls_star_is_what_its_authors_compute(truth: Any, found: Any) -> None:
    as_options = isinstance(truth, list) and all(isinstance(one, str) for one in truth) and isinstance(found, str)
    assume(not as_options)  # there a list of texts stands for a tuple
    assert anls_star(truth, found) == pytest.approx(anls_score(truth, found), abs=1e-6)


ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys("abc", st.one_of(TEXTS, st.none()))), max_size=4)


@settings(max_examples=300, deadline=None)
@given(ROWS, ROWS)
def test_anls_star_of_rows_of_scalars_is_what_its_authors_compute(truth: Any, found: Any) -> None:
    assert anls_star(truth, found) == pytest.approx(anls_score(truth, found), abs=1e-6)
