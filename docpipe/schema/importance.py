"""What of a record whoever reads the table relies on."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

from docpipe.schema.checks import check_paths
from docpipe.schema.nodes import Schema
from docpipe.schema.paths import generic


def important(schema: Schema) -> frozenset[str]:
    """Paths of values and lists, without indices: what the schema marks or requires, and what an error check on the
    whole record reads. Empty if the schema names nothing.
    """
    return schema.made("important", _important)


def _important(schema: Schema) -> frozenset[str]:
    paths = {path for path, node in schema.root.leaves() if node.required or node.important}
    paths.update(path for path, node in schema.root.leaves_of_all() if node.important)
    paths.update(path for path, array in schema.root.arrays() if array.important)
    for check in schema.checks:
        if check.severity == "error" and not check.each:
            paths.update(check_paths(check))
    return frozenset(paths)


def is_important(schema: Schema, paths: Iterable[str]) -> bool:
    """Whether one of `paths` is important, or lies in a list that is."""
    known = important(schema)
    return any(
        not known.isdisjoint(accumulate(generic(path).split("."), lambda way, name: f"{way}.{name}")) for path in paths
    )


def is_weighty(schema: Schema, paths: Iterable[str]) -> bool:
    """Whether one of `paths` is important; where the schema marks nothing, everything is."""
    return not schema.made("marks", _marks) or is_important(schema, paths)


def _marks(schema: Schema) -> bool:
    return any(node.important for _, node in (*schema.root.leaves_of_all(), *schema.root.arrays()))
