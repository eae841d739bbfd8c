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
    "page": {"records", "literals"},
    "records": {"page"},  # its box alone, which knows nothing
    "literals": {"records"},
    "schema": {"errors", "records", "literals"},
    "passwords": {"errors"},
    "bounds": set(),
    "texts": set(),
    "pipelines": {"errors", "schema"},
    "settings": {"bounds", "passwords", "texts"},
    "settings_sources": {"errors", "bounds", "passwords", "pipelines", "settings", "engine"},
    "intake": {"errors", "records", "settings", "schema", "literals"},
    "render": {"errors", "records", "page", "settings", "intake", "literals"},
    "engine": {"errors", "records", "page", "schema", "bounds", "literals"},
    "resolve": {"errors", "records", "page", "schema", "literals"},
    "store": {"errors", "records", "page", "schema", "literals"},
    "evaluate": {"errors", "records", "schema"},  # a judge shares no rules with what it judges
    "synth": {"errors"},  # must not know how it will be read
}
BELOW["extract"] = {"errors", "records", "page", "settings", "schema", "intake", "render", "engine", "resolve"}
BELOW["run"] = BELOW["extract"] | {"extract", "store"}
BELOW["draft"] = {"errors", "records", "page", "literals", "settings", "schema", "intake", "render", "engine"}
BELOW["review"] = {"errors", "records", "schema", "resolve", "store"}
BELOW["cli"] = BELOW["run"] | {"run", "review", "passwords", "pipelines", "settings_sources", "evaluate", "synth"}
BELOW["cli"] |= {"draft"}

HOMES = {
    "torch": ("engine/qwen2vl/",),
    "transformers": ("engine/qwen2vl/",),
    "ray": ("run/cluster/",),
    "pymupdf": ("render/child/pdf/",),
    "fitz": (),
    "rapidocr": ("render/child/ocr/",),
    "onnxruntime": ("render/child/ocr/", "render/child/tables/"),
    "PIL": ("render/child/image/", "synth/"),
    "cv2": ("render/child/ocr/", "engine/layout/charts/", "synth/"),
    "pyarrow": ("store/", "intake/filesystems.py", "intake/manifest.py"),
    "botocore": ("intake/s3.py",),
}


CHILD = "docpipe.render.child"  # what runs confined
ON_BOTH_SIDES = {"docpipe.render.wire", "docpipe.render.sheet", "docpipe.render.legibility"}


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


def test_a_box_knows_nothing_and_is_all_that_records_know_of_a_page() -> None:
    found = {name: set(imports(tree)) for name, tree in modules() if name in ("page/box.py", "records.py")}
    assert not [one for one in found["page/box.py"] if one.startswith("docpipe")]
    of_page = {one for one in found["records.py"] if one.startswith("docpipe.page")}
    assert of_page == {"docpipe.page.box", "docpipe.page.box.Box"}


def test_heavy_libraries_stay_in_their_rooms() -> None:
    assert {name: wrong for name, tree in modules() if (wrong := strangers(name, tree))} == {}


def is_child(module: str) -> bool:
    return f"{module}.".startswith(f"{CHILD}.")


def across(name: str, tree: ast.Module) -> set[str]:
    """Imports between what is trusted and what runs confined: neither loads the other's code."""
    of_render = {module for module in imports(tree) if module.startswith("docpipe.render")}
    if not name.startswith("render/child/"):
        return {module for module in of_render if is_child(module)}
    shared = {"docpipe.render", *ON_BOTH_SIDES}
    return {
        module
        for module in of_render
        if not is_child(module) and module not in shared and module.rpartition(".")[0] not in ON_BOTH_SIDES
    }


def test_what_runs_confined_and_its_parent_share_no_more_than_their_messages() -> None:
    assert {name: wrong for name, tree in modules() if (wrong := across(name, tree))} == {}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("render/renderer.py", "def f():\n    from docpipe.render.child.pdf.pdf import Pdf"),
        ("cli/doctor.py", "from docpipe.render import child"),
        ("render/child/pages.py", "from docpipe.render.untrusted import words"),
        ("render/child/pages.py", "from docpipe.render import sandbox"),
    ],
)
def test_an_import_across_the_sandbox_is_seen(name: str, code: str) -> None:
    assert across(name, ast.parse(code))


def test_the_parent_runs_nothing_of_the_child() -> None:
    code = f"""
import importlib.util, sys
import docpipe.cli.commands, docpipe.extract.document, docpipe.run.job
from docpipe.render import renderer
print([name for name in sys.modules if name.startswith("{CHILD}")])
print([name for name in (renderer.DECODER, renderer.RECOGNISER) if not name.startswith("{CHILD}.")])
print(all(importlib.util.find_spec(name) for name in (renderer.DECODER, renderer.RECOGNISER)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n") == ["[]", "[]", "True", ""]


def test_no_image_is_decoded_outside_the_child() -> None:
    found = [
        name
        for name, tree in modules()
        if not name.startswith("render/child/")
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
    [("engine/http.py", "import torch.nn"), ("extract/x.py", "import pymupdf"), ("run/job.py", "from ray import get")],
)
def test_a_library_out_of_its_room_is_seen(name: str, code: str) -> None:
    assert strangers(name, ast.parse(code))


@pytest.mark.parametrize("command", ["import docpipe", "import docpipe.cli.commands"])
def test_importing_docpipe_loads_nothing_heavy(command: str) -> None:
    heavy = sorted({*HOMES, "pydantic", "pydantic_settings", "jsonschema", "numpy", "babel", "rich.table"} - {"fitz"})
    code = f"{command}; import sys; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
