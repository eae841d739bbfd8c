"""The order in which a model writes an answer: what holds no list first, lists last.

A long list is where an answer runs out of tokens. What stands before it is safe, so nothing but lists may follow one.
The record keeps the schema's own order.
"""

from __future__ import annotations

from collections.abc import Iterator

from docpipe.schema.nodes import Node
from docpipe.schema.paths import parts


def on_wire(node: Node) -> list[Node]:
    """The children of an object as they are written: those without a list, objects that hold one, lists."""
    return sorted(node.children, key=_rank)


def _rank(node: Node) -> int:
    return 2 if node.item is not None else int(any(map(_rank, node.children)))


def following(root: Node, path: str) -> list[str] | None:
    """Paths of the leaves and lists that are written after the list at `path`; None if `root` has no such list.

    After a list inside a row come the other lists of that row, then the list whose row it is: for its further rows.
    """
    try:
        return list(_following(root, parts(path), ""))
    except LookupError:
        return None


def _following(node: Node, steps: list[str | int], prefix: str) -> Iterator[str]:
    """Raises LookupError for steps that lead to no list."""
    children = on_wire(node)
    names = [child.name for child in children]
    if steps[0] not in names:
        raise LookupError
    at, path = names.index(str(steps[0])), f"{prefix}{steps[0]}"
    child = children[at]
    if len(steps) > 2 and child.item is not None:
        yield from _following(child.item, steps[2:], f"{path}[{steps[1]}].")
        yield path
    elif len(steps) > 1 and child.item is None:
        yield from _following(child, steps[1:], f"{path}.")
    elif len(steps) > 1 or child.item is None:
        raise LookupError
    for later in children[at + 1 :]:
        yield from _below(later, f"{prefix}{later.name}")


def _below(node: Node, path: str) -> Iterator[str]:
    """The leaf or list itself, or those below an object."""
    if node.kind != "object":
        yield path
        return
    for child in on_wire(node):
        yield from _below(child, f"{path}.{child.name}")
