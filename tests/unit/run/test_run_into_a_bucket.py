"""A run whose output is a bucket: committed there, resumed from there, resolved anew from the replies there."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from docpipe.cli import command_line
from docpipe.extract import fingerprints
from docpipe.run.job import run
from docpipe.run.plan import Again
from docpipe.run.progress import Progress
from docpipe.run.summary import Summary
from docpipe.settings import Running, Settings
from docpipe.store.read import read_outcomes
from tests.bucket import make_bucket, s3_server, speaking_to


@pytest.fixture
def bucket() -> Iterator[str]:
    with s3_server() as (host, port), speaking_to(host, port):
        yield make_bucket(host, port, "tables")


def go(settings: Settings, again: Again | None = None) -> Summary:
    return run(settings, Progress(io.StringIO(), quiet=True), again=again or Again())


@pytest.mark.slow
def test_a_run_into_a_bucket_is_finished_resumed_replayed_and_shown(
    bucket: str, tmp_path: Path, invoices: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(invoices, tmp_path / "in")
    out = f"{bucket}/invoices"
    settings = Settings(
        schema="invoice",
        engine="layout",
        inputs=(str(tmp_path / "in"),),
        out=out,
        running=Running(workers=0, commit_documents=2),
    )
    first = go(settings)
    assert len(list(read_outcomes(out))) == first.inputs == 6
    assert (go(settings).already_done, go(settings).outcomes) == (6, first.outcomes)
    monkeypatch.setattr(fingerprints, "RESOLVE_VERSION", "next")
    anew = go(settings)
    assert (anew.replayed, anew.outcomes) == (6, first.outcomes)
    sorted((tmp_path / "in").glob("*.pdf"))[0].unlink()
    assert go(settings, Again(prune=True)).pruned == 1
    shown = CliRunner().invoke(command_line(), ["show", out, "--json"])
    assert (shown.exit_code, len(shown.stdout.splitlines())) == (0, 5)
