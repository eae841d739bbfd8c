"""One renderer a module, and a way to open bytes as if they had been a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from docpipe.intake.content import Content, read_content
from docpipe.render.renderer import Renderer
from docpipe.settings import Limits, Settings


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    """Defaults; its children are shared, as they are in a run."""
    with Renderer(Settings()) as renderer:
        yield renderer


@pytest.fixture
def content(tmp_path: Path) -> Callable[..., Content]:
    """content(bytes, name): the bytes as intake reads them."""

    def write(data: bytes, name: str = "document.pdf") -> Content:
        path = tmp_path / name
        path.write_bytes(data)
        return read_content(path, Limits())

    return write
