"""Documents are matched by their bytes, else by name; nothing is judged twice and nothing is lost."""

from __future__ import annotations

from typing import Any

from docpipe.evaluate.matching import matched
from docpipe.evaluate.truth import Truth


def truth(name: str, file: str, doc_id: str | None = None, **more: Any) -> Truth:
    return Truth(name, file, more.pop("label", {"total": 1.0}), doc_id, **more)


def pairs(truths: list[Truth], outcomes: list[dict[str, Any]]) -> set[tuple[str | None, str | None]]:
    return {(one.id if one else None, row["source_uri"] if row else None) for one, row in matched(truths, outcomes)}


def test_bytes_win_over_names(outcome: Any) -> None:
    truths = [truth("a", "a.pdf", "1"), truth("b", "b.pdf", "2")]
    found = [outcome("/in/b.pdf", {}, "1"), outcome("/in/a.pdf", {}, "2")]
    assert pairs(truths, found) == {("a", "/in/b.pdf"), ("b", "/in/a.pdf")}


def test_names_serve_where_bytes_are_not_known(outcome: Any) -> None:
    truths = [truth("a", "x/a.pdf"), truth("b", "b.pdf", "2")]
    found = [outcome("/in/a.pdf", {}, "9"), outcome("/in/b.pdf", None, None)]
    assert pairs(truths, found) == {("a", "/in/a.pdf"), ("b", "/in/b.pdf")}


def test_other_bytes_under_a_name_serve_only_if_the_right_ones_are_nowhere(outcome: Any) -> None:
    changed, right = outcome("/old/a.pdf", {}, "9"), outcome("/new/a.pdf", {}, "1")
    assert pairs([truth("a", "a.pdf", "1")], [changed, right]) == {("a", "/new/a.pdf"), (None, "/old/a.pdf")}
    assert pairs([truth("a", "a.pdf", "1")], [changed]) == {("a", "/old/a.pdf")}


def test_of_equal_names_the_longer_common_path_decides(outcome: Any) -> None:
    truths = [truth("one", "one/a.png"), truth("two", "two/a.png")]
    found = [outcome("/d/two/a.png", {}), outcome("/d/one/a.png", {})]
    assert pairs(truths, found) == {("one", "/d/one/a.png"), ("two", "/d/two/a.png")}


def test_what_is_missing_and_what_is_not_labelled_are_both_told(outcome: Any) -> None:
    assert pairs([truth("a", "a.pdf")], [outcome("/in/z.pdf", {})]) == {("a", None), (None, "/in/z.pdf")}


def test_a_copy_is_judged_once(outcome: Any) -> None:
    found = [outcome("/in/a.pdf", {}, "1"), outcome("/in/copy.pdf", {}, "1")]
    assert pairs([truth("a", "a.pdf", "1")], found) == {("a", "/in/a.pdf")}


def test_records_of_one_file_go_to_the_truth_that_they_agree_with(outcome: Any) -> None:
    truths = [truth("one", "a.pdf", "1", label={"n": "A1"}), truth("two", "a.pdf", "1", label={"n": "B2"})]
    found = [outcome("/in/a.pdf", {"n": number}, "1") for number in ("B2", "A1", "C")]
    told = [(one.id if one else None, row["record"]["n"] if row else None) for one, row in matched(truths, found)]
    assert told == [("one", "A1"), ("two", "B2"), (None, "C")]


def test_records_of_one_file_go_by_page_range_where_it_is_told(outcome: Any) -> None:
    truths = [truth("one", "a.pdf", "1", page_range=(1, 2)), truth("two", "a.pdf", "1", page_range=(3, 3))]
    found = [outcome("/in/a.pdf", {"total": 1}, "1", pages=[3]), outcome("/in/a.pdf", {"total": 9}, "1", pages=[1, 2])]
    assert [(one.id, row["pages"]) for one, row in matched(truths, found) if one and row] == [
        ("one", [1, 2]),
        ("two", [3]),
    ]


def test_a_file_that_failed_fails_all_its_truths(outcome: Any) -> None:
    truths = [truth("one", "a.pdf", "1"), truth("two", "a.pdf", "1")]
    assert [row["status"] for _, row in matched(truths, [outcome("/in/a.pdf", None, "1")]) if row] == ["failed"] * 2
