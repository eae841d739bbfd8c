"""Do two commits read the same? Their records over the same documents, byte for byte.

    python benchmarks/same_predictions.py BEFORE [AFTER] [--truth FOLDER ...] [--documents 30] [--seed 626262] [--json]

BEFORE and AFTER are commits; without AFTER it is the working tree. The documents: synthetic ones of every kind, clean
and degraded, drawn by BEFORE; the project's samples as BEFORE has them; and the labelled FOLDERs. Each commit runs
`docpipe run --engine layout` over each set with its own code. What a run prints of its own work (times, ids of the run,
fingerprints) is left out; all else counts: status, record, fields with their boxes and confidence, violations, failure.

For each set it prints how many documents came out the same, every value that moved (right or wrong where a label says
so), and the counts right, wrong, missing and spurious before and after. `--cache FOLDER` keeps documents, and the
predictions of commits, for the next comparison. The exit code is 1 where any document differs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from docpipe.evaluate.fields import compare
from docpipe.evaluate.truth import Truth, read_labels

ROOT = Path(__file__).resolve().parents[1]
SYNTHETIC = {  # set -> what `docpipe synth` is asked for
    "invoice": ("invoice", "none"),
    "invoice-degraded": ("invoice", "mixed"),
    "receipt": ("receipt", "none"),
    "receipt-degraded": ("receipt", "mixed"),
    "form": ("form", "none"),
    "form-degraded": ("form", "mixed"),
    "table": ("table", "none"),
    "chart": ("chart", "none"),
}
SCHEMAS = ("invoice", "receipt", "form", "table", "chart")
OWN_WORK = frozenset({"run_id", "seconds", "render_s", "fingerprints", "mtime_ns", "committed_at", "engine_s", "pages"})
MAX_LISTED = 40  # values that moved, of one set


def commit_of(name: str) -> str:
    return subprocess.run(
        ["git", "rev-parse", f"{name}^{{commit}}"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def checked_out(commit: str, folder: Path) -> Path:
    """The tree of a commit, in a folder of its own."""
    tree = folder / commit
    if not tree.exists():
        tree.mkdir(parents=True)
        archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
        subprocess.run(["tar", "-x", "-C", str(tree)], input=archive, check=True)
    return tree


def docpipe(tree: Path, *arguments: str) -> str:
    """What the command prints, with the code of `tree`. Exit code 3 says that documents failed, which counts too."""
    done = subprocess.run(
        [sys.executable, "-m", "docpipe", *arguments],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 3):
        raise SystemExit(f"docpipe {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def synthetic(tree: Path, folder: Path, documents: int, seed: int) -> dict[str, Path]:
    """Set -> folder of documents that the code of `tree` drew."""
    sets = {}
    for name, (kind, degrade) in SYNTHETIC.items():
        out = folder / f"{name}-{documents}-{seed}"
        if not out.exists():
            docpipe(tree, "synth", kind, str(documents), "--seed", str(seed), "--degrade", degrade, "--out", str(out))
        sets[name] = out
    return sets


def schema_of(name: str, folder: Path) -> str:
    """The shipped schema for a set, by the name of the set or of its folder."""
    fitting = [schema for schema in SCHEMAS if schema in name or schema in folder.name]
    if not fitting:
        raise SystemExit(f"no shipped schema is named in {folder}: call the folder invoices, receipts, forms, ...")
    return fitting[0]


def predictions(tree: Path, schema: str, folder: Path, kept: Path | None) -> dict[str, dict[str, Any]]:
    """File name -> what `docpipe show --json` says of it, less what tells of the run and not of the document."""
    if kept is not None and kept.exists():
        return json.loads(kept.read_text(encoding="utf-8"))  # type: ignore[no-any-return]
    files = folder / "files" if (folder / "files").is_dir() else folder
    with tempfile.TemporaryDirectory() as out:
        flags = ("--schema", schema, "--engine", "layout", "--workers", "0", "--quiet", "--out", f"{out}/o")
        docpipe(tree, "run", str(files), *flags)
        shown = [json.loads(line) for line in docpipe(tree, "show", f"{out}/o", "--json").splitlines()]
    found = {
        str(Path(line.pop("source_uri")).relative_to(files)): {
            key: value for key, value in line.items() if key not in OWN_WORK
        }
        for line in shown
    }
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(found), encoding="utf-8")
    return found


def moved(before: Any, after: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """(path, before, after) of every leaf that differs."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in before.keys() | after.keys():
            yield from moved(before.get(key), after.get(key), f"{path}.{key}" if path else key)
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            pair = (rows[index] if index < len(rows) else None for rows in (before, after))
            yield from moved(*pair, f"{path}[{index}]")
    elif before != after:
        yield path, before, after


def counts(truths: Mapping[str, Truth], shown: Mapping[str, Mapping[str, Any]]) -> Counter[str]:
    """How many labelled values are right, wrong, missing, spurious."""
    total: Counter[str] = Counter()
    for file, truth in truths.items():
        record = (shown.get(file) or {}).get("record") or {}
        for verdict in compare(truth.label, record, truth.accept, complete=truth.complete).verdicts:
            total[verdict.kind] += 1
    return total


def compared(folder: Path, before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """{documents, same, before, after: counts of values, values: what moved, other: documents else unlike}."""
    labels = {Path(truth.file).name: truth for truth in read_labels(folder)} if _is_labelled(folder) else {}
    truths = {file: labels[Path(file).name] for file in before if Path(file).name in labels}
    values, other, same = [], [], 0
    for file in sorted(before.keys() | after.keys()):
        left, right = before.get(file), after.get(file)
        if json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True):
            same += 1
            continue
        records = [(shown or {}).get("record") or {} for shown in (left, right)]
        changed = sorted(moved(*records))
        values += [{"file": file, "path": path, "before": was, "after": now} for path, was, now in changed]
        if not changed:
            where = sorted({path.split("[")[0] for path, *_ in moved(left, right)})
            other.append({"file": file, "differs": where})
    return {
        "documents": len(before),
        "same": same,
        "before": dict(counts(truths, before)),
        "after": dict(counts(truths, after)),
        "values": values,
        "other": other,
    }


def _is_labelled(folder: Path) -> bool:
    return (folder / "labels.jsonl").is_file()


def report(found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "| set | documents | same | right | wrong | missing | spurious |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for name, result in found.items():
        pairs = [
            f"{result['before'].get(kind, 0)} -> {result['after'].get(kind, 0)}"
            if result["before"].get(kind, 0) != result["after"].get(kind, 0)
            else str(result["before"].get(kind, 0))
            for kind in ("right", "wrong", "missing", "spurious")
        ]
        yield f"| {name} | {result['documents']} | {result['same']} | " + " | ".join(pairs) + " |"
    for name, result in found.items():
        for value in result["values"][:MAX_LISTED]:
            yield f"{name} {value['file']} {value['path']}: {value['before']!r} -> {value['after']!r}"
        left = len(result["values"]) - MAX_LISTED
        if left > 0:
            yield f"{name}: and {left} more"
        kinds = Counter(", ".join(document["differs"]) for document in result["other"])
        for differs, count in kinds.most_common():
            yield f"{name}: {count} documents have the same record, but {differs} differ"


def sets_of(arguments: argparse.Namespace, tree: Path, folder: Path) -> dict[str, Path]:
    sets = synthetic(tree, folder, arguments.documents, arguments.seed)
    sets["samples-invoices"] = tree / "samples" / "invoices"
    for truth in arguments.truth:
        sets[f"{truth.parent.name}-{truth.name}"] = truth.resolve()
    return {name: path for name, path in sets.items() if arguments.only is None or name in arguments.only}


def tree_of(commit: str | None, work: Path) -> tuple[Path, str]:
    """The tree of a commit, or the working tree, and a name for what it holds."""
    if commit is not None:
        return checked_out(commit_of(commit), work), commit_of(commit)
    state = hashlib.sha256()
    code = [path for ending in ("*.py", "*.json") for path in (ROOT / "docpipe").rglob(ending)]
    for path in sorted(code) + sorted((ROOT / "schemas").rglob("*.json")):
        state.update(path.read_bytes())
    return ROOT, state.hexdigest()[:40]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before")
    parser.add_argument("after", nargs="?")
    parser.add_argument("--truth", type=Path, action="append", default=[], metavar="FOLDER")
    parser.add_argument("--only", action="append", metavar="SET", help="compare this set only; may be repeated")
    parser.add_argument("--documents", type=int, default=30, help="synthetic ones of each set")
    parser.add_argument("--seed", type=int, default=626_262)
    parser.add_argument("--cache", type=Path, metavar="FOLDER")
    parser.add_argument("--jobs", type=int, default=1, help="sets that are read at once")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args(argv)
    work = arguments.cache.resolve() if arguments.cache else Path(tempfile.mkdtemp())
    try:
        (old, old_name), (new, new_name) = tree_of(arguments.before, work), tree_of(arguments.after, work)
        sets = sets_of(arguments, old, work / "documents")
        jobs = [(name, tree, state) for name in sets for tree, state in ((old, old_name), (new, new_name))]

        def read(job: tuple[str, Path, str]) -> dict[str, dict[str, Any]]:
            name, tree, state = job
            size = f"-{arguments.documents}-{arguments.seed}" if name in SYNTHETIC else ""
            kept = work / "predictions" / state / f"{name}{size}.json"
            return predictions(tree, schema_of(name, sets[name]), sets[name], kept if arguments.cache else None)

        with ThreadPoolExecutor(arguments.jobs) as threads:
            shown = list(threads.map(read, jobs))
        found = {name: compared(sets[name], *shown[2 * at : 2 * at + 2]) for at, name in enumerate(sets)}
    finally:
        if not arguments.cache:
            shutil.rmtree(work, ignore_errors=True)
    print(json.dumps(found) if arguments.json else "\n".join(report(found)))
    return int(any(result["same"] < result["documents"] for result in found.values()))


if __name__ == "__main__":
    raise SystemExit(main())
