"""Are synthetic documents as hard as real ones? The layout engine's score on both, by kind.

    python benchmarks/parity.py [--truth KIND=FOLDER ...] [--kinds invoice ...] [--documents 40] [--seed 7301]
        [--hard KIND=SHARE ...] [--degrade KIND=WAY,WAY ...] [--traits] [--record] [--json]

KIND is invoice, receipt or form; a FOLDER holds labels.jsonl and the files it names, and counts for its kind together
with others. Without a folder, the score on real documents is the one that results/parity.json holds; --record writes
there what was measured of the kinds asked for. --degrade names the ways that synthetic documents go, as many on each;
--hard sets the share of hard documents, which else is that of data/traits.json; --traits prints the score of the
documents that have each difficulty, which says what makes them hard.

scalars  F1 of the values outside lists that real documents are labelled with
rows     F1 of line items: description alike, numbers equal
pairs    F1 of key and entry: entry alike, key alike
boxes    share of tick boxes that are found and read right

Exits with 1 where synthetic and real differ by more than 0.10 in any figure.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from parity_score import Tally, tallied

from docpipe import __version__
from docpipe.engine.layout.engine import LayoutEngine
from docpipe.extract.document import extract
from docpipe.extract.workbench import workbench
from docpipe.records import Source
from docpipe.schema.load import load_schema
from docpipe.settings import Settings
from docpipe.synth import generate
from docpipe.synth.languages import LANGUAGES
from docpipe.synth.traits import as_real, hard_kinds

RESULTS: Final = Path(__file__).parent / "results" / "parity.json"
MOST_APART: Final = 0.10
DOCUMENTS, SEED = 40, 7_301
# How synthetic documents arrive: as those real ones do that were at hand. A third of the invoices are worn (half go on
# a mixed way), receipts come from the phone, and forms as pictures of all sorts.
WAYS: Final[dict[str, tuple[str, ...]]] = {"invoice": ("none", "mixed"), "receipt": ("photo",), "form": ("mixed",)}
# Real documents are mostly English, then German, French and Spanish.
TONGUES: Final = ("en", "de", "en", "fr", "en", "es", "en", *LANGUAGES)

Figures = dict[str, float]


@dataclass(frozen=True)
class Measured:
    """The score of some documents; `by_trait` has it of those with each difficulty ("none" for plain ones)."""

    documents: int
    figures: Figures
    by_trait: Mapping[str, Figures]


def labelled(folder: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Each file that the labels of a folder name, and its line."""
    for line in (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines():
        truth = json.loads(line)
        places = (folder / truth["file"], folder.parent / truth["file"], folder / "files" / Path(truth["file"]).name)
        yield next(place for place in places if place.is_file()), truth


def measure(kind: str, folders: Sequence[Path]) -> Measured:
    """The score of the layout engine on the documents of `folders`."""
    bench = workbench(load_schema(kind), LayoutEngine(), Settings())
    whole, by_trait, count = Tally(), defaultdict[str, Tally](Tally), 0
    try:
        for folder in folders:
            for path, truth in labelled(folder):
                done = asyncio.run(extract(Source(str(path), path.stat().st_size), bench))
                tally = tallied(kind, truth, done.records[0].value or {} if done.records else {})
                whole.add(tally)
                count += 1
                for trait in truth.get("synthetic", {}).get("traits", ("none",)):
                    by_trait[trait].add(tally)
    finally:
        bench.close()
    traits = {trait: tally.figures() for trait, tally in sorted(by_trait.items())}
    return Measured(count, whole.figures(), traits)


def synthetic(kind: str, documents: int, seed: int, hard: float, ways: Sequence[str]) -> Measured:
    """The score on `documents` synthetic ones, as many on each of `ways`."""
    with tempfile.TemporaryDirectory() as folder:
        outs = [
            generate(
                kind, documents // len(ways), seed + place, Path(folder) / way,
                languages=TONGUES, degrade=way, boxes=False, hard=hard,
            )
            for place, way in enumerate(ways)
        ]  # fmt: skip
        return measure(kind, outs)


def _named(values: Iterable[str]) -> Iterator[tuple[str, str]]:
    for value in values:
        kind, _, rest = value.partition("=")
        if kind not in hard_kinds():
            raise SystemExit(f"{value}: write KIND=..., KIND being one of {', '.join(hard_kinds())}")
        yield kind, rest


def compared(arguments: argparse.Namespace) -> dict[str, Any]:
    """{kind: {real, synthetic, apart, hard, degrade, documents, traits}} of all kinds asked for."""
    folders = defaultdict[str, list[Path]](list)
    for kind, folder in _named(arguments.truth):
        folders[kind].append(Path(folder))
    shares = dict(_named(arguments.hard))
    ways = {**WAYS, **{kind: tuple(rest.split(",")) for kind, rest in _named(arguments.degrade)}}
    recorded = json.loads(RESULTS.read_text(encoding="utf-8"))["kinds"] if RESULTS.is_file() else {}
    found = {}
    for kind in arguments.kinds or hard_kinds():
        known = recorded.get(kind, {}).get("real")
        real = (
            {"documents": (done := measure(kind, folders[kind])).documents, **done.figures} if folders[kind] else known
        )
        hard = float(shares.get(kind, as_real(kind)))
        made = synthetic(kind, arguments.documents, arguments.seed, hard, ways[kind])
        found[kind] = {
            "real": real,
            "synthetic": {"documents": made.documents, **made.figures},
            "apart": {
                name: round(score - real[name], 3) for name, score in made.figures.items() if real and name in real
            },
            "hard": hard,
            "degrade": ways[kind],
            **({"traits": made.by_trait} if arguments.traits else {}),
        }
    return {"date": f"{datetime.now(UTC):%Y-%m-%d}", "docpipe": __version__, "seed": arguments.seed, "kinds": found}


def _print(result: dict[str, Any]) -> None:
    print(f"{'':9} {'figure':8} {'real':>6} {'synth':>6} {'apart':>7}")
    for kind, found in result["kinds"].items():
        for name, score in found["synthetic"].items():
            if name != "documents":
                real, apart = (found["real"] or {}).get(name), found["apart"].get(name)
                told = "" if real is None else f"{real:6.3f}"
                print(f"{kind:9} {name:8} {told:>6} {score:6.3f} {'' if apart is None else f'{apart:+7.3f}'}")
        count = found["synthetic"]["documents"]
        print(f"{'':9} {count} documents, {found['hard']:g} of them hard, degraded {', '.join(found['degrade'])}")
        for trait, figures in found.get("traits", {}).items():
            print(f"{'':11}{trait:16} " + "  ".join(f"{name} {score:.3f}" for name, score in figures.items()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--truth", action="append", default=[], metavar="KIND=FOLDER")
    parser.add_argument("--kinds", nargs="*", default=[])
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--hard", action="append", default=[], metavar="KIND=SHARE")
    parser.add_argument("--degrade", action="append", default=[], metavar="KIND=WAY,WAY")
    parser.add_argument("--traits", action="store_true")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    result = compared(arguments)
    if arguments.record:
        kept = json.loads(RESULTS.read_text(encoding="utf-8"))["kinds"] if RESULTS.is_file() else {}
        told = {**result, "kinds": {**kept, **result["kinds"]}}
        RESULTS.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    if arguments.json:
        print(json.dumps(result))
    else:
        _print(result)
    return int(any(abs(apart) > MOST_APART for found in result["kinds"].values() for apart in found["apart"].values()))


if __name__ == "__main__":
    sys.exit(main())
