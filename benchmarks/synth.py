"""How fast does `docpipe synth` make documents, on one core?

    python benchmarks/synth.py [--json] [--seconds 5] [--seed 90]

pages_per_s  pages a second of processor time, files and labels made but not written: for each kind clean, and
             for invoices after each degradation
asked        20 pages a second of clean invoices
"""

from __future__ import annotations

import argparse
import json
import sys
import time

from docpipe.synth import KINDS
from docpipe.synth.generate import Order, make

WARM_UP_DOCUMENTS = 12  # loads word lists and fonts
WAYS = ("scan", "photo", "fax", "jpeg", "mixed")
ASKED_PAGES_PER_S = 20.0


def pages_per_s(order: Order, seconds: float) -> float:
    """Pages of `order` made in a second of this process's time, over about `seconds`."""
    for index in range(WARM_UP_DOCUMENTS):
        make(order, index)
    pages, index, start = 0, WARM_UP_DOCUMENTS, time.process_time()
    while (spent := time.process_time() - start) < seconds:
        pages += make(order, index).truth["pages"]
        index += 1
    return pages / spent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=90)
    arguments = parser.parse_args()
    result = {
        "pages_per_s": {kind: round(pages_per_s(Order(kind, arguments.seed), arguments.seconds), 1) for kind in KINDS},
        "degraded_invoices_per_s": {
            way: round(pages_per_s(Order("invoice", arguments.seed, degrade=way), arguments.seconds), 1) for way in WAYS
        },
        "asked_invoice_pages_per_s": ASKED_PAGES_PER_S,
    }
    if arguments.json:
        print(json.dumps(result))
    else:
        for kind, rate in result["pages_per_s"].items():
            print(f"{kind:10} {rate:8.1f} pages/s")
        for way, rate in result["degraded_invoices_per_s"].items():
            print(f"invoice, {way:6} {rate:5.1f} pages/s")
    return 0 if result["pages_per_s"]["invoice"] >= ASKED_PAGES_PER_S else 1


if __name__ == "__main__":
    sys.exit(main())
