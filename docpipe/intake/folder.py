"""Folders walked and patterns matched, a folder at a time: a stream of Sources that begins at once.

Links to files are given under their own path and must stay inside the root when they are read. Linked
folders are not entered, which rules out cycles: one inside the root is found at its true place, one
that leads out is a Source that will fail.
"""

from __future__ import annotations

import fnmatch
import glob
import os
from collections.abc import Iterator
from dataclasses import dataclass

from docpipe.intake.contained import stays_inside
from docpipe.intake.names import uri_of
from docpipe.records import Source

SIDECARS = {"labels.jsonl"}  # truth beside samples is not a document


def passed_over(name: str) -> bool:
    """Whether a file or folder of that name is left out: hidden ones, and what is no document by agreement."""
    return name.startswith(".") or name in SIDECARS


@dataclass(frozen=True, slots=True)
class Tree:
    """What lies below `root`, but for the folder whose true path is `leave_out`. "" leaves out none."""

    root: str
    leave_out: str = ""

    def walk(self, folder: str) -> Iterator[Source]:
        """Every file below `folder`, depth first, each folder in the order of its names.

        A folder that cannot be listed is a Source: it fails as UNREADABLE, it is not skipped.
        """
        try:
            names, folders, links = self._listed(folder)
        except OSError:
            yield self.source(folder)
            return
        for name in names:
            path = os.path.join(folder, name)
            if name in folders:
                yield from self.walk(path)
            elif name not in links or self._is_worth_reading(path):
                yield self.source(path)

    def match(self, folder: str, pattern: list[str]) -> Iterator[Source]:
        """The files below `folder` whose path has the parts of `pattern`; of folders all that is in them.

        As in a shell: "*", "?" and "[...]" within a name, "**" for any number of folders, and hidden
        names only where the pattern says the dot.
        """
        part, rest = pattern[0], pattern[1:]
        if part == "**" and not rest:
            yield from self.walk(folder)
            return
        if not glob.has_magic(part):
            yield from self._matched(os.path.join(folder, part), rest)
            return
        try:
            names, folders, _ = self._listed(folder, hidden=part.startswith("."))
        except OSError:
            yield self.source(folder)
            return
        if part == "**":
            yield from self.match(folder, rest)
        for name in names:
            path = os.path.join(folder, name)
            if part == "**" and name in folders:
                yield from self.match(path, pattern)
            elif part != "**" and fnmatch.fnmatchcase(name, part):
                yield from self._matched(path, rest)

    def source(self, path: str) -> Source:
        """The Source at `path`, links followed; without size and time if it cannot be looked at."""
        uri = uri_of(path)
        try:
            status = os.stat(path)
        except (OSError, ValueError):
            return Source(uri, root=self.root)
        return Source(uri, status.st_size, status.st_mtime_ns, root=self.root)

    def _matched(self, path: str, rest: list[str]) -> Iterator[Source]:
        if rest:
            if os.path.isdir(path):
                yield from self.match(path, rest)
        elif os.path.isdir(path) and stays_inside(path, self.root):
            if not self._is_left_out(path):
                yield from self.walk(path)
        elif os.path.lexists(path):
            yield self.source(path)

    def _listed(self, folder: str, hidden: bool = False) -> tuple[list[str], set[str], set[str]]:
        """Sorted names, and which of them are folders to enter, and links."""
        if self._is_left_out(folder):
            return [], set(), set()
        names, folders, links = [], set(), set()
        with os.scandir(folder) as entries:
            for entry in entries:
                if passed_over(entry.name) and not (hidden and entry.name not in SIDECARS):
                    continue
                names.append(entry.name)
                if entry.is_dir(follow_symlinks=False):
                    folders.add(entry.name)
                elif entry.is_symlink():
                    links.add(entry.name)
        names.sort()
        return names, folders, links

    def _is_worth_reading(self, link: str) -> bool:
        """A link to a folder inside the root is covered by that folder; all others say what they are."""
        return not (os.path.isdir(link) and stays_inside(link, self.root))

    def _is_left_out(self, folder: str) -> bool:
        return bool(self.leave_out) and os.path.realpath(folder) == self.leave_out
