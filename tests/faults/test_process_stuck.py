"""A document on which this process is stuck fails in its time, as one on which a worker is; its neighbours are read."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from docpipe.engine.layout.engine import LayoutEngine
from docpipe.intake.discover import discover
from docpipe.records import Reply, Request
from docpipe.run import pool
from docpipe.run.pool import LocalPool
from docpipe.schema.load import load_schema
from docpipe.settings import Limits, Settings

pytestmark = pytest.mark.slow


class Stuck(LayoutEngine):
    """Never comes back from its second answer: neither in a loop of its own nor in a pattern's."""

    asked = 0

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how

    async def answer(self, request: Request) -> Reply:
        Stuck.asked += 1
        if Stuck.asked == 2:
            while self.how == "loop":
                pass
            re.match(r"(a|aa)+$", "a" * 200 + "b")
        return await super().answer(request)


@pytest.mark.parametrize("how", ["loop", "pattern"])
def test_a_document_that_keeps_the_process_fails_alone(
    invoices: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "OVERDUE_S", 3.0 - 60.0)  # three seconds of CPU in one piece
    monkeypatch.setattr(Stuck, "asked", 0)
    settings: Any = replace(Settings(), limits=Limits(document_timeout_s=60.0))
    sources = list(discover([str(path) for path in sorted(invoices.glob("*.pdf"))[:3]]))
    with closing(LocalPool(load_schema("invoice"), Stuck(how), settings)) as local:
        outcomes = list(local.outcomes(sources))
    assert [bool(outcome.failure) for outcome in outcomes] == [False, True, False]
    assert outcomes[1].failure is not None
    assert outcomes[1].failure.code in ("RENDER_TIMEOUT", "ENGINE_ERROR")
    assert outcomes[1].source == replace(outcomes[1].source, uri=sources[1].uri)
