"""What later answers change in the first one, and what they say of values that stay."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from docpipe.errors import DecodeError
from docpipe.page.box import Box
from docpipe.records import Edit, Reply, Span
from docpipe.resolve.amend import Amendment, amended, json_copy, repeats, scores_of, spans_of
from docpipe.resolve.confidence import UNKNOWN_SCORE, Repeats
from docpipe.resolve.follow_up import FollowUp, Rung
from docpipe.resolve.tolerant import Decoded


def said(answer: Any, engine: str = "vlm") -> Reply:
    return Reply(answer if isinstance(answer, str) else json.dumps(answer), "stop", engine)


def amend(first: dict[str, Any], *answers: tuple[Rung, tuple[str, ...], Any], cut: str | None = None) -> Decoded:
    told = [Amendment(FollowUp(rung, paths, (), {}, (1,)), said(text)) for rung, paths, text in answers]
    return amended(Decoded(first, (Edit("", "x", "", "decode:wrapping"),), cut), told)


@pytest.mark.parametrize("rung", ["fields", "closer"])
def test_an_answer_replaces_the_fields_that_were_asked_for(rung: Rung) -> None:
    first = {"net": 1, "shop": {"name": "A"}}
    found = amend(
        first,
        (rung, ("net", "shop.name", "shop.city", "tax"), {"net": 2, "shop": {"name": "A", "city": "B"}, "total": 9}),
    )
    assert found.value == {"net": 2, "shop": {"name": "A", "city": "B"}}
    assert found.edits[1:] == (
        Edit("net", 1, 2, f"asked:{rung}"),
        Edit("shop.city", None, "B", f"asked:{rung}"),
    )
    assert found.edits[0].rule == "decode:wrapping"
    assert first == {"net": 1, "shop": {"name": "A"}}, "the first answer stays what it was"


def test_an_answer_of_null_replaces_nothing_and_one_of_zero_does() -> None:
    assert amend({"net": 1}, ("fields", ("net",), {"net": None})).value == {"net": 1}
    assert amend({"net": 1}, ("fields", ("net",), {"net": 0})).value == {"net": 0}


def test_an_object_on_the_way_is_made() -> None:
    assert amend({"shop": None}, ("fields", ("shop.name",), {"shop": {"name": "A"}})).value == {"shop": {"name": "A"}}
    assert amend({}, ("fields", ("shop.name",), {"shop": {"name": "A"}})).value == {"shop": {"name": "A"}}
    assert amend({"shop": 5}, ("fields", ("shop.name",), {"shop": {"name": "A"}})).value == {"shop": {"name": "A"}}


def test_what_is_not_where_it_was_asked_for_changes_nothing() -> None:
    for text in ({"shop": []}, {"shop": "A"}, {"shop": {}}, {"shop": [{"name": "A"}]}):
        assert amend({"net": 1}, ("fields", ("shop.name",), text)) == amend({"net": 1})


R = [{"text": "a"}, {"text": "b"}, {"text": "c"}]


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        (R[:1], R[:2], 2),
        (R[:2], R[:2], 2),
        (R[:2], R[1:2], 2),
        ([], R[:1], 1),
        (None, R[:1], 1),
        (R[:1], None, 1),
        (R[:1], "abc", 1),
    ],
)
def test_a_list_is_replaced_by_a_longer_one_only(before: Any, after: Any, kept: int) -> None:
    found = amend({"rows": before}, ("rows", ("rows",), {"rows": after}))
    assert len(found.value["rows"]) == kept
    grown = kept > len(before or [])
    assert found.edits[1:] == (Edit("rows", f"{len(before or [])} rows", f"{kept} rows", "asked:rows"),) * grown


@pytest.mark.parametrize(
    ("before", "after", "rows"),
    [
        (R[:1], R[1:], R),
        (R[:2], R[1:], R),  # it begins with the last one
        (R[:1], [R[0], R[0]], [R[0], R[0]]),
        (R[:2], [R[0]], [*R[:2], R[0]]),
        ([], R[:1], R[:1]),
        (None, R[:1], R[:1]),
        (R[:1], [], R[:1]),
        (R[:1], None, R[:1]),
    ],
)
def test_the_rest_of_a_list_is_added_to_it(before: Any, after: Any, rows: Any) -> None:
    found = amend({"rows": before}, ("continue", ("rows",), {"rows": after}), cut="rows")
    assert (found.value["rows"], found.cut) == (rows, None)
    grown = len(rows) > len(before or [])
    assert (
        found.edits[1:] == (Edit("rows", f"{len(before or [])} rows", f"{len(rows)} rows", "asked:continue"),) * grown
    )


def test_a_rest_that_breaks_off_leaves_the_list_cut() -> None:
    found = amend({"rows": R[:1]}, ("continue", ("rows",), '{"rows": [{"text": "b"}, {"te'), cut="rows")
    assert ([row["text"] for row in found.value["rows"]], found.cut) == (["a", "b"], "rows")
    again = amend(
        {"rows": R[:1]},
        ("continue", ("rows",), '{"rows": [{"text": "b"}, {"te'),
        ("continue", ("rows",), {"rows": R[2:]}),
        cut="rows",
    )
    assert (again.value["rows"], again.cut) == (R, None)


def test_another_question_leaves_the_cut_as_it_is() -> None:
    assert amend({"net": 1}, ("fields", ("net",), '{"net": 2, "tax": '), cut="rows").cut == "rows"
    assert amend({"net": 1}, ("fields", ("net",), '{"net": 2, "tax": ')).cut is None


def test_a_list_inside_a_row_is_continued_from_the_first_of_the_answer() -> None:
    first = {"tables": [{"rows": R[:1]}, {"rows": R[:1]}]}
    found = amend(first, ("continue", ("tables[1].rows",), {"tables": [{"rows": R[1:]}]}), cut="tables[1].rows")
    assert found.value == {"tables": [{"rows": R[:1]}, {"rows": R}]}
    assert amend(first, ("continue", ("tables[2].rows",), {"tables": []})).value == first


NESTED_TWICE = ("a[2].b[3].c", "a[2].b", "a")
NESTED = ("tables[1].rows", "tables[1].marks", "tables", "taxes")


def test_what_is_written_after_a_list_comes_with_its_rest() -> None:
    told = {"rows": R[1:], "taxes": R[:2], "marks": ["x"], "net": 3}
    found = amend({"net": 1, "rows": R[:1]}, ("continue", ("rows", "taxes", "marks", "tax"), told), cut="rows")
    assert (found.value, found.cut) == ({"net": 1, "rows": R, "taxes": R[:2], "marks": ["x"]}, None)
    assert [edit.path for edit in found.edits[1:]] == ["rows", "taxes", "marks"]


@pytest.mark.parametrize(("told", "kept"), [(R[:2], R[:2]), (R[:1], R[:1]), ([], R[:1]), (None, R[:1]), ("x", R[:1])])
def test_a_later_list_is_given_whole_and_never_twice(told: Any, kept: Any) -> None:
    question = ("rows", "taxes")
    found = amend({"rows": R[:1], "taxes": R[:1]}, ("continue", question, {"rows": [], "taxes": told}), cut="rows")
    assert found.value == {"rows": R[:1], "taxes": kept}


def test_the_tables_after_one_whose_rows_were_cut_are_added_to_it() -> None:
    first = {"tables": [{"rows": R[:1]}, {"rows": R[:1]}]}
    told = {"tables": [{"rows": R[1:], "marks": ["x"]}, {"rows": R}], "taxes": R[:1]}
    found = amend(first, ("continue", NESTED, told), cut="tables[1].rows")
    assert found.value == {
        "tables": [{"rows": R[:1]}, {"rows": R, "marks": ["x"]}, {"rows": R}],
        "taxes": R[:1],
    }
    assert found.cut is None


@pytest.mark.parametrize(
    ("paths", "text", "cut"),
    [
        (("rows", "taxes"), '{"rows": [{"text": "b"}], "taxes": [{"text": "c"}, {"te', "taxes"),
        (("rows", "taxes"), '{"rows": [{"text": "b"}], "ta', "rows"),
        (NESTED, '{"tables": [{"rows": [{"text": "b"}, {"te', "tables[1].rows"),
        (NESTED, '{"tables": [{"rows": [{"text": "b"}]}, {"rows": [{"text": "c"}, {"te', "tables[2].rows"),
        (NESTED, '{"tables": [{"rows": []}, {"rows": []}, {"ti', "tables"),
        (NESTED_TWICE, '{"a": [{"b": [{"c": [{"text": "b"}]}, {"c": [{"text": "c"}, {"te', "a[2].b[4].c"),
        (NESTED_TWICE, '{"a": [{"b": []}, {"b": [{"c": [{"text": "c"}, {"te', "a[3].b[0].c"),
        (NESTED_TWICE, '{"a": [{"b": []}, {"b": [{"c": [{"te', "a"),  # no row of it was written
        (("rows", "taxes"), '{"rows": [{"text": "b", "marks": [{"text": "c"}, {"te', "rows[1].marks"),
        (("rows", "taxes"), '{"rows": [{"text": "a"}, {"text": "b", "marks": [{"text": "c"}, {"te', "rows[1].marks"),
        (NESTED, '{"tables": [{"rows": [{"x": [{"text": "c"}, {"te', "tables[1].rows[1].x"),
    ],
)
def test_where_a_rest_breaks_off_is_told_by_its_place_in_the_record(
    paths: tuple[str, ...], text: str, cut: str
) -> None:
    known = {"rows": R[:1], "tables": [{"rows": R[:1]}, {"rows": R[:1]}]}
    rows: list[Any] = [{"b": [{}, {}, {}, {"c": R[:1]}]}]
    known["a"] = [{}, {}, *rows]
    question = FollowUp("continue", paths, (), {}, (1,))
    assert amended(Decoded(known, (), paths[0]), [Amendment(question, Reply(text, "length", "vlm"))]).cut == cut


@pytest.mark.parametrize("finish", ["length", "repetition"])
def test_a_rest_that_was_ended_where_it_looks_whole_is_still_cut(finish: Any) -> None:
    question = FollowUp("continue", ("rows",), (), {}, (1,))
    reply = Reply('{"rows": [{"text": "b"}]}', finish, "vlm")
    found = amended(Decoded({"rows": R[:1]}, (), "rows"), [Amendment(question, reply)])
    assert ([row["text"] for row in found.value["rows"]], found.cut) == (["a", "b"], "rows")


def test_an_answer_that_is_not_json_is_an_error() -> None:
    with pytest.raises(DecodeError):
        amend({"net": 1}, ("fields", ("net",), "I cannot say."))


def test_a_copy_shares_no_list_and_no_object() -> None:
    first = {"a": [{"b": [1]}], "c": {"d": None}}
    second = json_copy(first)
    second["a"][0]["b"].append(2)
    second["c"]["d"] = 3
    assert first == {"a": [{"b": [1]}], "c": {"d": None}}


# --- rows ---

TWO = [{"text": "Bolt M8", "amount": "lO.00"}, {"text": "Nut", "amount": 3}]


@pytest.mark.parametrize(
    ("rows", "amount"),
    [
        ([{"text": "bolt m-8", "amount": 10}], 10),
        ([{"text": "Nut", "amount": 3}, {"text": "Bolt M8", "amount": 10}], 10),  # whatever their order
        ([{"text": "Nut", "amount": 10}], "lO.00"),  # another row
        ([{"text": "Bolt M8", "amount": 10}, {"text": "Bolt M8", "amount": 11}], "lO.00"),  # which?
        ([{"text": "Bolt M8", "amount": None}], "lO.00"),
        ([], "lO.00"),
        (None, "lO.00"),
    ],
)
def test_a_value_of_a_row_is_taken_from_the_row_that_shares_what_is_not_in_question(rows: Any, amount: Any) -> None:
    found = amend({"rows": TWO}, ("cells", ("rows[0].amount",), {"rows": rows}))
    assert found.value == {"rows": [{"text": "Bolt M8", "amount": amount}, TWO[1]]}
    assert found.edits[1:] == (Edit("rows[0].amount", "lO.00", 10, "asked:cells"),) * (amount == 10)


def test_a_row_of_which_all_is_in_question_is_taken_from_the_only_one() -> None:
    asked = ("cells", ("rows[0].text", "rows[0].amount"))
    assert amend({"rows": TWO}, (*asked, {"rows": [{"text": "B", "amount": 1}]})).value["rows"][0]["text"] == "B"
    two = {"rows": [{"text": "B", "amount": 1}, {"text": "C", "amount": 1}]}
    assert amend({"rows": TWO}, (*asked, two)).value["rows"] == TWO


def test_a_row_inside_a_row_is_found_in_the_first_of_the_answer() -> None:
    first = {"tables": [{"rows": []}, {"rows": TWO}]}
    answer = {"tables": [{"rows": [{"text": "Bolt M8", "amount": 10}]}]}
    found = amend(first, ("cells", ("tables[1].rows[0].amount",), answer))
    assert found.value["tables"][1]["rows"][0]["amount"] == 10


# --- another engine ---


def second(*paths: str) -> FollowUp:
    return FollowUp("second", paths, (), {}, (1,))


def test_another_engine_is_named_in_the_edit_and_its_longer_list_is_taken() -> None:
    told = {"net": 2, "tax": 9, "rows": [*TWO, {"text": "Pin"}]}
    found = amended(
        Decoded({"net": 1, "tax": 1, "rows": TWO}), [Amendment(second("net", "rows"), said(told, "layout"))]
    )
    assert found.value == {"net": 2, "tax": 1, "rows": told["rows"]}
    assert found.edits == (Edit("net", 1, 2, "asked:layout"), Edit("rows", "2 rows", "3 rows", "asked:layout"))


def test_another_engines_value_of_a_row_is_taken_from_the_row_that_is_the_same() -> None:
    told = {"rows": [{"text": "Nut", "amount": 3}, {"text": "Bolt M8", "amount": 10}]}
    found = amended(Decoded({"rows": TWO}), [Amendment(second("rows[0].amount"), said(told, "layout"))])
    assert found.value["rows"] == [{"text": "Bolt M8", "amount": 10}, TWO[1]]


# --- how sure, and where ---


def test_a_value_has_the_score_of_the_reply_that_it_was_taken_from() -> None:
    sure = Reply("{}", "stop", "vlm", logprobs=(-0.1, -0.1))
    found = scores_of(
        [Amendment(FollowUp("fields", ("net",), (), {}, (1,)), sure), Amendment(second("rows"), said({}))]
    )
    assert found == {"net": pytest.approx(0.9048, abs=1e-4), "rows": UNKNOWN_SCORE}


def spans(*paths: str) -> tuple[Span, ...]:
    return tuple(Span(path, 1, (Box(0.1, 0.1, 0.2, 0.2),), 0.9) for path in paths)


def test_what_was_asked_again_stands_where_the_later_reply_read_it() -> None:
    first = Reply("{}", "stop", "a", spans=spans("net", "tax", "rows[0].text", "rowsize"))
    later = Reply("{}", "stop", "b", spans=spans("net", "total", "rows[1].text"))
    asked = second("net", "rows")
    assert [span.path for span in spans_of(first, [Amendment(asked, later)])] == [
        "tax",
        "rowsize",
        "net",
        "rows[1].text",
    ]
    crop = FollowUp("closer", ("net",), (), {}, (1,), (0.0, 0.0, 0.5, 0.5))
    assert "net" not in [span.path for span in spans_of(first, [Amendment(crop, later)])]
    more = Amendment(FollowUp("continue", ("rows",), (), {}, (1,)), later)
    assert spans_of(first, [more]) == list(first.spans)
    assert "tax" not in [span.path for span in spans_of(first, [more, Amendment(second("tax"), later)])]


VALUE = {"net": Decimal(5), "tax": Decimal(1), "name": None, "rows": [{"text": "a"}, {"text": "b"}]}


def question(rung: Rung, *paths: str) -> FollowUp:
    return FollowUp(rung, paths, (), {}, (1,))


@pytest.mark.parametrize(
    ("first", "answers", "expected"),
    [
        ({"net": Decimal(5)}, [], {}),
        ({"net": Decimal(5)}, [("fields", {"net": Decimal(5)})], {"net": Repeats(same=1)}),
        ({"net": Decimal(5)}, [("fields", {"net": Decimal("5.0")})] * 2, {"net": Repeats(same=2)}),
        ({"net": Decimal(5)}, [("fields", {"net": Decimal(6)})], {"net": Repeats(other=1)}),
        ({"net": Decimal(6)}, [("fields", {"net": Decimal(5)})], {"net": Repeats(other=1)}),  # taken from it
        ({"net": None}, [("fields", {"net": Decimal(5)})], {"net": Repeats()}),
        ({"net": Decimal(5)}, [("fields", {"net": None})], {}),  # says nothing
        ({"net": Decimal(5)}, [("second", {"net": Decimal(5), "tax": None})], {"net": Repeats(seconded=1)}),
        ({"net": Decimal(6)}, [("second", {"net": Decimal(5)})], {"net": Repeats(other=1)}),
        (VALUE, [("second", {"net": Decimal(5)}), ("closer", {"net": Decimal(4)})], {"net": Repeats(0, 1, 1)}),
        ({}, [("fields", {"name": "x"})], {}),
        (VALUE, [("second", {"rows": [{"text": "a"}, {"text": "c"}]})], {"rows[0].text": Repeats(0, 1),
                                                                         "rows[1].text": Repeats(0, 0, 1)}),
        (VALUE, [("second", {"rows": [{"text": "a"}]})], {}),  # which row is which is not known
        (VALUE, [("continue", {"rows": [{"text": "a"}, {"text": "b"}]})], {}),
    ],
)  # fmt: skip
def test_answers_are_counted_by_what_they_say(
    first: dict[str, Any], answers: list[tuple[Rung, dict[str, Any]]], expected: dict[str, Repeats]
) -> None:
    assert repeats(VALUE, first, [(question(rung), told) for rung, told in answers]) == expected


def test_of_cells_only_what_was_in_question_counts() -> None:
    value = {"rows": [{"text": "Bolt", "amount": Decimal(1)}]}
    told = {"rows": [{"text": "Bolt", "amount": Decimal(1)}]}
    assert repeats(value, value, [(question("cells", "rows[0].amount"), told)]) == {"rows[0].amount": Repeats(same=1)}
