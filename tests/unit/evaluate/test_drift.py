"""Two evaluations are compared over the same documents; only what is beyond noise is called a change."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from docpipe.errors import InvalidTruth, PathNotFound
from docpipe.evaluate.drift import compare_results, read_result


def result(**rights: list[int]) -> dict[str, Any]:
    """field -> 1 or 0 a document: right or wrong."""
    count = len(next(iter(rights.values())))
    lines = [
        {
            "id": str(i),
            "fields": {name: [right[i], 1 - right[i], 0, 0] for name, right in rights.items()},
            "measures": {"anls": [1.0 * sum(right[i] for right in rights.values()), len(rights)]},
        }
        for i in range(count)
    ]
    return {"docpipe_eval": 1, "lists": {}, "per_document": lines}


def coins(share: float, count: int, seed: int) -> list[int]:
    chance = random.Random(seed)
    return [int(chance.random() < share) for _ in range(count)]


def test_a_clear_change_is_named_and_a_small_one_is_not() -> None:
    same = coins(0.8, 300, 1)
    worse = [right if i % 4 else 0 for i, right in enumerate(same)]
    found = {one.name: one for one in compare_results(result(total=same, name=same), result(total=worse, name=same))}
    assert (found["total"].verdict, found["name"].verdict) == ("worse", "same")
    assert found["total"].high < 0
    assert found["name"].low == found["name"].high == 0.0
    back = {one.name: one for one in compare_results(result(total=worse), result(total=same))}
    assert back["total"].verdict == "better"


def test_one_document_of_many_is_noise() -> None:
    before = coins(0.9, 200, 2)
    after = [1 - before[0], *before[1:]]
    assert {one.verdict for one in compare_results(result(a=before), result(a=after))} == {"same"}


def test_pairing_sees_what_two_samples_would_not() -> None:
    before = coins(0.5, 200, 3)
    after = [right or int(i < 30) for i, right in enumerate(before)]
    (change,) = [one for one in compare_results(result(a=before), result(a=after)) if one.name == "a"]
    assert change.verdict == "better"


def test_about_one_in_twenty_of_equal_systems_differs_by_chance() -> None:
    verdicts = []
    for seed in range(60):
        before, after = coins(0.8, 80, seed), coins(0.8, 80, 1_000 + seed)
        (one,) = [one for one in compare_results(result(a=before), result(a=after), resamples=300) if one.name == "a"]
        verdicts.append(one.verdict)
    assert verdicts.count("same") >= 50


def test_the_same_seed_gives_the_same_intervals() -> None:
    before, after = result(a=coins(0.5, 50, 1)), result(a=coins(0.6, 50, 2))
    assert compare_results(before, after, seed=7) == compare_results(before, after, seed=7)
    assert compare_results(before, after, seed=7) != compare_results(before, after, seed=8)


def test_only_documents_in_both_count() -> None:
    before, after = result(a=[1, 1, 0, 0]), result(a=[1, 1])
    (one,) = [one for one in compare_results(before, after) if one.name == "a"]
    assert (one.before, one.after, one.documents) == (1.0, 1.0, 2)
    with pytest.raises(InvalidTruth, match="no document in common"):
        compare_results(result(a=[1]), {"lists": {}, "per_document": []})


def test_lists_by_whole_rows_are_not_in_the_sum_of_fields() -> None:
    before, after = result(cells=[1, 1], rows=[0, 0]), result(cells=[1, 1], rows=[1, 1])
    for one in (before, after):
        one["lists"] = {"rows": {}}
    found = {one.name: (one.before, one.after) for one in compare_results(before, after)}
    assert found["all fields"] == (1.0, 1.0)
    assert found["rows"] == (0.0, 1.0)


def test_a_file_that_is_no_evaluation_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for text in ("{", "[]", '{"docpipe_eval": 2}', '{"docpipe_eval": 1}'):
        path.write_text(text)
        with pytest.raises(InvalidTruth):
            read_result(path)
    with pytest.raises(PathNotFound):
        read_result(tmp_path / "none.json")
    path.write_text(json.dumps(result(a=[1])))
    assert read_result(path)["docpipe_eval"] == 1
