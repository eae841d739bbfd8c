"""Nothing that a terminal would obey passes the streams, and a stream that fails takes nothing from the command."""

from __future__ import annotations

import errno
import io
import json
import sys

import pytest
import typer
from rich.table import Table

from docpipe.cli.terminal import Guarded, _Outlet, cell, console, guard, say, tell, tell_each
from docpipe.errors import StdoutFailed
from docpipe.intake.names import harmless, masked
from tests.unit.cli.calling import Stream

HOSTILE = "a\x1b]0;title\x07\x1b[2J\x9b31m\u202etxt\u2066\r\ud800\x00\x7f[red]"
OBEYED = ["\x1b", "\x07", "\x9b", "\u202e", "\u2066", "\r", "\x00", "\x7f", "\u2028"]


def guarded(monkeypatch: pytest.MonkeyPatch) -> tuple[Stream, Stream]:
    """stdout and stderr, with the guards before them."""
    out, err = Stream(), Stream()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    guard()
    return out, err


def test_whoever_prints_is_made_harmless(monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = guarded(monkeypatch)
    print(HOSTILE)
    typer.echo(HOSTILE)
    sys.stdout.write(HOSTILE)
    say(HOSTILE + "\nx")
    print(HOSTILE, file=sys.stderr)
    typer.echo(HOSTILE, err=True)
    for text in (out.text(), err.text()):
        assert not [sign for sign in OBEYED if sign in text]
        assert text.count("[red]") >= 2


def test_a_line_feed_in_a_name_makes_no_second_line(monkeypatch: pytest.MonkeyPatch) -> None:
    out, _ = guarded(monkeypatch)
    say("name\ndocpipe: all is well")
    assert out.text().count("\n") == 1


def test_json_keeps_its_values(monkeypatch: pytest.MonkeyPatch) -> None:
    value = {"a\x9b": HOSTILE.replace("\ud800", ""), "n": "line\ntab\t\u00a0é"}
    out, _ = guarded(monkeypatch)
    tell(value)
    print(json.dumps(value, ensure_ascii=False))
    lines = out.text().splitlines()
    assert len(lines) == 2
    for line in lines:
        assert json.loads(line) == value
        assert not [sign for sign in OBEYED if sign in line]


def test_a_table_is_drawn_and_its_text_is_harmless(monkeypatch: pytest.MonkeyPatch) -> None:
    out = Stream(tty=True)
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    guard()
    table = Table(title="\x1b[2J title")
    table.add_column(f"raw {HOSTILE}", style="bold")
    table.add_row(cell(HOSTILE))
    table.add_row(f"[link=http://x]{HOSTILE}".replace("\ud800", ""))
    console().print(table)
    text = out.text()
    assert "\x1b[1m" in text, "rich's own style"
    assert "[link=http://x]" in text, "markup is text"
    for obeyed in ("\x1b]", "\x1b[2J", "\x07", "\x9b", "\u202e", "\x1b]8"):
        assert obeyed not in text


class Failing(io.StringIO):
    def __init__(self, error: int) -> None:
        super().__init__()
        self.error = error

    def write(self, text: str) -> int:
        raise OSError(self.error, "it fails")

    def fileno(self) -> int:
        raise io.UnsupportedOperation


def test_a_reader_that_left_is_no_error_and_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Guarded(_Outlet(Failing(errno.EPIPE)), harmless)
    monkeypatch.setattr(sys, "stdout", gone)
    drawn = iter(range(10))
    tell_each({"n": number} for number in drawn)
    assert (gone.gone, gone.failure) == (True, None)
    assert next(drawn) == 1, "nothing is made for nobody"
    say("and the command goes on")


def test_a_full_disk_is_remembered() -> None:
    out = Guarded(_Outlet(Failing(errno.ENOSPC)), harmless)
    out.write("x")
    out.write("y")
    assert out.gone
    assert isinstance(out.failure, StdoutFailed)
    assert "it fails" in out.failure.message


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("s3://AKID:top/se@cret@corp/x cannot", "s3://***@corp/x cannot"),
        ("'s3://AKID@corp/x'", "'s3://***@corp/x'"),
        ("s3://b/k?region=eu&secret_access_key=abc&session_token=d,", "s3://b/k?region=eu&secret_access_key=***&session_token=***"),
        ("abfs://container@account.dfs/x?sig=abc", "abfs://container@account.dfs/x?sig=***"),
        ("https://user:pw@host/x and http://h/y?password=z", "https://***@host/x and http://h/y?password=***"),
        ("s3://bucket/user@example.com/x", "s3://bucket/user@example.com/x"),
        ("s3:/AKID:topsecret@corp/x", "s3:/***@corp/x"),
        ("file:///etc/a@b and /a:b/c@d", "file:///etc/a@b and /a:b/c@d"),
        ("nothing of a secret: a@b", "nothing of a secret: a@b"),
    ],
)  # fmt: skip
def test_credentials_of_urls_are_masked(text: str, left: str) -> None:
    assert masked(text) == left
