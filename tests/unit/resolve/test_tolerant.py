"""Nearly JSON is read one way or not at all: each text with its value, where it was cut, and what the edits say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from docpipe.errors import DecodeError
from docpipe.resolve.decode import decode

MENDED: list[tuple[str, Any, list[tuple[str, str]]]] = [
    ('{"a": 1,}', {"a": 1}, [("comma", ",}")]),
    ('{"a": 1 , }', {"a": 1}, [("comma", ",}")]),
    ('{"a": [1, [2, 3,], 4],}', {"a": [1, [2, 3], 4]}, [("comma", ",]")]),
    ('{"a": ["x" "y"]}', {"a": ["x", "y"]}, [("comma", ' "')]),
    ('{"a": [{"b": 1}{"b": 2}]}', {"a": [{"b": 1}, {"b": 2}]}, [("comma", "}{")]),
    ("{'a': \"x\", 'b': 'c'}", {"a": "x", "b": "c"}, [("quotes", "'a'")]),
    ("{\u2018a\u2019: \u201cb\u201d}", {"a": "b"}, [("quotes", "\u2018a\u2019")]),
    ("{'a': 'b\\\\'}", {"a": "b\\"}, [("quotes", "'a'")]),
    ("{'a': 'b\\\\\\'c'}", {"a": "b\\'c"}, [("quotes", "'a'")]),
    ("{'a': 'b\\\\\"c\\\"d\"'}", {"a": 'b\\"c"d"'}, [("quotes", "'a'")]),
    ('{"a": "x\\\\",}', {"a": "x\\"}, [("comma", ",}")]),
    ('{"a": "x\\"y\\\\\\"z",}', {"a": 'x"y\\"z'}, [("comma", ",}")]),
    ('{"a": "\\u00e4\\n",}', {"a": "ä\n"}, [("comma", ",}")]),
    ('{"a": "x\ty"}', {"a": "x\ty"}, [("line_break", "x\ty")]),
    ('{"a": "x\x1fy\x00"}', {"a": "x\x1fy\x00"}, [("line_break", "x\x1fy\x00")]),
    ('{"a": "\u2028 \x7f",}', {"a": "\u2028 \x7f"}, [("comma", ",}")]),
    ("{a_1: 1, _B: 2}", {"a_1": 1, "_B": 2}, [("bare_name", "a_1")]),
    ('{"a": False, "b": True, "c": None}', {"a": False, "b": True, "c": None}, [("literal", "False")]),
    ('{"a": true, "b": false, "c": null,}', {"a": True, "b": False, "c": None}, [("comma", ",}")]),
    ('{"a": 1e5, "b": -0, "c": -1.50,}', {"a": Decimal("1e5"), "b": 0, "c": Decimal("-1.5")}, [("comma", ",}")]),
    ('{"a": 1\ufeff,}', {"a": 1}, [("comma", ",}")]),
    ("{}\n, }", {}, [("wrapping", ", }")]),
    ("{'" + "n" * 300 + "': 1}", {"n" * 300: 1}, [("quotes", "'" + "n" * 199)]),
]


@pytest.mark.parametrize(("text", "value", "edits"), MENDED, ids=lambda one: str(one)[:30])
def test_what_has_one_meaning_is_read_with_it(text: str, value: Any, edits: list[tuple[str, str]]) -> None:
    found = decode(text)
    assert (found.value, found.cut) == (value, None)
    assert [type(one) for one in found.value.values()] == [type(one) for one in value.values()]
    assert [(one.path, one.rule, one.before, one.after) for one in found.edits] == [
        ("", f"decode:{rule}", before, "") for rule, before in edits
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"a": }', "a value is missing at character 6"),
        ('{"a": [,]}', "a value is missing at character 7"),
        ("{,}", "a name is missing at character 1"),
        ("{1: 2}", "a name is missing"),
        ("{größe: 1}", "a colon is missing at character 3"),  # bare names are those of ASCII
        ('{"a" 1}', "a colon is missing at character 5"),
        ('{"a": 1;}', "a comma is missing at character 7"),
        ('{"a": [1 2]}', "a comma is missing"),
        ('{"a": 1 b: 2}', "a comma is missing"),
        ('{"a": [1}', "a comma is missing"),
        ('{"a": 01,}', "'01' is no value at character 6"),
        ('{"a": 1.,}', "no value"),
        ('{"a": .5,}', "no value"),
        ('{"a": -,}', "no value"),
        ('{"a": 1e,}', "no value"),
        ('{"a": 0x10,}', "no value"),
        ('{"a": ١,}', "no value"),
        ('{"a": TRUE,}', "no value"),
        ('{"a": infinite,}', "no value"),
        ('{"a": ' + "z" * 30 + ",}", f"'{'z' * 20}' is no value"),
        ('{"a": nan,}', "nan is not a JSON number"),
        ('{"a": -Inf,}', "-Inf is not a JSON number"),
        ('{"a": +INFINITY,}', "INFINITY is not a JSON number"),
        ('{"a": 1, "a": 1,}', "'a' stands twice"),
        ('{"a": [{"b": 1, "b": 2', "'b' stands twice"),
        ('{"a": "\\x",}', "not JSON"),
    ],
)
def test_what_would_need_a_guess_is_an_error_that_says_where(text: str, why: str) -> None:
    with pytest.raises(DecodeError) as error:
        decode(text)
    assert why in str(error.value)


CUT: list[tuple[str, Any, str, list[tuple[str, str]]]] = [
    ('{"a": 1, ', {"a": 1}, "", []),
    ('{"a": 1', None, "", []),
    ('{"a": true', {"a": True}, "", []),
    ('{"a": 1, "b": nul', {"a": 1}, "", [("b", "nul")]),
    ('{"a": 1, "b": None', {"a": 1}, "", [("b", "None")]),
    ('{"a": 1, "b', {"a": 1}, "", []),
    ('{"a": 1, "b"', {"a": 1}, "", []),
    ('{"a": 1, "b": ', {"a": 1}, "", []),
    ('{"a": 1, "b": "', {"a": 1}, "", [("b", '"')]),
    ('{"a": 1, "b": "x\\"', {"a": 1}, "", [("b", '"x\\"')]),
    ('{"a": 1, "b": {}', {"a": 1, "b": {}}, "", []),
    ('{"a": 1, "b": {"c": "' + "x" * 300, {"a": 1}, "", [("b.c", '"' + "x" * 199), ("b", '{"c": "' + "x" * 193)]),
    ('{"a": [1, 2', {"a": [1]}, "", [("a[1]", "2")]),
    ('{"a": [1, 2,', {"a": [1, 2]}, "", []),
    ('{"a": ["x", "y', {"a": ["x"]}, "", [("a[1]", '"y')]),
    ('{"a": 1, "b": [', {"a": 1, "b": []}, "b", []),
    ('{"a": 1, "b": [{', {"a": 1, "b": []}, "b", [("b[0]", "{")]),
    ('{"r": ["x", {"a": 1', {"r": ["x"]}, "r", [("r[1].a", "1"), ("r[1]", '{"a": 1')]),
    ('{"o": {"r": [{"a": 1}, {"a": 2}', {"o": {"r": [{"a": 1}, {"a": 2}]}}, "o.r", []),
    ('{"r": [{"a": 1}], "n": 5, "m', {"r": [{"a": 1}], "n": 5}, "", []),
    ('{"n": 1, "r": [{"a": [1, 2], "b', {"n": 1, "r": []}, "r", [("r[0]", '{"a": [1, 2], "b')]),
    (
        '{"r": [{"b": 1}, {"b": [{"c": 1}, {"c": 2',
        {"r": [{"b": 1}, {"b": [{"c": 1}]}]},
        "r[1].b",
        [("r[1].b[1].c", "2"), ("r[1].b[1]", '{"c": 2')],
    ),
    (
        '{"r": [{"b": 1}, {"b": [{"c": 1}], "d": "x',
        {"r": [{"b": 1}, {"b": [{"c": 1}]}]},
        "r[1].b",
        [("r[1].d", '"x')],
    ),
    (
        '{"r": [{"b": [{"c": 1}], "d": ["x", "y',
        {"r": [{"b": [{"c": 1}], "d": ["x"]}]},
        "r[0].b",
        [("r[0].d[1]", '"y')],
    ),
    ('{"r": [{"b": 1}, {"b": [', {"r": [{"b": 1}]}, "r", [("r[1]", '{"b": [')]),
    (
        '{"r": [{"b": [{"c": [{"d": 1}]}, {"c": [',
        {"r": [{"b": [{"c": [{"d": 1}]}]}]},
        "r[0].b",
        [("r[0].b[1]", '{"c": [')],
    ),
]


@pytest.mark.parametrize(("text", "value", "cut", "lost"), CUT, ids=lambda one: str(one)[:30])
def test_a_cut_keeps_what_is_complete_and_quotes_what_is_lost(
    text: str, value: Any, cut: str, lost: list[tuple[str, str]]
) -> None:
    if value is None:
        with pytest.raises(DecodeError, match="before its first value"):
            decode(text)
        return
    found = decode(text)
    assert (found.value, found.cut) == (value, cut)
    assert [(one.path, one.before, one.after, one.rule) for one in found.edits] == [
        (path, before, None, "decode:cut") for path, before in lost
    ]


@pytest.mark.parametrize(("levels", "well"), [(63, True), (64, False)])
@pytest.mark.parametrize(("opening", "shut"), [("{'a':", "}"), ("[", "]")])
def test_nearly_json_nests_as_deep_as_json(opening: str, shut: str, levels: int, well: bool) -> None:
    text = "{'x':" + opening * levels + "1" + shut * levels + "}"
    if well:
        assert decode(text).cut is None
        return
    with pytest.raises(DecodeError, match="deeper than 64 levels"):
        decode(text)


def test_a_list_that_never_closes_is_refused_at_the_same_depth() -> None:
    with pytest.raises(DecodeError, match="deeper than 64 levels"):
        decode("{'x':" + "[" * 65)
    with pytest.raises(DecodeError, match="deeper than 64 levels"):
        decode("{'x':" + "{'x':" * 65)
