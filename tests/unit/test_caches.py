"""No cache of the package grows without a bound: it hangs on the schema it was made of, or says how much it keeps."""

from __future__ import annotations

import ast
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from docpipe.schema.load import load_schema
from docpipe.schema.model import json_validator, record_model

PACKAGE = Path(__file__).parents[2] / "docpipe"
EMPTY_CALLS = {"dict", "list", "set", "OrderedDict", "defaultdict", "WeakKeyDictionary", "deque"}


def unbounded(tree: ast.Module) -> Iterator[str]:
    """Functions with arguments that keep every result, and containers of a module that begin empty."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.args.args:
            yield from (node.name for decorator in node.decorator_list if keeps_all(decorator))
    for node in tree.body:
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if is_empty(value):
            yield ast.unparse(node)


def keeps_all(decorator: ast.expr) -> bool:
    call = decorator if isinstance(decorator, ast.Call) else None
    name = ast.unparse(call.func if call else decorator).rpartition(".")[2]
    if name != "lru_cache":
        return name == "cache"
    bounds = [*call.args, *(word.value for word in call.keywords if word.arg == "maxsize")] if call else []
    return not bounds or (isinstance(bounds[0], ast.Constant) and bounds[0].value is None)


def is_empty(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        return not value.args and ast.unparse(value.func).partition("[")[0] in EMPTY_CALLS
    if isinstance(value, ast.Dict):
        return not value.keys
    return isinstance(value, ast.List | ast.Set) and not value.elts


def test_no_cache_grows_without_a_bound() -> None:
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py")}
    assert {str(path): found for path, tree in trees.items() if (found := list(unbounded(tree)))} == {}


@pytest.mark.parametrize(
    "code",
    [
        "@cache\ndef f(x): ...",
        "@functools.lru_cache(maxsize=None)\ndef f(x): ...",
        "@lru_cache\ndef f(x): ...",
        "_kept: dict[str, int] = {}",
        "_kept = OrderedDict[str, int]()",
    ],
)
def test_an_unbounded_cache_is_seen(code: str) -> None:
    assert list(unbounded(ast.parse(code)))


def test_what_was_made_of_a_schema_is_kept_with_it_and_stays_in_its_process() -> None:
    schema = load_schema("invoice")
    assert record_model(schema) is record_model(schema)
    assert json_validator(schema) is json_validator(schema)
    sent = pickle.loads(pickle.dumps(schema))
    assert sent == schema
    assert record_model(sent) is not record_model(schema)
