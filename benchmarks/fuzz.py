"""Do broken files do more than fail by name? Mutants of generated PDFs and images through the real renderer.

    python benchmarks/fuzz.py [--minutes 20] [--seed 1] [--keep DIR] [--json]

Every mutant is read as `docpipe run` reads it: sniffed, opened in a decoder's process, up to `PAGES` pages
with words, geometry and pixels (no OCR), and a crop. What may come back is an error of errors.py, and not
one that means a defect of docpipe. What else comes back is a finding: counted by its text,
the first few mutants of it kept in DIR as NUMBER-COUNT-SEED.

crashes   mutants that ended two decoders in a row, or wanted more memory than it may have: RENDER_CRASH.
          Only children may die, and they may. Kept in DIR
restarts  decoders that had to be started again: crashes, timeouts, memory
slowest   seconds of one mutant; each page is two jobs that may take their limit. Kept in DIR
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import PIL
import pymupdf

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # seeds are the tests' own

from docpipe.errors import DocumentError, InternalError, RenderCrash, RenderTimeout
from docpipe.intake.content import read_content
from docpipe.render.renderer import Renderer
from docpipe.render.sandbox import BACKSTOP_S, START_S
from docpipe.settings import Limits, Render, Settings
from docpipe.synth.invoice.make import make
from tests.faults.hostile import KINDS, Kind

LIMITS = Limits(page_timeout_s=2.0, max_pages=100, max_file_bytes=8 * 1024**2, documents_per_child=10**9)
NEEDS = frozenset({"pixels", "words", "geometry"})
PAGES = 3
MAX_SEED_BYTES = 200_000
SYNTHETIC = 24
KEPT = 3  # mutants of each finding
NUMBERS = [
    b"0",
    b"-1",
    b"1",
    b"255",
    b"65536",
    b"2147483647",
    b"-2147483648",
    b"4294967296",
    b"1e9",
    b"0.00001",
    b"nan",
]
TOKENS = [
    *(b"/Kids /Count /Parent /MediaBox /CropBox /Rotate /UserUnit /Contents /Resources /Filter /DecodeParms".split()),
    *(b"/FlateDecode /LZWDecode /ASCII85Decode /RunLengthDecode /DCTDecode /JPXDecode /JBIG2Decode".split()),
    *(b"/CCITTFaxDecode /Predictor /Columns /Width /Height /BitsPerComponent /ColorSpace /Indexed /ICCBased".split()),
    *(b"/Separation /DeviceN /Lab /Pattern /Shading /ShadingType /Function /FunctionType /SMask /ImageMask".split()),
    *(b"/Font /Type0 /Type3 /CIDFontType2 /ToUnicode /Encoding /Widths /FontFile2 /FontMatrix /CharProcs".split()),
    *(b"/XObject /Form /Image /BBox /Matrix /Group /Annots /AP /AcroForm /Fields /Widget /XFA /ObjStm".split()),
    *(b"/XRef /Prev /Index /W /Encrypt /Root /Size obj endobj stream endstream xref trailer startxref".split()),
    *(b"null true << >> [ ] ( ) R q Q cm Do BT ET Tj TJ Tf Tm Tr re f S W n sh scn gs BI ID EI d0 d1".split()),
]
WORD = re.compile(rb"/?[A-Za-z][A-Za-z0-9]*")
NUMBER = re.compile(rb"-?\d+\.?\d*")

Mutation = Callable[[bytearray, Random, Sequence[bytes]], None]


def flip_bits(data: bytearray, chance: Random, corpus: Sequence[bytes]) -> None:
    for _ in range(chance.choice([1, 1, 2, 8, 64])):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def set_bytes(data: bytearray, chance: Random, corpus: Sequence[bytes]) -> None:
    at = chance.randrange(len(data))
    extreme = chance.choice(
        [b"\0", b"\xff", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\x80", chance.randbytes(4)]
    )
    data[at : at + len(extreme)] = extreme


def truncate(data: bytearray, chance: Random, corpus: Sequence[bytes]) -> None:
    del data[chance.randrange(len(data) // 4, len(data)) + 1 :]


def remove(data: bytearray, chance: Random, corpus: Sequence[bytes]) -> None:
    at = chance.randrange(len(data))
    del data[at : at + chance.choice([1, 4, 30, 500])]


def repeat(data: bytearray, chance: Random, corpus: Sequence[bytes]) -> None:
    at = chance.randrange(len(data))
    part = bytes(data[at : at + chance.choice([1, 8, 60, 400])])
    data[at:at] = part * chance.choice([1, 2, 10, 200])


def splice(data: bytearray, chance: Random, corpus: Sequence[bytes]) -> None:
    other = chance.choice(corpus)
    start = chance.randrange(len(other))
    at = chance.randrange(len(data))
    data[at : at + chance.choice([0, 50, 500])] = other[start : start + chance.choice([20, 200, 3_000])]


def change_number(data: bytearray, chance: Random, corpus: Sequence[bytes]) -> None:
    _replace(data, NUMBER, chance.choice(NUMBERS), chance)


def change_token(data: bytearray, chance: Random, corpus: Sequence[bytes]) -> None:
    _replace(data, WORD, chance.choice(TOKENS), chance)


def insert_token(data: bytearray, chance: Random, corpus: Sequence[bytes]) -> None:
    at = chance.randrange(len(data))
    data[at:at] = b" " + b" ".join(chance.choices(TOKENS + NUMBERS, k=chance.choice([1, 2, 5]))) + b" "


def _replace(data: bytearray, what: re.Pattern[bytes], by: bytes, chance: Random) -> None:
    """The first match after a random place, so that no list of all is needed."""
    found = what.search(data, chance.randrange(len(data)))
    if found:
        data[found.start() : found.end()] = by


IN_ANY: list[Mutation] = [flip_bits, flip_bits, set_bytes, set_bytes, truncate, remove, repeat, splice]
IN_PDF: list[Mutation] = [*IN_ANY, *[change_number, change_token, insert_token] * 3]


@dataclass(frozen=True)
class Seed:
    name: str
    suffix: str
    data: bytes


def seeds(seed: int) -> list[Seed]:
    """Generated files only: every small kind of the hostile mix, and invoices with their streams unpacked."""
    found = [Seed(kind.name, kind.suffix, data) for kind in KINDS if _fits(kind) for data in (kind.content(seed),)]
    for index in range(SYNTHETIC):
        made = make(index, seed)
        data = _unpacked(made.content) if made.suffix == "pdf" else made.content
        found.append(Seed(f"invoice-{index}", f".{made.suffix}", data))
    return [one for one in found if 20 < len(one.data) <= MAX_SEED_BYTES]


def _fits(kind: Kind) -> bool:
    """Neither what ends at intake nor what is known to take its whole limit."""
    return kind.share is None and kind.code not in ("EMPTY_FILE", "UNSUPPORTED_TYPE", "TYPE_MISMATCH", "ARCHIVE_BOMB")


def _unpacked(data: bytes) -> bytes:
    with pymupdf.open(stream=data, filetype="pdf") as document:
        found: bytes = document.tobytes(expand=1, deflate=False)
        return found


def mutants(corpus: Sequence[Seed], seed: int) -> Iterator[Seed]:
    """Endless; the same for the same seed, but for the salt of locked seeds."""
    contents = [one.data for one in corpus]
    chance = Random(seed)
    while True:
        one = chance.choice(corpus)
        data = bytearray(one.data)
        for _ in range(chance.choice([1, 1, 2, 3, 8])):
            chance.choice(IN_PDF if one.suffix == ".pdf" else IN_ANY)(data, chance, contents)
            data = data or bytearray(b"\0")
        yield Seed(one.name, one.suffix, bytes(data[: LIMITS.max_file_bytes]))


@dataclass
class Report:
    """What happened. `findings`: what must not."""

    inputs: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    restarts: int = 0
    pages: int = 0
    slowest_s: float = 0.0
    slowest: str = ""


async def fuzz(minutes: float, seed: int, keep: Path) -> Report:
    report, ends = Report(), time.monotonic() + minutes * 60
    decoder: int | None = None
    corpus = seeds(seed)
    with tempfile.TemporaryDirectory() as name, Renderer(Settings(limits=LIMITS, render=Render(ocr=False))) as renderer:
        for mutant in mutants(corpus, seed):
            if time.monotonic() > ends:
                return report
            path = Path(name) / f"mutant{mutant.suffix}"
            path.write_bytes(mutant.data)
            started = time.monotonic()
            outcome, finding = await read(path, renderer, report)
            seconds = time.monotonic() - started
            report.inputs += 1
            report.outcomes[outcome] += 1
            if seconds > report.slowest_s:
                report.slowest_s, report.slowest = seconds, f"{mutant.name}: {outcome}"
                (keep / "slowest").write_bytes(mutant.data)
            process = renderer._decoder._process
            if process is not None and process.pid != decoder:
                report.restarts += decoder is not None
                decoder = process.pid
            if seconds > (2 * PAGES + 1) * (LIMITS.page_timeout_s + BACKSTOP_S) + START_S:
                finding = finding or f"took {seconds:.0f} s"
            if outcome == RenderCrash.code:
                (keep / f"crash-{report.outcomes[outcome]}-{mutant.name}{mutant.suffix}").write_bytes(mutant.data)
            if finding:
                kind = NUMBER.sub(b"N", finding.encode()).decode()
                report.findings[kind] += 1
                if report.findings[kind] <= KEPT:
                    place = f"{list(report.findings).index(kind):02d}-{report.findings[kind]}"
                    (keep / f"{place}-{mutant.name}{mutant.suffix}").write_bytes(mutant.data)
    raise AssertionError


async def read(path: Path, renderer: Renderer, report: Report) -> tuple[str, str]:
    """(how it ended, what is wrong with that or nothing). The first page that fails names the end."""
    try:
        content = read_content(path, LIMITS)
        async with await renderer.open(content) as document:
            for number in range(1, min(PAGES, document.page_count) + 1):
                page = await document.page(number, NEEDS)
                report.pages += 1
                if not page.skipped:
                    await document.crop(number, (0.1, 0.1, 0.6, 0.4), 100_000)
    except DocumentError as error:
        return error.code, _finding(error)
    except Exception as error:  # noqa: BLE001 - whatever else comes back is what is looked for
        return "ANOTHER ERROR", f"{type(error).__name__}: {error}"
    return "read", ""


def _finding(error: DocumentError) -> str:
    """A decoder that died is the file's fault; one that says what nobody foresaw, or is not believed, is ours."""
    if isinstance(error, InternalError):
        return error.message
    if isinstance(error, RenderCrash) and "died" not in error.message and "memory" not in error.message:
        return error.message
    if isinstance(error, RenderTimeout) and "silent" in error.message:
        return f"the timer did not fire: {error.message}"
    return ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "docpipe-fuzz", metavar="DIR")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    arguments.keep.mkdir(parents=True, exist_ok=True)
    report = asyncio.run(fuzz(arguments.minutes, arguments.seed, arguments.keep))
    result = {
        "minutes": arguments.minutes,
        "seed": arguments.seed,
        "inputs": report.inputs,
        "pages": report.pages,
        "outcomes": dict(report.outcomes.most_common()),
        "crashes": report.outcomes[RenderCrash.code],
        "restarts": report.restarts,
        "slowest_s": round(report.slowest_s, 1),
        "slowest": report.slowest,
        "findings": dict(report.findings.most_common()),
        "versions": {
            "python": platform.python_version(),
            "mupdf": pymupdf.mupdf_version,
            "pillow": PIL.__version__,
            "cpus": os.cpu_count(),
        },
    }
    if arguments.json:
        print(json.dumps(result))
    else:
        for key, value in result.items():
            print(f"{key:10} {value}")
    sys.exit(1 if report.findings else 0)


if __name__ == "__main__":
    main()
