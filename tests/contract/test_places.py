"""What a commit needs of the place where an output lies, asked of every kind of place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from docpipe.errors import InvalidSettings, OutputLocked
from docpipe.store.bucket import BucketPlace
from docpipe.store.disk import DiskPlace
from docpipe.store.place import SCRATCH, Place, place_of
from tests.bucket import make_bucket, s3_server, speaking_to


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, int]]:
    with s3_server() as address, speaking_to(*address):
        yield address


@pytest.fixture(params=["disk", "bucket"])
def again(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Place]:
    """Opens the same place, as another process would."""
    if request.param == "disk":
        (tmp_path / "out").mkdir()
        return lambda: place_of(tmp_path / "out")
    url = make_bucket(*request.getfixturevalue("server"), f"b{abs(hash(request.node.name)) % 10**12}") + "/some/prefix"
    return lambda: place_of(url)


@pytest.fixture
def place(again: Callable[[], Place]) -> Place:
    place = again()
    place.make_folder(SCRATCH)
    place.make_folder("table")
    return place


def test_a_file_reads_back_as_it_was_written(place: Place) -> None:
    place.replace("current.json", b"one")
    place.replace("current.json", b"two, longer")
    assert place.read("current.json") == b"two, longer"
    assert place.size("current.json") == 11
    assert 0 <= place.age_s("current.json") < 60
    assert place.has("current.json")
    assert place.exists()


def test_what_is_not_there_is_said_so(place: Place) -> None:
    assert not place.has("nothing.json")
    with pytest.raises(FileNotFoundError):
        place.read("nothing.json")
    with pytest.raises(FileNotFoundError):
        place.size("nothing.json")
    assert place.entries("nowhere") == []
    place.delete("nothing.json")
    assert not place.put("table/nothing")
    assert not place.move("table/nothing", "other/nothing")


def test_a_put_can_be_done_again(place: Place) -> None:
    place.scratch("table/part").write_bytes(b"rows")
    assert not place.has("table/part"), "what is in scratch is in no table"
    assert place.put("table/part")
    assert place.put("table/part"), "cut off after it was done"
    assert place.read("table/part") == b"rows"
    place.settle(["table"])


def test_a_move_can_be_done_again(place: Place) -> None:
    place.make_folder("_old/table")
    place.scratch("table/part").write_bytes(b"rows")
    place.put("table/part")
    assert place.move("table/part", "_old/table/part")
    assert place.move("table/part", "_old/table/part"), "cut off after it was done"
    assert not place.has("table/part")
    assert place.read("_old/table/part") == b"rows"


def test_entries_are_the_names_directly_below(place: Place) -> None:
    for name in ("table/b", "table/a"):
        place.scratch(name).write_bytes(b"x")
        place.put(name)
    place.replace("current.json", b"{}")
    assert place.entries("table") == ["a", "b"]
    assert {"current.json", "table"} <= set(place.entries())
    place.delete("table/a")
    assert place.entries("table") == ["b"]


PART = "table/part-one-000001.parquet"


def test_scratch_is_swept(place: Place) -> None:
    """Whoever wrote it, and stalled, can put nothing of it in place any more."""
    place.scratch(PART).write_bytes(b"half")
    place.sweep_scratch()
    assert not place.put(PART)


def test_a_file_is_swapped_only_while_it_is_the_one_that_was_read(again: Callable[[], Place], place: Place) -> None:
    def staged(text: bytes) -> str:
        place.scratch("current-one-1.json").write_bytes(text)
        return "current-one-1.json"

    first = place.swap(staged(b"1"), "current.json", "")
    assert place.read_stamped("current.json") == (b"1", first)
    with pytest.raises(OutputLocked):
        place.swap(staged(b"another first"), "current.json", "")
    second = place.swap(staged(b"2"), "current.json", first)
    with pytest.raises(OutputLocked):
        place.swap(staged(b"late"), "current.json", first)
    assert again().read_stamped("current.json") == (b"2", second)


def test_a_swept_file_is_swapped_nowhere(request: pytest.FixtureRequest, place: Place) -> None:
    if isinstance(place, BucketPlace):
        pytest.skip("the scratch of a bucket is nobody else's")
    place.scratch("current-one-1.json").write_bytes(b"1")
    place.sweep_scratch()
    with pytest.raises(OutputLocked, match="swept"):
        place.swap("current-one-1.json", "current.json", "")
    assert not place.has("current.json")


def test_what_others_keep_in_scratch_is_theirs(place: Place) -> None:
    assert place.scratch_strangers() == []
    place.scratch("thesis.tex").write_bytes(b"three years")
    place.sweep_scratch()
    if isinstance(place, DiskPlace):
        assert place.scratch_strangers() == ["thesis.tex"]


def test_files_can_be_deleted_under_a_lease_that_is_given_back(again: Callable[[], Place], place: Place) -> None:
    place.replace("current.json", b"{}")
    with place.for_deleting("gc"):
        with pytest.raises(OutputLocked):
            again().acquire("two")
        place.delete("current.json")
    again().acquire("two").release()
    assert not place.has("current.json")


def test_one_writer_at_a_time(again: Callable[[], Place]) -> None:
    first = again().acquire("one")
    first.check()
    with pytest.raises(OutputLocked, match="run one"):
        again().acquire("two")
    first.check()
    first.release()
    second = again().acquire("two")
    second.check()
    second.release()
    assert "_lease.json" not in again().entries()


def test_a_holder_that_lost_its_lease_is_told(again: Callable[[], Place]) -> None:
    lost = again().acquire("one")
    again().delete("_lease.json")
    taker = again().acquire("two")
    with pytest.raises(OutputLocked, match="run two"):
        lost.check()
    lost.release()
    taker.check()
    taker.release()


def test_a_url_and_a_path_name_their_places(tmp_path: Path) -> None:
    assert isinstance(place_of(str(tmp_path)), DiskPlace)
    assert isinstance(place_of("s3://bucket/prefix"), BucketPlace)
    with pytest.raises(InvalidSettings, match="gopher"):
        place_of("gopher://x/y")
