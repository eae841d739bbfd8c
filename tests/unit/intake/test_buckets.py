"""Object stores: listed, read and hashed like files, against a store on this machine; no secret in any text."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pyarrow import fs

from docpipe.errors import (
    DocumentError,
    FileTooLarge,
    ListingFailed,
    PathNotFound,
    SourceChanged,
    TypeMismatch,
    Unreadable,
    UnsafePath,
)
from docpipe.intake import buckets
from docpipe.intake.discover import discover
from docpipe.intake.read import read_source
from docpipe.records import Source
from docpipe.settings import Limits

KEPT = ("FileType", "FileSelector")
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 9_000
OBJECTS = {
    "in/a.pdf": PDF,
    "in/sub/b.pdf": b"%PDF-1.7 b",
    "in/odd % #ü [1].pdf": b"%PDF-1.7 odd",
    "in/page.pdf": b"<html>",
    "in/.hidden/x.pdf": PDF,
    "in/labels.jsonl": b"{}",
    "in2/z.pdf": PDF,
}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """An S3 on the loopback; its host and port."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "topsecret")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="module")
def store(endpoint: str) -> Any:
    client = boto3.client(
        "s3", endpoint_url=f"http://{endpoint}", region_name="us-east-1",
        aws_access_key_id="key", aws_secret_access_key="topsecret",
    )  # fmt: skip
    client.create_bucket(Bucket="bills")
    for key, body in OBJECTS.items():
        client.put_object(Bucket="bills", Key=key, Body=body)
    return client


@pytest.fixture
def at(endpoint: str, store: Any) -> Any:
    """at("in") -> the uri with which a user names that prefix."""
    return lambda path="", user="": (
        f"s3://{user}bills{path and '/'}{path}?endpoint_override={endpoint}&scheme=http&region=us-east-1"
    )


def uris(*inputs: str) -> list[str]:
    return [source.uri for source in discover(inputs)]


def test_a_prefix_is_listed_without_the_hidden_and_without_its_neighbour(at: Any) -> None:
    expected = [f"s3://bills/{key}" for key in ("in/a.pdf", "in/odd % #ü [1].pdf", "in/page.pdf", "in/sub/b.pdf")]
    assert uris(at("in")) == uris(at("in/")) == expected
    assert uris(at()) == [*expected, "s3://bills/in2/z.pdf"]
    assert uris(at("in/sub"), at("in")) == ["s3://bills/in/sub/b.pdf", *expected[:3]], "each once"


def test_the_output_is_left_out_however_it_is_reached(at: Any) -> None:
    for out in ("s3://bills/in/sub", "s3://bills/in/sub/", at("in/sub", user="key:topsecret@")):
        assert "s3://bills/in/sub/b.pdf" not in [source.uri for source in discover([at()], out)]
    assert "s3://bills/in/sub/b.pdf" in [source.uri for source in discover([at()], "s3://bills/in/su")]


def test_what_is_listed_is_what_is_read_and_hashed(at: Any) -> None:
    bodies = {}
    for source in discover([at("in")]):
        try:
            content = read_source(source, Limits())
        except DocumentError as error:
            bodies[source.uri] = error.code
            continue
        assert (content.size, content.mtime_ns, content.etag) == (source.size, source.mtime_ns, source.etag)
        assert content.mtime_ns > 0
        assert content.doc_id == hashlib.sha256(content.data).hexdigest()
        bodies[source.uri] = bytes(content.data)
    assert bodies == {
        "s3://bills/in/a.pdf": PDF, "s3://bills/in/odd % #ü [1].pdf": b"%PDF-1.7 odd",
        "s3://bills/in/page.pdf": TypeMismatch.code, "s3://bills/in/sub/b.pdf": b"%PDF-1.7 b",
    }  # fmt: skip


def test_one_object_may_be_named(at: Any) -> None:
    (source,) = discover([at("in/odd % #ü [1].pdf")])
    assert bytes(read_source(source, Limits()).data) == b"%PDF-1.7 odd"


def test_folders_are_asked_for_only_when_their_turn_comes(at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    below, asked = buckets._below, []

    def watched(place: Any, folder: str, *more: str) -> Iterator[Source]:
        asked.append(folder)
        return below(place, folder, *more)

    monkeypatch.setattr(buckets, "_below", watched)
    sources = discover([at()])
    assert next(sources).uri == "s3://bills/in/a.pdf"
    assert asked == ["bills", "bills/in"]
    assert len(list(sources)) == 4
    assert asked == ["bills", "bills/in", "bills/in/sub", "bills/in2"]


def test_objects_of_a_manifest_are_looked_up_and_missing_ones_fail_when_read(
    at: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = ["in/a.pdf", "in/gone.pdf", "in/sub/b.pdf", "in/sub"]
    lines = "".join(f"{at(key)},{number}\n" for number, key in enumerate(keys))
    (tmp_path / "list.csv").write_text(f"uri,number\n{lines}{tmp_path}/local.pdf,4\n")
    (tmp_path / "local.pdf").write_bytes(PDF)
    found = list(discover([], manifests=[str(tmp_path / "list.csv")]))
    assert [one.uri for one in found] == [*(f"s3://bills/{key}" for key in keys), str(tmp_path / "local.pdf")]
    assert [one.size for one in found] == [len(PDF), 0, 10, 0, len(PDF)]
    assert [dict(one.metadata)["number"] for one in found] == list("01234")
    assert read_source(found[0], Limits()).size == len(PDF)
    for source, kind in ((found[1], Unreadable), (found[3], UnsafePath)):
        with pytest.raises(kind):
            read_source(source, Limits())


def test_limits_hold_before_a_byte_is_read(at: Any) -> None:
    (source,) = discover([at("in/a.pdf")])
    with pytest.raises(FileTooLarge):
        read_source(source, Limits(max_file_bytes=len(PDF) - 1))


def test_an_object_replaced_while_it_is_read(at: Any, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put_object(Bucket="bills", Key="changing/a.pdf", Body=PDF)
    (source,) = discover([at("changing/a.pdf")])
    hold = buckets.hold

    def write_meanwhile(*arguments: Any) -> Any:
        content = hold(*arguments)
        store.put_object(Bucket="bills", Key="changing/a.pdf", Body=PDF + b"more")
        return content

    monkeypatch.setattr(buckets, "hold", write_meanwhile)
    with pytest.raises(SourceChanged):
        read_source(source, Limits())
    store.delete_object(Bucket="bills", Key="changing/a.pdf")


def test_nothing_there_is_said(at: Any) -> None:
    for text in (at("none"), at("in/none.pdf"), at().replace("bills", "nobodys")):
        with pytest.raises(PathNotFound, match="s3://"):
            discover([text])


@pytest.fixture
def refused() -> Iterator[str]:
    """A port on which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{held.getsockname()[1]}"


@pytest.mark.slow
def test_a_store_that_does_not_answer(refused: str) -> None:
    text = f"s3://key:topsecret@bills/in?endpoint_override={refused}&scheme=http&region=us-east-1"
    with pytest.raises(ListingFailed, match="NETWORK_CONNECTION") as listed:
        discover([text])
    with pytest.raises(Unreadable, match="NETWORK_CONNECTION") as read:
        read_source(Source("s3://bills/in/a.pdf", root=text), Limits())
    assert read.value.retryable
    assert "topsecret" not in listed.value.message + read.value.message


def test_a_store_that_stops_in_the_middle_ends_the_listing_with_an_error(
    at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = buckets._below

    def broken(place: Any, folder: str, *more: str) -> Iterator[Source]:
        if folder.endswith("in2"):
            raise OSError("connection reset")
        return below(place, folder, *more)

    monkeypatch.setattr(buckets, "_below", broken)
    sources = discover([at()])
    assert [next(sources).uri for _ in range(4)]
    with pytest.raises(ListingFailed, match="connection reset"):
        next(sources)


def test_credentials_and_query_stay_out_of_every_text(at: Any) -> None:
    named = at("in/a.pdf", user="key:topsecret@")
    (source,) = discover([named])
    assert source.uri == "s3://bills/in/a.pdf"
    assert read_source(source, Limits()).size == len(PDF)
    for wrong in (named.replace("scheme=", "shceme="), at("none", user="key:topsecret@")):
        with pytest.raises(PathNotFound) as caught:
            discover([wrong])
        assert "topsecret" not in caught.value.message
        assert "topsecret" not in str(caught.value.__cause__)


def test_a_uri_outside_its_place_is_not_read(at: Any) -> None:
    with pytest.raises(UnsafePath):
        read_source(Source("s3://bills/in2/z.pdf", root=at("in")), Limits())


def test_other_stores_keep_their_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Google's and Azure's are reached through the same interface: a folder stands in for them here."""
    (tmp_path / "container" / "in").mkdir(parents=True)
    (tmp_path / "container" / "in" / "a.pdf").write_bytes(PDF)
    asked = []

    def from_uri(uri: str) -> tuple[Any, str]:
        asked.append(uri)
        return fs.LocalFileSystem(), str(tmp_path / "container")

    stand_in = SimpleNamespace(from_uri=from_uri)
    monkeypatch.setattr(buckets, "fs", SimpleNamespace(FileSystem=stand_in, **{n: getattr(fs, n) for n in KEPT}))
    for text, name in (
        ("gs://container/in", "gs://container/in/a.pdf"),
        (
            "abfs://container:pw@account.dfs.core.windows.net/in",
            "abfs://container@account.dfs.core.windows.net/in/a.pdf",
        ),
    ):
        buckets._system.cache_clear()
        (source,) = discover([text])
        assert source.uri == name
        assert bytes(read_source(source, Limits()).data) == PDF
        assert asked.pop() == text.removesuffix("/in")
    buckets._system.cache_clear()
