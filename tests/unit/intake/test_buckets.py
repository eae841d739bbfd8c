"""Object stores: listed, read and hashed like files, against a store on this machine; no secret in any text."""

from __future__ import annotations

import hashlib
import io
import itertools
import socket
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pyarrow import fs

from docpipe.errors import (
    ArchiveBomb,
    Corrupt,
    DocumentError,
    FileTooLarge,
    ListingFailed,
    PathNotFound,
    SourceChanged,
    TypeMismatch,
    Unreadable,
    UnsafePath,
    UsageError,
)
from docpipe.intake import buckets, filesystems
from docpipe.intake.discover import discover
from docpipe.intake.objects import Interrupted
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


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    """A store that is reached by the environment is not the next test's."""
    yield
    buckets._store.cache_clear()


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


ODD_KEYS = (
    "a//b.pdf", "a/../b.pdf", "./c.pdf", "d.pdf/", "\x1b[31mg.pdf", "h?i=j.pdf", "k%2Fl.pdf", "m n+o.pdf",
    "日本.pdf", "-r.pdf", "s.zip!x.pdf", "back\\slash.pdf",
)  # fmt: skip


def test_every_key_is_one_source_and_can_be_read(at: Any, store: Any) -> None:
    for key in ODD_KEYS:
        store.put_object(Bucket="bills", Key=f"odd/{key}", Body=PDF + key.encode())
    store.put_object(Bucket="bills", Key="odd/folder/", Body=b"")
    sources = list(discover([at("odd")]))
    assert sorted(source.uri for source in sources) == sorted(f"s3://bills/odd/{key}" for key in ODD_KEYS)
    for source in sources:
        assert bytes(read_source(source, Limits()).data) == PDF + source.uri.removeprefix("s3://bills/odd/").encode()


@pytest.mark.slow
def test_a_flat_bucket_starts_with_its_first_page(at: Any, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    store.create_bucket(Bucket="flat")
    for index in range(1_050):
        store.put_object(Bucket="flat", Key=f"in/{index:05d}.pdf", Body=b"%PDF-1.7")
    text, pages = at().replace("bills", "flat"), []
    place = buckets._place(text)
    ask = place.store._client.list_objects_v2
    monkeypatch.setattr(place.store._client, "list_objects_v2", lambda **how: pages.append(how) or ask(**how))
    sources = discover([text])
    assert next(sources).uri == "s3://flat/in/00000.pdf"
    assert len(pages) == 1
    rest = [source.uri for source in sources]
    assert rest == [f"s3://flat/in/{index:05d}.pdf" for index in range(1, 1_050)]
    assert len(pages) == 2


def test_objects_of_a_manifest_are_looked_up_and_missing_ones_fail_when_read(
    endpoint: str, store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{endpoint}")
    keys = ["in/a.pdf", "in/gone.pdf", "in/sub/b.pdf", "in/sub"]
    lines = "".join(f"s3://bills/{key},{number}\n" for number, key in enumerate(keys))
    (tmp_path / "list.csv").write_text(f"uri,number\n{lines}{tmp_path}/local.pdf,4\n")
    (tmp_path / "local.pdf").write_bytes(PDF)
    found = list(discover([], manifests=[str(tmp_path / "list.csv")]))
    assert [one.uri for one in found] == [*(f"s3://bills/{key}" for key in keys), str(tmp_path / "local.pdf")]
    assert [one.size for one in found] == [len(PDF), 0, 10, 0, len(PDF)]
    assert [dict(one.metadata)["number"] for one in found] == list("01234")
    assert read_source(found[0], Limits()).size == len(PDF)
    for source in (found[1], found[3]):
        with pytest.raises(Unreadable):
            read_source(source, Limits())


@pytest.mark.parametrize("row", ["s3://bills/in/a.pdf?endpoint_override={}&scheme=http", "s3://a:b@bills/in/a.pdf"])
@pytest.mark.parametrize("suffix", ["", ".zip"])
def test_a_row_of_a_manifest_sends_nobody_the_environments_credentials(
    tmp_path: Path, row: str, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.settimeout(0.2)
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.getsockname()[1]}")
        row = row.replace("a.pdf", f"a.pdf{suffix}").format(f"127.0.0.1:{server.getsockname()[1]}")
        (tmp_path / "list.csv").write_text(f"uri\n{row}\n{tmp_path}/local.pdf\n")
        (tmp_path / "local.pdf").write_bytes(PDF)
        refused, local = discover([], manifests=[str(tmp_path / "list.csv")])
        with pytest.raises(UnsafePath, match="endpoint") as raised:
            read_source(refused, Limits())
        with pytest.raises(TimeoutError):
            server.accept()
    assert "AWS_ENDPOINT_URL" in raised.value.what_to_do
    assert "b@" not in refused.uri + raised.value.message
    assert "127.0.0.1" not in refused.uri + raised.value.message
    assert read_source(local, Limits()).size == len(PDF)


def test_a_row_that_is_refused_hides_no_other(
    endpoint: str, store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{endpoint}")
    (tmp_path / "list.txt").write_text("s3://bills/in/a.pdf?anonymous=true\ns3://bills/in/a.pdf\n")
    found = [source.uri for source in discover([], manifests=[str(tmp_path / "list.txt")])]
    assert found == ["s3://bills/in/a.pdf?anonymous", "s3://bills/in/a.pdf"]


def test_limits_hold_before_a_byte_is_read(at: Any) -> None:
    (source,) = discover([at("in/a.pdf")])
    with pytest.raises(FileTooLarge):
        read_source(source, Limits(max_file_bytes=len(PDF) - 1))


def test_an_object_replaced_after_the_listing_is_read_as_it_is_now(at: Any, store: Any) -> None:
    store.put_object(Bucket="bills", Key="changing/a.pdf", Body=PDF)
    (source,) = discover([at("changing/a.pdf")])
    store.put_object(Bucket="bills", Key="changing/a.pdf", Body=PDF + b"more")
    content = read_source(source, Limits())
    assert bytes(content.data) == PDF + b"more"
    assert (content.size, content.etag) == (len(PDF) + 4, next(discover([at("changing/a.pdf")])).etag)
    assert content.etag != source.etag
    store.delete_object(Bucket="bills", Key="changing/a.pdf")


@pytest.mark.parametrize(("broken", "read"), [(2, True), (3, False)])
def test_a_stream_that_breaks_off_is_asked_for_again(
    at: Any, monkeypatch: pytest.MonkeyPatch, broken: int, read: bool
) -> None:
    (source,) = discover([at("in/a.pdf")])
    store = buckets._place(source.root).store
    opened, left = store.opened, [broken]

    def breaks_off(path: str) -> Any:
        found, chunks = opened(path)

        def some() -> Iterator[bytes]:
            yield next(chunks)[:100]
            raise Interrupted("the wire was cut")

        left[0] -= 1
        return found, some() if left[0] >= 0 else chunks

    monkeypatch.setattr(store, "opened", breaks_off)
    if read:
        assert read_source(source, Limits()).doc_id == hashlib.sha256(PDF).hexdigest()
        return
    with pytest.raises(Unreadable, match="the wire was cut"):
        read_source(source, Limits())


@pytest.fixture
def packed(store: Any) -> dict[str, bytes]:
    """What is in a ZIP in the bucket, behind a member of 3 MB that nobody asks for."""
    inner = {"a.pdf": PDF, "sub/b.pdf": b"%PDF-1.7 b", ".hidden.pdf": PDF}
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("padding.bin", bytes(3_000_000))
        for name, body in inner.items():
            archive.writestr(name, body, zipfile.ZIP_DEFLATED)
    store.put_object(Bucket="bills", Key="zips/bundle.zip", Body=memory.getvalue())
    store.put_object(Bucket="bills", Key="zips/only-called-so.zip", Body=PDF)
    store.put_object(Bucket="bills", Key="zips/torn.ZIP", Body=memory.getvalue()[:50_000])
    return inner


def test_an_archive_is_read_member_by_member(
    at: Any, packed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_zips, fetched = at("zips"), []
    store = buckets._place(at_zips).store
    part = store.part
    monkeypatch.setattr(store, "part", lambda *how: fetched.append(len(data := part(*how))) or data)
    sources = {source.uri.removeprefix("s3://bills/zips/"): source for source in discover([at_zips])}
    assert list(sources) == [
        "bundle.zip!/a.pdf", "bundle.zip!/padding.bin", "bundle.zip!/sub/b.pdf", "only-called-so.zip", "torn.ZIP",
    ]  # fmt: skip
    for name in ("a.pdf", "sub/b.pdf"):
        assert bytes(read_source(sources[f"bundle.zip!/{name}"], Limits()).data) == packed[name]
    assert sum(fetched) < 1_500_000, "no more than directory and members"
    assert bytes(read_source(sources["only-called-so.zip"], Limits()).data) == PDF
    with pytest.raises(Corrupt):
        read_source(sources["torn.ZIP"], Limits())


@pytest.mark.usefixtures("packed")
def test_an_archives_limits_hold_in_a_bucket(at: Any) -> None:
    few = Limits(max_zip_members=2)
    (source,) = discover([at("zips/bundle.zip")], limits=few)
    assert source.uri == "s3://bills/zips/bundle.zip"
    with pytest.raises(ArchiveBomb):
        read_source(source, few)
    (member, *_) = discover([at("zips/bundle.zip")])
    with pytest.raises(FileTooLarge):
        read_source(member, Limits(max_file_bytes=1000))


def test_an_archive_replaced_after_the_listing_gives_no_other_member(
    at: Any, store: Any, packed: dict[str, bytes]
) -> None:
    member = next(discover([at("zips/bundle.zip")]))
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("other.pdf", PDF)
    store.put_object(Bucket="bills", Key="zips/bundle.zip", Body=memory.getvalue())
    with pytest.raises(SourceChanged):
        read_source(member, Limits())


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
    text = f"s3://bills/in?endpoint_override={refused}&scheme=http&region=us-east-1"
    with pytest.raises(ListingFailed, match="Could not connect") as listed:
        discover([text])
    with pytest.raises(Unreadable, match="Could not connect") as read:
        read_source(Source("s3://bills/in/a.pdf", root=text), Limits())
    assert read.value.retryable
    assert "topsecret" not in listed.value.message + read.value.message


def test_a_store_that_stops_in_the_middle_ends_the_listing_with_an_error(
    at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = buckets._place(at()).store
    below = store.below

    def broken(*how: Any) -> Iterator[Any]:
        yield from itertools.islice(below(*how), 4)
        raise ConnectionError("connection reset")

    monkeypatch.setattr(store, "below", broken)
    sources = discover([at()])
    assert [next(sources).uri for _ in range(4)]
    with pytest.raises(ListingFailed, match="connection reset"):
        next(sources)


def test_credentials_and_query_stay_out_of_every_text(at: Any) -> None:
    named = at("in/a.pdf")
    (source,) = discover([named])
    assert source.uri == "s3://bills/in/a.pdf"
    for wrong in (named.replace("scheme=", "shceme="), at("in/a.pdf", user="key:topsecret@")):
        with pytest.raises(UsageError) as caught:
            discover([wrong])
        assert "topsecret" not in caught.value.message
        assert "topsecret" not in str(caught.value.__cause__)
    assert "AWS_SECRET_ACCESS_KEY" in caught.value.what_to_do


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
    monkeypatch.setattr(filesystems, "fs", SimpleNamespace(FileSystem=stand_in, **{n: getattr(fs, n) for n in KEPT}))
    for text, name in (
        ("gs://container/in", "gs://container/in/a.pdf"),
        (
            "abfs://container@account.dfs.core.windows.net/in",
            "abfs://container@account.dfs.core.windows.net/in/a.pdf",
        ),
    ):
        buckets._store.cache_clear()
        (source,) = discover([text])
        assert source.uri == name
        assert bytes(read_source(source, Limits()).data) == PDF
        assert asked.pop() == text.removesuffix("/in")
    buckets._store.cache_clear()
