"""A version string is raised with the code behind it: outputs are done again where code changed, and nowhere else.

versions.json holds each version with the shape of the code behind it. After a change, raise the version (if anything
that an engine answers or a record says may change by it), then write the file anew:

    python tests/unit/test_versions.py
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK = Path(__file__).with_name("versions.json")

# What is printed -> what is meant: used by the layout engine and by resolve.
VALUES = ("checks", "currencies", "dates", "exact", "expressions", "identifiers", "numbers", "patterns", "values")
MEANING = ("docpipe.literals", "docpipe.page", *(f"docpipe.schema.{name}" for name in VALUES))


@dataclass(frozen=True)
class Behind:
    """The code behind a version: `modules`, and what they import of the packages `within`."""

    modules: tuple[str, ...]
    within: tuple[str, ...] = ()


VERSIONS = {
    "docpipe.engine.layout.engine.VERSION": Behind(
        ("docpipe.engine.layout.engine",), ("docpipe.engine.layout", *MEANING)
    ),
    "docpipe.engine.prompt.PROMPT_VERSION": Behind(("docpipe.engine.prompt",)),
    "docpipe.engine.qwen2vl.prompt.LAYOUT_VERSION": Behind(
        tuple(f"docpipe.engine.qwen2vl.{name}" for name in ("prompt", "chat", "pixels"))
    ),
    "docpipe.engine.qwen2vl.engine._DECODING_VERSION": Behind(
        (
            "docpipe.engine.grammar",
            *(f"docpipe.engine.qwen2vl.{name}" for name in ("choose", "grammar", "repetition", "sequence")),
        )
    ),
    "docpipe.extract.fingerprints.RESOLVE_VERSION": Behind(
        ("docpipe.extract.document", "docpipe.extract.follow_ups"), ("docpipe.resolve", *MEANING)
    ),
}


def file_of(module: str) -> Path | None:
    path = ROOT.joinpath(*module.split("."))
    found = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in found if file.is_file()), None)


def parsed(module: str) -> ast.Module:
    file = file_of(module)
    assert file is not None, f"{module} is gone: name what stands behind the version now"
    return ast.parse(file.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def modules_behind(behind: Behind) -> set[str]:
    found, waiting = set[str](), list(behind.modules)
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += [
                name
                for name in imported(parsed(module))
                if any(name == package or name.startswith(f"{package}.") for package in behind.within) and file_of(name)
            ]
    return found


def shape(node: object) -> str:
    """What a piece of code does: no comments, docstrings, imports or places. Alike for all versions of Python."""
    if isinstance(node, list):
        return "[" + ",".join(shape(below) for below in node) + "]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = [(name, value) for name, value in ast.iter_fields(node) if name not in ("kind", "type_comment") and value]
    if isinstance(node, ast.Constant):
        return f"{type(node.value).__name__}:{node.value!r}"
    return f"{type(node).__name__}(" + ",".join(f"{name}={shape(_code(node, value))}" for name, value in fields) + ")"


def _code(node: ast.AST, value: object) -> object:
    """The value of a field without imports, and without the docstring that a body may begin with."""
    if not isinstance(value, list):
        return value
    kept = [below for below in value if not isinstance(below, ast.Import | ast.ImportFrom)]
    has_body = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    return kept[1:] if kept and has_body and _is_text(kept[0]) else kept


def _is_text(node: object) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def version(name: str) -> str:
    module, _, constant = name.rpartition(".")
    for node in parsed(module).body:
        if isinstance(node, ast.Assign) and sets(node, constant):
            return str(ast.literal_eval(node.value))
    raise AssertionError(f"{module} has no {constant}")


def without_the_version(module: str, name: str) -> ast.Module:
    """The module without the line that says the version: raising it is no change of code."""
    tree, (home, _, constant) = parsed(module), name.rpartition(".")
    if home == module:
        tree.body = [node for node in tree.body if not (isinstance(node, ast.Assign) and sets(node, constant))]
    return tree


def sets(node: ast.Assign, constant: str) -> bool:
    return [ast.unparse(target) for target in node.targets] == [constant]


def data_behind(behind: Behind) -> Iterator[str]:
    """What the JSON files say that lie in the packages."""
    for package in behind.within:
        for path in ROOT.joinpath(*package.split(".")).rglob("*.json"):
            yield json.dumps(json.loads(path.read_text(encoding="utf-8")), sort_keys=True)


def stands(name: str) -> dict[str, str]:
    """The version `name` and the code behind it, whatever its files are called."""
    behind = VERSIONS[name]
    shapes = sorted(shape(without_the_version(module, name)) for module in modules_behind(behind))
    code = "\n".join([*shapes, *sorted(data_behind(behind))])
    return {"version": version(name), "code": hashlib.sha256(code.encode()).hexdigest()[:16]}


@pytest.mark.parametrize("name", VERSIONS)
def test_the_version_was_raised_with_the_code_behind_it(name: str) -> None:
    before, now = json.loads(LOCK.read_text(encoding="utf-8"))[name], stands(name)
    if before == now:
        return
    refresh = "write the lock anew: python tests/unit/test_versions.py"
    if before["version"] == now["version"]:
        pytest.fail(
            f"code behind {name} has changed. Raise it, unless no answer and no record can change; then {refresh}"
        )
    pytest.fail(f"{name} was raised: {refresh}")


def test_every_version_of_the_package_is_held() -> None:
    named = {
        f"{'.'.join(path.relative_to(ROOT).with_suffix('').parts)}.{ast.unparse(target)}"
        for path in (ROOT / "docpipe").rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if ast.unparse(target).endswith("VERSION")
    }
    assert named == set(VERSIONS)


@pytest.mark.parametrize(
    ("code", "same"),
    [
        ('"""Other words."""\nimport b\n\n\ndef f(x: int) -> int:\n    # why\n    return x + 1\n', True),
        ("def f(x: int) -> int:\n    return x + 2\n", False),
        ("def f(x: int) -> int:\n    return x + 1.0\n", False),
        ("def f(x: int) -> int:\n    'x'\n    return (x + 1)\n", True),
        ("async def f(x: int) -> int:\n    return x + 1\n", False),
    ],
)
def test_words_change_no_shape_and_code_does(code: str, same: bool) -> None:
    before = "import a\n\ndef f(x: int) -> int:\n    return x + 1\n"
    assert (shape(ast.parse(before)) == shape(ast.parse(code))) is same


if __name__ == "__main__":
    LOCK.write_text(json.dumps({name: stands(name) for name in VERSIONS}, indent=2) + "\n", encoding="utf-8")
