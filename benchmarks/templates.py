"""Pairs and checkboxes of forms read alone and with their siblings, by how many copies of a form there are.

    python benchmarks/templates.py [--forms 8] [--seed 20240819] [--copies 1 3 5 10 20] [--degrade none mixed]

Each form is printed once and filled in again and again (docpipe.synth, kind "copies"). Every line is one run over all
forms: F1 of the pairs that have an entry, how many were wrong, and the share of boxes whose state is right.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from docpipe.run import job
from docpipe.run.progress import Progress
from docpipe.settings import Running, Settings
from docpipe.store.read import read_outcomes
from docpipe.synth import generate
from docpipe.synth.form.answers import SIGNED
from docpipe.synth.form.copies import COPIES

ALIKE = 0.9  # texts that are more alike are one


@dataclass(slots=True)
class Score:
    """Pairs by what became of them, and boxes."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    boxes: int = 0
    boxes_right: int = 0

    def line(self) -> str:
        f1 = 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)
        boxes = f"{self.boxes_right / self.boxes:.3f}" if self.boxes else "-"
        return f"{f1:.3f} | {self.right} | {self.wrong} | {self.missed} | {boxes}"


def judged(label: Mapping[str, Any], record: Mapping[str, Any], score: Score) -> None:
    """Add what a record has of a label."""
    left = [pair for pair in record.get("fields") or [] if pair["value"]]
    for truth in label["fields"]:
        if truth["value"] in (None, SIGNED):
            continue
        same = next((pair for pair in left if _same(truth, pair)), None)
        score.right, score.missed = score.right + (same is not None), score.missed + (same is None)
        if same is not None:
            left.remove(same)
    score.wrong += len(left)
    for truth in label["checkboxes"]:
        states = [box["checked"] for box in record.get("checkboxes") or [] if _alike(truth["label"], box["label"])]
        score.boxes, score.boxes_right = score.boxes + 1, score.boxes_right + (truth["checked"] in states)


def _same(truth: Mapping[str, str], pair: Mapping[str, str]) -> bool:
    keys = (truth["key"], truth["key"].rpartition(" / ")[2])
    told = (pair["key"] or "", (pair["key"] or "").rpartition(" / ")[2])
    return _alike(truth["value"], pair["value"]) and any(_alike(key, own) for key in keys for own in told)


def _alike(one: str, other: str | None) -> bool:
    texts = one.casefold().split(), (other or "").casefold().split()
    return SequenceMatcher(None, *map("".join, texts), autojunk=False).ratio() >= ALIKE


def measured(folder: Path, out: Path, labels: Mapping[str, Mapping[str, Any]]) -> Score:
    """One run over a folder, scored."""
    settings = Settings(
        schema="form", engine="layout", inputs=(str(folder),), out=str(out), running=Running(workers=0)
    )  # fmt: skip
    job.run(settings, Progress(quiet=True))
    score = Score()
    for row in read_outcomes(out):
        judged(labels[Path(row["source_uri"]).name], row["record"] or {}, score)
    return score


def lines(forms: int, seed: int, counts: list[int], ways: list[str], work: Path) -> Iterator[str]:
    for way in ways:
        made = generate("copies", forms * COPIES, seed, work / way, degrade=way)
        told = [json.loads(line) for line in (made / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
        labels = {each["file"]: each["label"] for each in told}
        for count in counts:
            folder = work / f"{way}-{count}"
            folder.mkdir()
            for each in told:
                if each["source"]["index"] % COPIES < count:
                    shutil.copy(made / each["file"], folder)
            yield f"| {way} | {count} | {measured(folder, work / f'out-{way}-{count}', labels).line()} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--forms", type=int, default=8)
    parser.add_argument("--seed", type=int, default=20240819)
    parser.add_argument("--copies", type=int, nargs="+", default=[1, 3, 5, 10, 20])
    parser.add_argument("--degrade", nargs="+", default=["none", "mixed"])
    given = parser.parse_args()
    print("| degraded | copies of each form | pairs F1 | right | wrong | missed | boxes |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as work:
        for line in lines(given.forms, given.seed, given.copies, given.degrade, Path(work)):
            print(line, flush=True)


if __name__ == "__main__":
    main()
