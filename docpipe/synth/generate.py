"""Writes labelled documents to a folder: the files flat, labels.jsonl beside them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol


class Product(Protocol):
    """What a kind makes for one index."""

    @property
    def suffix(self) -> str:
        """File suffix without the dot."""

    @property
    def content(self) -> bytes:
        """The file."""

    @property
    def truth(self) -> dict[str, Any]:
        """The line of labels.jsonl, without what is known of the file only."""


def _invoice() -> Callable[[int, int], Product]:
    from docpipe.synth.invoice.make import make  # loads fonts and image libraries: only when asked for

    return make


KINDS: Final[dict[str, Callable[[], Callable[[int, int], Product]]]] = {"invoice": _invoice}


def generate(kind: str, n: int, seed: int, out: Path) -> Path:
    """Write `n` documents of `kind` and labels.jsonl into the folder `out`, which is made if missing. Returns `out`.

    The same kind, n and seed give the same files; document i does not depend on n. Other files of `out` are left alone.
    ValueError for an unknown kind or a negative n.
    """
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}: choose one of {', '.join(sorted(KINDS))}")
    if n < 0:
        raise ValueError(f"cannot make {n} documents")
    make = KINDS[kind]()
    out.mkdir(parents=True, exist_ok=True)
    with (out / "labels.jsonl").open("w", encoding="utf-8", newline="\n") as labels:
        for index in range(n):
            product = make(index, seed)
            name = f"{kind}-{seed}-{index:04d}"
            (out / f"{name}.{product.suffix}").write_bytes(product.content)
            file = {
                "id": name,
                "file": f"{name}.{product.suffix}",
                "sha256": hashlib.sha256(product.content).hexdigest(),
                "bytes": len(product.content),
            }
            labels.write(json.dumps({**file, **product.truth}, ensure_ascii=False) + "\n")
    return out
