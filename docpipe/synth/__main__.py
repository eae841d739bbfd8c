"""`python -m docpipe.synth invoice 24 --seed 7 --out samples/invoices`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from docpipe.synth.generate import KINDS, generate


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse `arguments` (those of the process if None), write the documents, print where. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m docpipe.synth", description="Write labelled synthetic documents.")
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("n", type=int, help="how many documents")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same documents (default 0)")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to; made if missing")
    asked = parser.parse_args(arguments)
    if asked.n < 0:
        parser.error("n must not be negative")
    print(generate(asked.kind, asked.n, asked.seed, asked.out) / "labels.jsonl")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
