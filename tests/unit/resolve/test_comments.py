"""Comments around the members of an answer are passed over and told; what they may hide is not."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.errors import DecodeError
from docpipe.resolve.decode import decode

READ: list[tuple[str, Any, str]] = [
    ('{"a": 1 // one\n}', {"a": 1}, "// one"),
    ('{"a": 1, # one\n "b": 2}', {"a": 1, "b": 2}, "# one"),
    ('{/* all */"a": 1}', {"a": 1}, "/* all */"),
    ('{"a": /* of\nlines */ 1}', {"a": 1}, "/* of\nlines */"),
    ('{"a": 1/* EUR */}', {"a": 1}, "/* EUR */"),
    ('{"a" // name\n: 1}', {"a": 1}, "// name"),
    ('{"a": [1, // one\n 2 # two\n]}', {"a": [1, 2]}, "// one"),
    ('{"a": "x", // the 24" one\n "b": 2}', {"a": "x", "b": 2}, '// the 24" one'),
    ('{\n// "b": 2,\n"a": 1}', {"a": 1}, '// "b": 2,'),
    ('{"a": 1, //\n}', {"a": 1}, "//"),
    ('{"a": "http://x/#y /* z */",}', {"a": "http://x/#y /* z */"}, ""),
]


@pytest.mark.parametrize(("text", "value", "comment"), READ, ids=lambda one: str(one)[:30])
def test_a_comment_outside_strings_is_passed_over_and_told(text: str, value: Any, comment: str) -> None:
    found = decode(text)
    assert (found.value, found.cut) == (value, None)
    assert [edit.before for edit in found.edits if edit.rule == "decode:comment"] == ([comment] if comment else [])


@pytest.mark.parametrize(
    "text",
    [
        '{"a": #5\n}',  # a value with a sign before it
        '{"a": 3/4}',
        '{"a": / 1}',
        '{"a": "x" /* "y", */ }',  # or the string goes on
        '{"a": "x", // y", "b": 1,\n"c": 2}',
    ],
)
def test_what_may_be_a_value_is_no_comment(text: str) -> None:
    with pytest.raises(DecodeError):
        decode(text)


@pytest.mark.parametrize("text", ['{"a": 1, "b": 2 // c }', '{"a": 1, "b": 2 /* c }', '{"a": 1, "b": 2, # "c": 3}'])
def test_an_answer_whose_end_is_in_a_comment_is_not_whole(text: str) -> None:
    found = decode(text)
    assert found.value == {"a": 1, "b": 2}
    assert found.cut == ""


COMMENTS = st.sampled_from(["// c\n", "# c: 1\n", "/* {c} */", "/* a\n */", '// 24" x\n', "// it's [so]\n"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text("ab /#*\\\"'{}[],:\n", max_size=8),
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(st.text("ab", min_size=1, max_size=3), below, max_size=3)
    ),
    max_leaves=8,
)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


@given(st.dictionaries(st.sampled_from("abc"), VALUES, min_size=1), st.data())
def test_comments_between_tokens_change_nothing(record: dict[str, Any], data: st.DataObject) -> None:
    tokens = _TOKEN.findall(json.dumps(record))
    text = tokens[0]
    for token in tokens[1:]:
        text += data.draw(st.sampled_from(["", " "]) | COMMENTS) + token
    assert decode(text).value == record
