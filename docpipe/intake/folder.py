"""Folders walked and patterns matched, a folder at a time: a stream of Sources that begins at once.

Links to files are given under their own path and must stay inside the root when they are read. Linked
folders are not entered, which rules out cycles: one inside the root is found at its true place, one
that leads out is a Source that will fail.
"""

from __future__ import annotations

import fnmatch
import glob
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from docpipe.intake.contained import stays_inside
from docpipe.intake.names import uri_of
from docpipe.records import Source

SIDECARS = {"labels.jsonl"}  # truth beside samples is not a document
EXPORT_FILES = (".duckdb", ".jsonl", ".xlsx")  # what `docpipe export OUT` calls an export of one file: OUT and this
POINTER, EXPORT = "current.json", "_docpipe_export.json"  # what marks an output, and an export of one, as docpipe's

_Steps = Iterator["Source | _Steps"]
"""Sources in their order, and where a folder is entered the steps in it: no call nests as deep as folders do."""


def passed_over(name: str) -> bool:
    """Whether a file or folder of that name is left out: hidden ones, and what is no document by agreement."""
    return name.startswith(".") or name in SIDECARS


@dataclass(frozen=True, slots=True)
class Tree:
    """What lies below `root`, but for the folder whose true path is `leave_out`. "" leaves out none.

    Other outputs of docpipe below it, and exports of them, are left out too: they carry its mark. An export of one
    file has none; those of the output itself are known by their names beside it.
    """

    root: str
    leave_out: str = ""

    def walk(self, folder: str) -> Iterator[Source]:
        """Every file below `folder`, depth first, each folder in the order of its names.

        A folder that cannot be listed is a Source: it fails as UNREADABLE, it is not skipped.
        """
        yield from _flat(self._walked(folder, os.path.realpath(folder)))

    def match(self, folder: str, pattern: list[str]) -> Iterator[Source]:
        """The files below `folder` whose path has the parts of `pattern`; of folders all that is in them.

        As in a shell: "*", "?" and "[...]" within a name, "**" for any number of folders, and hidden
        names only where the pattern says the dot.
        """
        yield from _flat(self._matching(folder, os.path.realpath(folder), pattern))

    def source(self, path: str) -> Source:
        """The Source at `path`, links followed; without size and time if it cannot be looked at."""
        uri = uri_of(path)
        try:
            status = os.stat(path)
        except (OSError, ValueError):
            return Source(uri, root=self.root)
        return Source(uri, status.st_size, status.st_mtime_ns, root=self.root)

    def _walked(self, folder: str, true_path: str, *, below: bool = False) -> _Steps:
        """The steps of `walk`. `below`: `folder` was not named by the user."""
        try:
            names, folders, links = self._listed(folder, true_path, below=below)
        except OSError:
            yield self.source(folder)
            return
        for name in names:
            path = os.path.join(folder, name)
            if name in folders:
                yield self._walked(path, os.path.join(true_path, name), below=True)
            elif name not in links or self._is_worth_reading(path):
                yield self.source(path)

    def _matching(self, folder: str, true_path: str, pattern: list[str], *, below: bool = False) -> _Steps:
        part, rest = pattern[0], pattern[1:]
        if part == "**" and not rest:
            yield self._walked(folder, true_path, below=below)
            return
        if not glob.has_magic(part):
            yield self._matched(os.path.join(folder, part), rest)
            return
        try:
            names, folders, _ = self._listed(folder, true_path, below=below, hidden=part.startswith("."))
        except OSError:
            yield self.source(folder)
            return
        if part == "**":
            yield self._matching(folder, true_path, rest, below=below)
        for name in names:
            path, true_inner = os.path.join(folder, name), os.path.join(true_path, name) if name in folders else ""
            if part == "**" and name in folders:
                yield self._matching(path, true_inner, pattern, below=True)
            elif part != "**" and fnmatch.fnmatchcase(name, part):
                yield self._matched(path, rest, true_inner)

    def _matched(self, path: str, rest: list[str], true_path: str = "") -> _Steps:
        """`true_path`: of a folder that is no link; "" where that is not known."""
        if rest:
            if true_path or os.path.isdir(path):
                yield self._matching(path, true_path or os.path.realpath(path), rest, below=True)
        elif true_path or (os.path.isdir(path) and stays_inside(path, self.root)):
            yield self._walked(path, true_path or os.path.realpath(path), below=True)
        elif os.path.lexists(path):
            yield self.source(path)

    def _exports_in(self, true_path: str) -> set[str]:
        """Names of the exports of the output that lie beside it, if that is in the folder `true_path`."""
        above, name = os.path.split(self.leave_out)
        return {f"{name}{suffix}" for suffix in EXPORT_FILES} if name and true_path == above else set()

    def _listed(
        self, folder: str, true_path: str, *, below: bool, hidden: bool = False
    ) -> tuple[list[str], set[str], set[str]]:
        """Sorted names, and which of them are folders to enter, and links; none of what is left out."""
        names: list[str] = []
        folders, links = set[str](), set[str]()
        if self.leave_out and true_path == self.leave_out:
            return names, folders, links
        exports = self._exports_in(true_path)
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name in exports or (passed_over(entry.name) and not (hidden and entry.name not in SIDECARS)):
                    continue
                names.append(entry.name)
                if entry.is_dir(follow_symlinks=False):
                    folders.add(entry.name)
                elif entry.is_symlink():
                    links.add(entry.name)
        if below and _is_docpipes(folder, names):
            return [], set(), set()
        names.sort()
        return names, folders, links

    def _is_worth_reading(self, link: str) -> bool:
        """A link to a folder inside the root is covered by that folder; all others say what they are."""
        return not (os.path.isdir(link) and stays_inside(link, self.root))


def _flat(steps: _Steps) -> Iterator[Source]:
    entered = [steps]
    while entered:
        step = next(entered[-1], None)
        if step is None:
            entered.pop()
        elif isinstance(step, Source):
            yield step
        else:
            entered.append(step)


def _is_docpipes(folder: str, names: list[str]) -> bool:
    """Whether docpipe made the folder: an export has a file that says so, an output a pointer of its format."""
    if EXPORT in names:
        return True
    if POINTER not in names:
        return False
    try:
        document = json.loads(Path(folder, POINTER).read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(document, dict) and "docpipe" in document
