"""Errors are a drawn tree: each has a code of its own, a remedy, a scope and an exit code."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator

import pytest

from docpipe import errors
from docpipe.extract.fingerprints import setting
from docpipe.settings import Settings
from docpipe.settings_sources import setting_names


def tree(kind: type[errors.DocpipeError] = errors.DocpipeError) -> Iterator[type[errors.DocpipeError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from tree(below)


ALL = list(tree())


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_an_error_survives_a_process_border_with_its_remedy(kind: type[errors.DocpipeError]) -> None:
    back = pickle.loads(pickle.dumps(kind("what happened", remedy="do this")))
    assert (type(back), back.message, back.what_to_do) == (kind, "what happened", "do this")


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in ALL]
    assert sorted(codes) == sorted(set(codes))


def test_every_error_says_what_to_do() -> None:
    assert [kind.__name__ for kind in ALL[1:] if not kind.remedy and kind.__name__ != "DocumentError"] == []


def test_what_an_error_depends_on_are_settings() -> None:
    known = set(setting_names())
    for kind in ALL:
        for name in kind.depends_on:
            assert name in known
            setting(Settings(), name)


def test_the_drawn_tree_names_every_error() -> None:
    drawn = set(re.findall(r"[A-Z]\w+", errors.__doc__.split("\n\n")[1]))
    assert {kind.__name__ for kind in ALL} <= drawn


@pytest.mark.parametrize(
    ("kind", "exit_code"), [(errors.UsageError, 2), (errors.RunAborted, 4), (errors.DocumentError, 3)]
)
def test_branches_own_their_exit_code(kind: type[errors.DocpipeError], exit_code: int) -> None:
    assert {below.exit_code for below in tree(kind)} == {exit_code}
