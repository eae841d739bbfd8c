"""A prefix of an object store goes through a run like a folder: every object a row, and nothing read twice."""

from __future__ import annotations

import io
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from docpipe.run.job import run
from docpipe.run.progress import Progress
from docpipe.settings import Running, Settings
from docpipe.store.read import read_outcomes, read_table


def test_a_bucket_is_read_once(invoices: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "topsecret")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        store = boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1")
        store.create_bucket(Bucket="incoming")
        for path in invoices.glob("*.pdf"):
            store.put_object(Bucket="incoming", Key=f"in/{path.name}", Body=path.read_bytes())
        store.put_object(Bucket="incoming", Key="in/sub/page.pdf", Body=b"<html>")
        count = len(list(invoices.glob("*.pdf"))) + 1
        settings = Settings(
            schema="invoice",
            inputs=(f"s3://incoming/in?endpoint_override={host}:{port}&scheme=http&region=us-east-1",),
            out=str(tmp_path / "out"),
            running=Running(workers=0),
        )
        first = run(settings, Progress(io.StringIO(), quiet=True))
        assert (first.inputs, first.failures) == (count, {"TYPE_MISMATCH": 1})
        again = run(settings, Progress(io.StringIO(), quiet=True))
        assert (again.already_done, again.outcomes) == (count, first.outcomes)
        name = next(invoices.glob("*.pdf")).name
        store.put_object(Bucket="incoming", Key=f"in/{name}", Body=b"%PDF-1.7 no longer an invoice")
        assert run(settings, Progress(io.StringIO(), quiet=True)).already_done == count - 1
    finally:
        server.stop()
    uris = read_table(tmp_path / "out", "sources")["source_uri"].to_pylist()
    assert all(uri.startswith("s3://incoming/in/") and "?" not in uri for uri in uris)
    assert len(list(read_outcomes(tmp_path / "out"))) == count
    for path in (tmp_path / "out").rglob("*.json"):
        assert "topsecret" not in path.read_text()
