"""The house's arrows point down, and heavy libraries live in one room each."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "docpipe"

BELOW: dict[str, set[str]] = {
    "errors": set(),
    "page": {"records"},
    "records": {"page"},  # its box alone, which knows nothing: see below
    "literals": {"records"},
    "schema": {"errors", "records", "literals"},
    "passwords": {"errors"},
    "bounds": set(),
    "pipelines": {"errors", "schema"},
    "settings": {"errors", "bounds", "passwords", "pipelines"},
    "intake": {"errors", "records", "settings", "schema", "literals"},
    "render": {"errors", "records", "page", "settings", "intake", "literals"},
    "engine": {"errors", "records", "page", "settings", "schema", "literals"},
    "resolve": {"errors", "records", "page", "schema", "literals"},
    "store": {"errors", "records", "page", "schema", "literals"},
    "evaluate": {"errors", "records", "schema"},  # a judge shares no rules with what it judges
    "synth": {"errors"},  # must not know how it will be read
}
BELOW["windows"] = {"errors", "records", "settings", "render"}
BELOW["asking"] = {"errors", "records", "settings", "schema", "render", "engine", "resolve", "windows"}
BELOW["extract"] = BELOW["asking"] | {"asking", "intake"}
BELOW["run"] = BELOW["extract"] | {"extract", "store"}
BELOW["cli"] = BELOW["run"] | {"run", "page", "passwords", "bounds", "pipelines", "evaluate", "synth"}

HOMES = {
    "torch": ("engine/qwen2vl/",),
    "transformers": ("engine/qwen2vl/",),
    "ray": ("run/cluster/",),
    "pymupdf": ("render/",),
    "fitz": (),
    "rapidocr": ("render/",),
    "onnxruntime": ("render/",),
    "PIL": ("render/", "synth/"),
    "cv2": ("render/", "synth/"),
    "pyarrow": ("store/", "intake/filesystems.py", "intake/manifest.py"),
    "botocore": ("intake/s3.py",),
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield str(path.relative_to(PACKAGE)), ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> Iterator[str]:
    """Every imported module, at any depth of the code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide arrows"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def upward(name: str, tree: ast.Module) -> set[str]:
    room = name.split("/", maxsplit=1)[0].removesuffix(".py")
    rooms = {path.stem for path in PACKAGE.iterdir()}
    reached = {
        imported.split(".")[1]
        for imported in imports(tree)
        if imported.startswith("docpipe.") and imported.split(".")[1] in rooms
    }
    return reached - BELOW.get(room, rooms) - {room}


def strangers(name: str, tree: ast.Module) -> set[str]:
    found = {imported.split(".")[0] for imported in imports(tree)} & set(HOMES)
    return {library for library in found if not name.startswith(HOMES[library] or ("nowhere",))}


def test_no_arrow_points_up() -> None:
    assert {name: wrong for name, tree in modules() if (wrong := upward(name, tree))} == {}


def test_a_box_knows_nothing_of_docpipe() -> None:
    """Records hold boxes, so that an arrow back would close a circle."""
    tree = ast.parse((PACKAGE / "page" / "box.py").read_text(encoding="utf-8"))
    assert [name for name in imports(tree) if name.startswith("docpipe")] == []


def test_heavy_libraries_stay_in_their_rooms() -> None:
    assert {name: wrong for name, tree in modules() if (wrong := strangers(name, tree))} == {}


def test_no_image_is_decoded_outside_render() -> None:
    found = [
        name
        for name, tree in modules()
        if not name.startswith("render/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"open", "imread", "imdecode", "frombytes"}
        and isinstance(node.value, ast.Name)
        and node.value.id in {"Image", "cv2", "PIL"}
    ]
    assert found == []


@pytest.mark.parametrize(
    ("name", "code", "wrong"),
    [
        ("schema/x.py", "from docpipe.engine import base", {"engine"}),
        ("resolve/x.py", "def f():\n    import docpipe.render.renderer", {"render"}),
        ("synth/x.py", "from docpipe.literals.dates import parse_date", {"literals"}),
        ("evaluate/x.py", "from docpipe.literals.numbers import parse_number", {"literals"}),
    ],
)
def test_an_arrow_upward_is_seen(name: str, code: str, wrong: set[str]) -> None:
    assert upward(name, ast.parse(code)) == wrong


@pytest.mark.parametrize(
    ("name", "code"),
    [("engine/http.py", "import torch.nn"), ("extract.py", "import pymupdf"), ("run/job.py", "from ray import get")],
)
def test_a_library_out_of_its_room_is_seen(name: str, code: str) -> None:
    assert strangers(name, ast.parse(code))


@pytest.mark.parametrize("command", ["import docpipe", "import docpipe.cli.commands"])
def test_importing_docpipe_loads_nothing_heavy(command: str) -> None:
    heavy = sorted({*HOMES, "pydantic", "jsonschema", "numpy", "babel", "rich.table"} - {"fitz"})
    code = f"{command}; import sys; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
