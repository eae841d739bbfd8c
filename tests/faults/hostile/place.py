"""A mix of inputs in a folder, special files among them, and what a run must say of each."""

from __future__ import annotations

import os
import socket
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from docpipe.settings import Limits
from docpipe.store.ledger import uri_as_text
from tests.faults.hostile.kind import READ, Kind
from tests.faults.hostile.paper import invoice

EACH = 10
MANIFEST = "listed.txt"
DEVICES = ("zero", "null", "full", "random", "urandom")
ODD_NAMES = (
    "new\nline",
    "\x1b[31mred\x1b[0m",
    "bad-\udcff\udcfe",
    "-rf",
    "per%41cent",
    "quo'te\"s",
    "tab\there",
    " ",
    "ünï",
    "a" * 240,
)


@dataclass(slots=True)
class Placed:
    """`codes`: source -> the code it must end with. `kinds`: source -> its kind's name."""

    codes: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def add(self, source: str | Path, kind: str, code: str) -> None:
        uri = uri_as_text(str(source))
        self.codes[uri] = code
        self.kinds[uri] = kind


def place(folder: Path, kinds: Sequence[Kind], count: int, seed: int) -> Placed:
    """`count` inputs in `folder`: `EACH` of every special file, and of `kinds` what their shares say."""
    placed = Placed()
    special = list(_special_files(folder, placed, seed))
    rest = count - len(special)
    fixed = sum(kind.share or 0 for kind in kinds)
    free = [kind for kind in kinds if kind.share is None]
    each, more = divmod(rest - fixed, len(free))
    names = Random(seed)
    for index, kind in enumerate(free):
        _put(folder, kind, each + (index < more), seed, names, placed)
    for kind in kinds:
        if kind.share is not None:
            _put(folder, kind, kind.share, seed, names, placed)
    return placed


def _put(folder: Path, kind: Kind, count: int, seed: int, names: Random, placed: Placed) -> None:
    """Files of one kind, under names by which kinds are mixed, some of them in folders."""
    for number in range(count):
        below = folder / names.choice(["", "", "2025", "2025/invoices"])
        below.mkdir(parents=True, exist_ok=True)
        path = below / f"{names.randrange(16**6):06x}-{kind.name}-{number}{kind.suffix}"
        path.write_bytes(kind.content(seed * 1_000 + number))
        placed.add(path, kind.name, kind.code)


def _special_files(folder: Path, placed: Placed, seed: int) -> Iterator[str]:
    """`EACH` of what no bytes can be: pipes, sockets, links, odd names, archives, a manifest. Gives kinds."""
    outside = folder.parent / "outside"
    outside.mkdir()
    chance = Random(seed)
    for number in range(EACH):
        good = invoice(chance)
        os.mkfifo(folder / f"{number}-pipe.pdf")
        placed.add(folder / f"{number}-pipe.pdf", "pipe", "UNSAFE_PATH")
        with socket.socket(socket.AF_UNIX) as listener:
            here = Path.cwd()
            os.chdir(folder)  # a socket's path may have no more than 107 bytes
            listener.bind(f"{number}-socket.pdf")
            os.chdir(here)
        placed.add(folder / f"{number}-socket.pdf", "socket", "UNSAFE_PATH")
        (outside / f"{number}.pdf").write_bytes(good)
        (folder / f"{number}-escape.pdf").symlink_to(outside / f"{number}.pdf")
        placed.add(folder / f"{number}-escape.pdf", "escape", "UNSAFE_PATH")
        (folder / f"{number}-dangling.pdf").symlink_to(folder / "nowhere.pdf")
        placed.add(folder / f"{number}-dangling.pdf", "dangling", "UNREADABLE")
        odd = folder / f"{ODD_NAMES[number]}.pdf"
        odd.write_bytes(good)
        placed.add(odd, "odd-name", READ)
        yield from ("pipe", "socket", "escape", "dangling", "odd-name")
        with zipfile.ZipFile(folder / f"{number}-archive.zip", "w") as archive:
            archive.writestr("first.pdf", invoice(chance))
            archive.writestr("deep/second.pdf", invoice(chance))
            archive.writestr("../up.pdf", good)
        placed.add(f"{folder}/{number}-archive.zip!/first.pdf", "archive", READ)
        placed.add(f"{folder}/{number}-archive.zip!/deep/second.pdf", "archive", READ)
        placed.add(f"{folder}/{number}-archive.zip!/../up.pdf", "archive-escape", "UNSAFE_PATH")
        yield from ("archive", "archive", "archive-escape")
        with zipfile.ZipFile(folder / f"{number}-nested.zip", "w") as archive:
            archive.write(folder / f"{number}-archive.zip", "inner.zip")
        placed.add(f"{folder}/{number}-nested.zip!/inner.zip", "zip-in-zip", "UNSUPPORTED_TYPE")
        with (folder / f"{number}-sparse.pdf").open("wb") as sparse:
            sparse.write(b"%PDF-1.7")
            sparse.truncate(Limits().max_file_bytes + 1)  # of which the disk holds next to nothing
        placed.add(folder / f"{number}-sparse.pdf", "sparse", "FILE_TOO_LARGE")
        yield from ("zip-in-zip", "sparse")
        with (folder / MANIFEST).open("a") as manifest:
            manifest.write(f"../outside/{number}-listed.pdf\n{number}-gone.pdf\n")
        placed.add(outside / f"{number}-listed.pdf", "listed", "UNSAFE_PATH")
        placed.add(folder / f"{number}-gone.pdf", "gone", "UNREADABLE")
        yield from ("listed", "gone")
    with (folder / MANIFEST).open("a") as manifest:
        for device in DEVICES:  # an absolute path is free to lead anywhere
            manifest.write(f"/dev/{device}\n")
            placed.add(f"/dev/{device}", "listed", "UNSAFE_PATH")
            yield "listed"
