"""A library that stumbles stumbles over the file; docpipe's own code has no excuse."""

from __future__ import annotations

import struct

import pytest
from PIL import Image

from docpipe.render import untrusted
from docpipe.render.child import blame, budget, confine
from docpipe.render.child.confine import Answer


def library(*_: object) -> Answer:
    Image.frombytes("RGB", (10, 10), b"short")
    raise AssertionError


def defect(*_: object) -> Answer:
    budget.visual_size(None, None, 1, 1, 1, 1.0)  # type: ignore[arg-type]
    raise AssertionError


@pytest.mark.parametrize(("handler", "code"), [(library, "CORRUPT"), (defect, "INTERNAL_ERROR")])
def test_who_raised_it_decides_the_code(handler: confine.Handler, code: str) -> None:
    reply, _ = confine._answer(handler, {}, None)
    assert reply["error"]["code"] == code
    error = untrusted.refusal(reply)
    assert error is not None
    assert error.code == code


def test_an_error_that_was_never_raised_is_nobodys() -> None:
    assert not blame.is_the_documents(struct.error())
