"""The figures of confidence: what each missing or contrary sign costs."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from docpipe.records import Field, Reply, Violation
from docpipe.resolve.confidence import (
    Repeats,
    Scores,
    after_violations,
    agreed,
    field_confidence,
    record_confidence,
    reply_score,
)
from docpipe.resolve.ground import Evidence
from docpipe.schema.load import parse_schema


@pytest.mark.parametrize(
    ("searched", "found", "share"),
    [
        (True, Evidence(1, ()), 1.0),
        (True, Evidence(1, (), exact=False), 0.95),
        (True, None, 0.5),
        (False, None, 0.8),
        (False, Evidence(1, ()), 0.8),
    ],
)
def test_what_the_page_says_is_a_share_of_the_engines_own_score(
    searched: bool, found: Evidence | None, share: float
) -> None:
    assert field_confidence(0.5, searched, found) == pytest.approx(0.5 * share)
    assert field_confidence(0.0, searched, found) == 0.0


@pytest.mark.parametrize(
    ("repeats", "score"),
    [
        (Repeats(), 0.6),
        (Repeats(same=1), 1 - 0.4 * 0.8),
        (Repeats(same=2), 1 - 0.4 * 0.64),
        (Repeats(seconded=1), 1 - 0.4 * 0.5),
        (Repeats(same=1, seconded=1), 1 - 0.4 * 0.4),
        (Repeats(other=1), 0.6 / 1.25),
        (Repeats(other=2), 0.6 / 1.5),
        (Repeats(same=1, other=1), (1 - 0.4 * 0.8) * 2 / 2.25),
    ],
)
def test_answers_that_say_the_same_take_doubt_away_and_others_add_it(repeats: Repeats, score: float) -> None:
    assert agreed(0.6, repeats) == pytest.approx(score)
    assert agreed(0.0, repeats) <= 0.6
    assert agreed(1.0, replace(repeats, other=0)) == 1.0


@pytest.mark.parametrize("repeats", [Repeats(a, b, c) for a in range(4) for b in range(3) for c in range(4)])
def test_no_agreement_makes_more_than_certain_and_more_of_it_never_less(repeats: Repeats) -> None:
    for score in (0.0, 0.3, 0.9, 1.0):
        own = agreed(score, repeats)
        assert 0.0 <= own <= 1.0
        assert agreed(score, replace(repeats, same=repeats.same + 1)) >= own
        assert agreed(score, replace(repeats, seconded=repeats.seconded + 1)) >= own
        assert agreed(score, replace(repeats, other=repeats.other + 1)) <= own


def test_a_value_has_its_own_score_else_that_of_the_reply_it_came_from() -> None:
    scores = Scores(0.4, {"a": 0.9}, {"b": 0.7, "rows": 0.6}, {"d": Repeats(same=1)})
    found = {path: scores.of(path) for path in ("a", "b", "c", "d", "rows[2].x")}
    assert found == pytest.approx({"a": 0.9, "b": 0.7, "c": 0.4, "d": 1 - 0.6 * 0.8, "rows[2].x": 0.6})


def test_a_silent_engine_is_half_sure_and_one_that_speaks_its_geometric_mean() -> None:
    assert reply_score(Reply("{}", "stop", "e")) == 0.5
    assert reply_score(Reply("{}", "stop", "e", logprobs=(0.0, 0.0))) == 1.0
    assert reply_score(Reply("{}", "stop", "e", logprobs=(math.log(0.25), 0.0, math.nan))) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("severities", "share"),
    [((), 1.0), (("warning",), 0.8), (("error",), 0.5), (("warning", "error"), 0.5), (("error", "error"), 0.5)],
)
def test_the_worst_violation_takes_its_share_once(severities: Any, share: float) -> None:
    told = [Field("rows[1].amount", 1, 0.5), Field("rows[2].amount", 1, 0.5)]
    exactly = [Violation("x", one, "", ("rows[1].amount",)) for one in severities]
    assert after_violations(told, exactly) == {"rows[1].amount": 0.5 * share, "rows[2].amount": 0.5}
    every = [Violation("x", one, "", ("rows.amount", "other")) for one in severities]
    assert after_violations(told, every) == {"rows[1].amount": 0.5 * share, "rows[2].amount": 0.5 * share}


def test_of_a_row_and_its_column_the_worse_counts() -> None:
    both = [Violation("x", "warning", "", ("rows[1].amount",)), Violation("y", "error", "", ("rows.amount",))]
    assert after_violations([Field("rows[1].amount", 1, 1.0)], both) == {"rows[1].amount": 0.5}
    assert after_violations([Field("rows[1].amount", 1, 1.0)], both[:1]) == {"rows[1].amount": 0.8}


def test_a_field_without_value_weighs_nothing_and_without_weighty_ones_all_count() -> None:
    schema = parse_schema(
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}, "some"
    )
    assert record_confidence(schema, [Field("a", None, 0.0), Field("b", "x", 0.7)]) == 0.7
    assert record_confidence(schema, [Field("a", "x", 0.9), Field("b", "x", 0.7)]) == 0.9
    assert record_confidence(schema, [Field("a", None, 0.4)]) == 0.0
