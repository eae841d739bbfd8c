"""Public data sets that a user has downloaded, as truths in the shipped schemas' field names.

docs/evaluation.md has what maps to what. Nothing is fetched; images are not opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from docpipe.errors import InvalidTruth, PathNotFound, did_you_mean
from docpipe.evaluate.truth import LABELS, Truth, read_labels

NAMES = ("sroie", "cord", "funsd", "docvqa", "chartqa", "pubtabnet", "omnidocbench")


class DataSet(Protocol):
    """What each module of this package offers."""

    SCHEMA: str
    """The shipped schema whose names the labels have."""

    @staticmethod
    def detect(folder: Path) -> bool:
        """Whether `folder` looks like this data set."""

    @staticmethod
    def read(folder: Path) -> Iterator[Truth]:
        """Its labels; `file` is the path of the image below `folder`."""


def data_set(name: str) -> DataSet:
    """The data set of that name, one of NAMES."""
    return cast(DataSet, import_module(f"{__name__}.{name}"))


def read_truth(path: Path, form: str = "auto") -> Iterator[Truth]:
    """The truths at `path`: labels.jsonl, a folder with one, or a data set's folder.

    `form`: "labels", one of NAMES, or "auto" to look. Raises PathNotFound, and InvalidTruth for an
    unknown form, for a folder that is none of them and for files that are not as they should be.
    """
    if form not in ("auto", "labels", *NAMES):
        guess = did_you_mean(form, NAMES)
        raise InvalidTruth(f"unknown format {form!r}{guess}", remedy=f"--format auto, labels, {', '.join(NAMES)}.")
    if not path.exists():
        raise PathNotFound(f"no such file or folder: {path}")
    if form == "auto":
        form = detected(path)
    if form == "labels":
        yield from read_labels(path)
        return
    try:
        yield from data_set(form).read(path)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise InvalidTruth(f"{path} cannot be read as {form}: {type(error).__name__}: {error}") from error


def detected(path: Path) -> str:
    """What `path` is. Raises InvalidTruth if it is nothing that is known."""
    if path.is_file() or (path / LABELS).is_file():
        return "labels"
    for name in NAMES:
        if data_set(name).detect(path):
            return name
    raise InvalidTruth(f"{path} holds no {LABELS} and no data set that is known", remedy="Name it with --format.")
