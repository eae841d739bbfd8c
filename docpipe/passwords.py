"""Passwords of locked documents: kept out of every text that somebody might read."""

from __future__ import annotations

import ctypes
import os
import re
import stringprep
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docpipe.errors import InvalidSettings

_SURROGATE = re.compile("[\ud800-\udfff]")
MAX_FILE_BYTES = 1_000_000
MAX_PASSWORDS = 1_000  # AES-256 wants 10-20 ms a try


class Passwords:
    """Some passwords, in order. It prints, logs and goes to JSON as their number only."""

    __slots__ = ("_words",)

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._words = tuple(dict.fromkeys(word for word in words if word))
        if len(self._words) > MAX_PASSWORDS:
            raise InvalidSettings(f"{len(self._words):,} passwords, {MAX_PASSWORDS:,} allowed")

    def __len__(self) -> int:
        return len(self._words)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Passwords) and self._words == other._words

    def __hash__(self) -> int:
        return hash(self._words)

    def __add__(self, other: Passwords) -> Passwords:
        return Passwords(self._words + other._words)

    def __repr__(self) -> str:
        return f"<{len(self)} passwords>"

    def revealed(self) -> tuple[str, ...]:
        """What to try on a document: each as given, then in the forms that somebody may have meant.

        PDF 2.0 normalises a password by SASLprep before it is used, older writers do not, and a
        line of a file may end in a space that nobody sees. Bytes of a command line that are no UTF-8
        are no password of a PDF and are left out.
        """
        forms = (form for word in self._words for form in (word, _prepared(word), word.rstrip()))
        return tuple(dict.fromkeys(form for form in forms if form and not _SURROGATE.search(form)))

    @classmethod
    def from_lines(cls, text: str) -> Passwords:
        """One a line, ended by LF or CRLF; empty lines are none."""
        return cls(line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n"))

    @classmethod
    def from_file(cls, path: str) -> Passwords:
        """The lines of a UTF-8 file. Raises InvalidSettings, which does not quote it."""
        try:
            with Path(path).open("rb") as file:  # a pipe is one too
                content = file.read(MAX_FILE_BYTES + 1)
            if len(content) > MAX_FILE_BYTES:
                raise InvalidSettings(f"the password file {path} is larger than {MAX_FILE_BYTES:,} bytes")
            text = content.decode("utf-8")
        except OSError as error:
            raise InvalidSettings(f"cannot read the password file {path}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise InvalidSettings(f"the password file {path} is not UTF-8") from None
        return cls.from_lines(text)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(cls._validated)

    @classmethod
    def _validated(cls, value: Any) -> Passwords:
        """From a list of texts, or from lines (an environment variable is one text)."""
        if isinstance(value, Passwords):
            return value
        if isinstance(value, str):
            return cls.from_lines(value)
        if isinstance(value, list | tuple) and all(isinstance(word, str) for word in value):
            return cls(value)
        raise ValueError("write passwords as a list of texts, in quotes")


def _prepared(word: str) -> str:
    """SASLprep (RFC 4013), section 2.1 and 2.2: mapping, then NFKC."""
    mapped = "".join(
        " " if stringprep.in_table_c12(character) else character
        for character in word
        if not stringprep.in_table_b1(character)
    )
    return unicodedata.normalize("NFKC", mapped)


def hide_arguments(passwords: Passwords) -> None:
    """Overwrite the passwords in this process's own command line, which any user's `ps` shows.

    Whatever starts later and records how this process was called (Ray does) sees asterisks too.
    Does nothing where the system does not say where the command line lies.
    """
    words = {os.fsencode(word) for word in passwords._words}
    try:
        fields = Path("/proc/self/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        start, end = int(fields[45]), int(fields[46])  # arg_start and arg_end, proc(5)
    except (OSError, IndexError, ValueError):
        return
    at = start
    for argument in ctypes.string_at(start, end - start).split(b"\0") if end > start else ():
        length = _secret_length(argument, words)
        ctypes.memset(at + len(argument) - length, ord("*"), length)
        at += len(argument) + 1
    sys.argv[:] = ["***" if _secret_length(os.fsencode(argument), words) else argument for argument in sys.argv]


def _secret_length(argument: bytes, words: set[bytes]) -> int:
    """How many bytes at the end of an argument, or of its value, are one of the words."""
    return next((len(word) for word in words if argument == word or argument.endswith(b"=" + word)), 0)
