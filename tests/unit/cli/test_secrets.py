"""Credentials in a URL come back in no message and no table, whichever command is given them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.calling import call

SECRETS = ("topsecret", "AKIDNAME", "tokentoken")
URL = "s3://AKIDNAME:topsecret@corp/x"
QUERY = (
    "s3://corp/x?secret_access_key=topsecret&access_key=AKIDNAME&session_token=tokentoken&endpoint_override=127.0.0.1:1"
)
LAYOUT = ("--schema", "invoice", "--engine", "layout", "--workers", "0", "--quiet")

COMMANDS: list[list[str]] = [
    ["run", "in", *LAYOUT, "--out", "URL"],
    ["run", "in", *LAYOUT, "--out", "URL", "--json"],
    ["run", "in", *LAYOUT, "--set", "out=URL"],
    ["run", "URL", *LAYOUT, "--out", "o"],
    ["run", "URL", *LAYOUT, "--out", "o", "--json"],
    ["run", "--manifest", "URL", *LAYOUT, "--out", "o"],
    ["run", "in", "--schema", "URL"],
    ["run", "in", *LAYOUT, "--pipeline", "URL"],
    ["run", "in", *LAYOUT, "--retry", "URL"],
    ["run", "in", *LAYOUT, "--set", "limits.max_pages=URL"],
    ["run", "in", *LAYOUT, "--workers", "URL"],
    ["extract", "URL", "--schema", "invoice", "--engine", "layout"],
    ["resolve", "URL", "--schema", "invoice"],
    ["show", "URL"],
    ["show", "URL", "--json"],
    ["show", "o", "URL"],
    ["export", "URL", "--to", "csv"],
    ["correct", "URL", "fix.csv", "--schema", "invoice"],
    ["migrate", "URL", "--schema", "invoice"],
    ["compact", "URL"],
    ["gc", "URL"],
    ["forget", "URL", "d"],
    ["eval", "URL", "--truth", "labels.jsonl"],
    ["eval", "o", "--truth", "URL"],
    ["eval", "run", "URL", "--truth", "labels.jsonl", "--schema", "invoice", "--engine", "layout", "--workers", "0"],
    ["schemas", "check", "URL"],
    ["URL"],
]


@pytest.mark.parametrize("url", [URL, QUERY], ids=["authority", "query"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command).replace(" ", "_"))
def test_a_secret_in_a_url_is_not_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], url: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")  # nobody answers
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "empty.pdf").touch()
    (tmp_path / "labels.jsonl").write_text('{"file": "a", "label": {}}\n')
    (tmp_path / "fix.csv").write_text("_record_id,path,value\nr,total,1\n")
    done = call(monkeypatch, *[argument.replace("URL", url) for argument in command])
    assert done.code in (2, 4)
    assert done.err
    assert [secret for secret in SECRETS if secret in done.out + done.err] == []
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in written if b"topsecret" in path.read_bytes()] == []


def test_the_output_of_a_run_says_where_its_credentials_belong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty.pdf").touch()
    done = call(monkeypatch, "run", tmp_path, *LAYOUT, "--out", URL)
    assert done.code == 2
    assert "docpipe: INVALID_SETTINGS: the URL of an output has a query or credentials" in done.err
    assert "AWS_SECRET_ACCESS_KEY" in done.err
