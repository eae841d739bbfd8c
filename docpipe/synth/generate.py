"""Writes labelled documents to a folder: the files flat, labels.jsonl beside them."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Protocol

from docpipe.errors import InvalidSettings, MissingLibrary, OutputConflict, did_you_mean, install_extra
from docpipe.synth.languages import LANGUAGES
from docpipe.synth.traits import draw_traits

# Kind -> the module whose `compose(index, seed, languages)` makes its documents; loaded when asked for.
KINDS: Final = {
    "invoice": "docpipe.synth.invoice.compose",
    "receipt": "docpipe.synth.receipt.compose",
    "form": "docpipe.synth.form.compose",
    "copies": "docpipe.synth.form.copies",
    "siblings": "docpipe.synth.form.siblings",
    "table": "docpipe.synth.table.compose",
    "chart": "docpipe.synth.chart.compose",
    "statement": "docpipe.synth.statement.compose",
    "bundle": "docpipe.synth.bundle",
    "orders": "docpipe.synth.orders",
}
# "samples" is the mix of samples/invoices, for invoices only.
DEGRADES: Final = ("none", "scan", "photo", "fax", "jpeg", "mixed", "samples")
_NEEDED: Final = ("reportlab", "pypdfium2", "cv2", "pymupdf_fonts", "font_amatic_sc", "font_intuitive")


class Product(Protocol):
    """A finished document."""

    @property
    def suffix(self) -> str:
        """File suffix without the dot."""

    @property
    def content(self) -> bytes:
        """The file."""

    @property
    def truth(self) -> dict[str, Any]:
        """The line of labels.jsonl, without what is known of the file only."""


@dataclass(frozen=True)
class Order:
    """What is asked for, but for how many. `boxes` False leaves out where values are printed. `hard` is the share of
    documents that have difficulties (see `traits`), for the kinds that can be hard.
    """

    kind: str
    seed: int
    languages: tuple[str, ...] = LANGUAGES
    degrade: str = "none"
    boxes: bool = True
    hard: float = 0.0


def make(order: Order, index: int) -> Product:
    """Document `index` of `order`. It depends on nothing else."""
    if order.degrade == "samples":
        made: Product = import_module("docpipe.synth.invoice.make").make(index, order.seed, order.languages)
        return made
    module = import_module(KINDS[order.kind])
    from docpipe.synth.document import finish

    traits = draw_traits(order.kind, order.seed, index, order.hard)
    drawn = {"traits": traits} if traits else {}
    document = module.compose(index, order.seed, order.languages, **drawn)
    return finish(document, order.kind, index, order.seed, order.degrade)


def lines(order: Order, product: Product) -> list[dict[str, Any]]:
    """The lines of labels.jsonl for a document: one, or one a record where the file holds several."""
    module = import_module(KINDS[order.kind])
    return module.lines(product.truth) if hasattr(module, "lines") else [product.truth]


def _write(order: Order, out: Path, index: int) -> str:
    """Write document `index` into `out`. Returns its part of labels.jsonl."""
    product = make(order, index)
    name = f"{order.kind}-{order.seed}-{index:04d}"
    (out / f"{name}.{product.suffix}").write_bytes(product.content)
    file = {
        "file": f"{name}.{product.suffix}",
        "sha256": hashlib.sha256(product.content).hexdigest(),
        "bytes": len(product.content),
    }
    told = lines(order, product)
    text = ""
    for place, truth in enumerate(told):
        line = {"id": name if len(told) == 1 else f"{name}-{place + 1}", **file, **truth}
        if not order.boxes:
            line.pop("boxes")
            line["synthetic"].pop("printed")
        text += json.dumps(line, ensure_ascii=False) + "\n"
    return text


def _parts(order: Order, n: int, out: Path, workers: int) -> Iterator[str]:
    write: Callable[[int], str] = partial(_write, order, out)
    if workers <= 1:
        yield from map(write, range(n))
        return
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(write, range(n), chunksize=max(1, min(32, n // (workers * 4))))


def generate(
    kind: str,
    n: int,
    seed: int,
    out: Path,
    *,
    languages: Sequence[str] = LANGUAGES,
    degrade: str = "none",
    workers: int = 1,
    boxes: bool = True,
    hard: float = 0.0,
) -> Path:
    """Write `n` documents of `kind` and labels.jsonl into the folder `out`, which is made if missing. Returns `out`.

    `hard` is the share of documents that have the difficulties of real ones, 0 to 1; `traits.as_real` says at which a
    kind is as hard as real documents.

    The same kind, seed, languages, degradation and share give the same files; document i does not depend on n or
    `workers` (processes). Raises InvalidSettings for what is unknown, OutputConflict where `out` holds anything,
    MissingLibrary where a library is not installed.
    """
    _check(kind, n, languages, degrade, hard)
    if missing := [name for name in _NEEDED if find_spec(name) is None]:
        raise MissingLibrary(f"`docpipe synth` needs {', '.join(missing)}", remedy=install_extra("synth"))
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputConflict(f"{out} is not an empty folder", remedy="Choose another --out, or empty it.")
    out.mkdir(parents=True, exist_ok=True)
    order = Order(kind, seed, tuple(languages), degrade, boxes, hard)
    with (out / "labels.jsonl").open("w", encoding="utf-8", newline="\n") as labels:
        labels.writelines(_parts(order, n, out, workers))
    return out


def _check(kind: str, n: int, languages: Sequence[str], degrade: str, hard: float) -> None:
    if kind not in KINDS:
        raise InvalidSettings(
            f"unknown kind {kind!r}{did_you_mean(kind, KINDS)}", remedy=f"Choose one of {', '.join(KINDS)}."
        )
    if n < 0:
        raise InvalidSettings(f"cannot make {n} documents", remedy="Ask for 0 or more.")
    if not 0 <= hard <= 1:
        raise InvalidSettings(f"a share of {hard:g} hard documents", remedy="Choose a share between 0 and 1.")
    if strange := [language for language in languages if language not in LANGUAGES] or not languages:
        raise InvalidSettings(f"unknown language {strange}", remedy=f"Choose from {', '.join(LANGUAGES)}.")
    if degrade not in DEGRADES or (degrade == "samples" and kind != "invoice"):
        raise InvalidSettings(
            f"{kind} cannot be degraded by {degrade!r}", remedy=f"Choose one of {', '.join(DEGRADES)}."
        )
