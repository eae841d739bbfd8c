"""Are the shipped checks true of right documents, and do they tell wrong ones?

    python benchmarks/checks.py [--truth FOLDER ...] [--documents 200] [--seed 838383] [--json]

The labels of synthetic documents, and of the folders that --truth names (called invoices, receipts, ... for their
schema), are judged by the shipped checks: what is broken there is a fault of the check, or of the label. Then one
amount after the other is made wrong, by one digit, by a decimal place, by its sign or by being another amount of the
document; counted is how often a check that held before is broken after. Of a broken check is told which of the fields
that may explain it the label does not have: labels of real documents are partial.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from docpipe.evaluate.truth import read_labels
from docpipe.records import Violation
from docpipe.schema.checks import evaluate
from docpipe.schema.expressions import compile_expression
from docpipe.schema.load import load_schema
from docpipe.schema.nodes import Node, Schema
from docpipe.schema.paths import value_at
from docpipe.synth import generate

KINDS = {"invoice": "invoice", "bundle": "invoice", "orders": "invoice", "receipt": "receipt"}  # synthetic -> schema
SCHEMAS = tuple(dict.fromkeys(KINDS.values()))


@dataclass(slots=True)
class Judged:
    """What the checks say of one set. `broken`: (id of the document, the violation's message)."""

    documents: int = 0
    broken: list[tuple[str, str]] = field(default_factory=list)
    spoilt: Counter[str] = field(default_factory=Counter)  # field -> amounts made wrong
    told: Counter[str] = field(default_factory=Counter)  # field -> those that a check tells

    @property
    def share(self) -> float:
        """Of the amounts made wrong those that a check tells."""
        return self.told.total() / max(1, self.spoilt.total())


def judged(schema: Schema, labels: Iterable[tuple[str, Mapping[str, Any]]], seed: int) -> Judged:
    """The checks of `schema` over (id, label)s."""
    found, rng = Judged(), Random(seed)
    for name, label in labels:
        record = exact(label)
        found.documents += 1
        broken = {(violation.rule, violation.paths): violation for violation in evaluate(schema.checks, record)}
        found.broken += [(name, _reason(schema, violation, label)) for violation in broken.values()]
        for path, spoilt in spoilt_records(schema.root, record, rng):
            found.spoilt[path] += 1
            found.told[path] += any((each.rule, each.paths) not in broken for each in evaluate(schema.checks, spoilt))
    return found


def _reason(schema: Schema, violation: Violation, label: Mapping[str, Any]) -> str:
    """What is broken, and which of the fields that the check reads are not labelled."""
    check = next(check for check in schema.checks if check.name == violation.rule)
    scope: Any = label if not check.each else value_at(label, violation.paths[0].rpartition(".")[0])
    expressions = map(compile_expression, (check.left, check.right, *check.alternatives))
    paths = dict.fromkeys(path for expression in expressions for path in expression.paths.values())
    absent = [path for path in paths if path.partition(".")[0] not in scope]
    return violation.message + (f"; not labelled: {', '.join(absent)}" if absent else "")


def exact(value: Any) -> Any:
    """A label with exact numbers, as a record has them."""
    if isinstance(value, Mapping):
        return {name: exact(below) for name, below in value.items()}
    if isinstance(value, list):
        return [exact(below) for below in value]
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


def spoilt_records(root: Node, record: dict[str, Any], rng: Random) -> Iterator[tuple[str, dict[str, Any]]]:
    """(field, the record with one of its amounts wrong), for every amount."""
    places = list(_amounts(root, record, ()))
    values = sorted({value for _, value in places})
    for keys, value in places:
        wrong = deepcopy(record)
        home: Any = wrong
        for key in keys[:-1]:
            home = home[key]
        home[keys[-1]] = _wrong(value, values, rng)
        yield ".".join(key for key in keys if isinstance(key, str)), wrong


def _amounts(node: Node, value: Any, keys: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Decimal]]:
    """(the keys to it, the amount) of every amount of money."""
    if isinstance(value, Mapping):
        for child in node.children:
            yield from _amounts(child, value.get(child.name), (*keys, child.name))
    elif isinstance(value, list) and node.item is not None:
        for index, below in enumerate(value):
            yield from _amounts(node.item, below, (*keys, index))
    elif node.type == "money" and isinstance(value, Decimal):
        yield keys, value


def _wrong(value: Decimal, others: list[Decimal], rng: Random) -> Decimal:
    """Another value, as a reader may have it: a digit misread, a place lost, a sign lost, a neighbour's amount."""
    different = [other for other in others if other != value]
    ways = [_misread(value, rng), value.scaleb(1) or Decimal(1), -value or Decimal(1)]
    return rng.choice([*ways, *([rng.choice(different)] if different else [])])


def _misread(value: Decimal, rng: Random) -> Decimal:
    sign, digits, exponent = value.as_tuple()
    at = rng.randrange(len(digits))
    digit = rng.choice([digit for digit in range(10) if digit != digits[at]])
    return Decimal((sign, (*digits[:at], digit, *digits[at + 1 :]), exponent))


def _synthetic(kind: str, documents: int, seed: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    with tempfile.TemporaryDirectory() as folder:
        yield from _labelled(generate(kind, documents, seed, Path(folder) / kind))


def _labelled(folder: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return ((truth.id, truth.label) for truth in read_labels(folder))


def _schema_of(folder: Path) -> str:
    for name in SCHEMAS:
        if name in folder.name:
            return name
    raise SystemExit(f"{folder}: call the folder invoices or receipts: its name says which checks are meant")


def _shown(name: str, found: Judged) -> str:
    lines = [
        f"{name}: {found.documents} documents, {len(found.broken)} checks broken; of {found.spoilt.total()} amounts"
        f" made wrong {found.share:.1%} told",
        *(f"    {document}  {message}" for document, message in found.broken),
        *(f"    {path:28} {found.told[path]:6} of {count:6}" for path, count in sorted(found.spoilt.items())),
    ]
    return "\n".join(lines)


def main() -> None:
    """Judge the labels and print what is broken, and what is told."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--truth", type=Path, action="append", default=[], metavar="FOLDER")
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--seed", type=int, default=838383)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    sets = {kind: (schema, _synthetic(kind, arguments.documents, arguments.seed)) for kind, schema in KINDS.items()}
    for folder in arguments.truth:
        sets[f"{folder.parent.name}-{folder.name}"] = (_schema_of(folder), _labelled(folder))
    results = {name: judged(load_schema(schema), labels, arguments.seed) for name, (schema, labels) in sets.items()}
    if arguments.json:
        rows = {
            name: {"documents": one.documents, "broken": one.broken, "told": one.share} for name, one in results.items()
        }
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for name, found in results.items():
        print(_shown(name, found))


if __name__ == "__main__":
    main()
