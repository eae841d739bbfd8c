"""A schema tried on hostile pages and answers before `schemas check` calls it fine.

It runs in a child whose CPU time is limited, so a busy machine fails nothing and a schema that hangs is found.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docpipe.records import Page
    from docpipe.schema.nodes import Node, Schema

MAX_CPU_S = 60  # of all pages and answers; a shipped schema takes some 5
BACKSTOP_S = 1_800  # for a class of the user that sleeps; CPU time is the measure
MAX_LINES = 40  # of a page
MAX_ROWS = 12  # of a list in an answer, 2 of one within it

_CODE = "import sys; sys.path.append(sys.argv[1]); from docpipe.cli.hostile_page import main; main(int(sys.argv[2]))"
_PRINTED = (
    "A1" * 24 + "_!",  # long, and at its last character not what a pattern wants
    "a" * 60 + "!",
    "9" * 4_000,
    "1," * 300,
    "(" * 500 + ")" * 499,
    "1.234.567,89- EUR 1,234,567.89 CR",
    "31.02.2024 0001-01-01 9999-12-31T23:59:59-12:00",
    "\u202e0.1\u200d\u0301 \U0001f9fe \ufffd " + "e\u0301" * 200,
    "x" * 20_000,
)
_ANSWERED: dict[str, Sequence[Any]] = {
    "string": (*_PRINTED, "\u0000", "{}", 5, "A" * 20_001),
    "number": (10**37, -(10**50), "9" * 64, 1.005, "1.234", "1e999", "12O.l0", True),
    "integer": (2**63, -(2**63), "1.5", 10**50, "zz"),
    "boolean": ("maybe", 1, "x"),
    "date": ("9999-12-31", "0001-01-01", "2024-02-30", "01/02/03", 5),
    "datetime": ("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "2024-06-30T23:59:60Z", "now"),
}


def hostile_page_problems(schema: Schema) -> list[str]:
    """What goes wrong when documents made to harm are read under `schema`, in words; [] if nothing does.

    The layout engine reads them, answers as bad as a model could give are resolved, and what is left has to fit
    its columns. Takes a few seconds of CPU, in a child that MAX_CPU_S ends. The user's pydantic class runs there.
    """
    package = Path(__file__).parents[2]
    command = [sys.executable, "-P", "-c", _CODE, str(package), str(MAX_CPU_S)]
    try:
        done = subprocess.run(command, input=pickle.dumps(schema), capture_output=True, timeout=BACKSTOP_S, check=False)
    except subprocess.TimeoutExpired:
        return [
            f"hostile pages were not read within {BACKSTOP_S} seconds: does a validator of yours wait for something?"
        ]
    messages = [json.loads(line) for line in done.stdout.splitlines() if line.startswith(b'{"')]
    problems = [line["problem"] for line in messages if "problem" in line]
    if done.returncode == 0:
        return list(dict.fromkeys(problems))
    trying = next((line["trying"] for line in reversed(messages) if "trying" in line), "starting")
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return [*problems, f"{trying}: not done within {MAX_CPU_S} seconds of CPU time; make the schema simpler"]
    last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["it said nothing"]
    return [*problems, f"{trying}: the process ended with {done.returncode}: {last[0][:300]}"]


def main(max_cpu_s: int) -> None:
    """The child: a schema on standard input, a line of JSON for each thing tried and each problem."""
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (max_cpu_s, max_cpu_s + 5))
    schema: Schema = pickle.loads(sys.stdin.buffer.read())  # noqa: S301  the parent has written it
    for kind, text in _tried(schema):
        print(json.dumps({kind: text}), flush=True)


def _tried(schema: Schema) -> Iterator[tuple[str, str]]:
    from docpipe.errors import DecodeError, DocpipeError
    from docpipe.records import Reply

    for seed, printed in enumerate(_PRINTED):
        page = _page(schema, printed)
        trying = f"reading a page that prints {printed[:20]!r}... ({len(printed)} characters) beside each label"
        yield "trying", trying
        try:
            reply = _read(schema, page)
            answer = json.dumps(_answer(schema.root, seed, 0))
            for what, said in ((trying, reply), ("resolving an answer made to harm", Reply(answer, "stop", "hostile"))):
                yield "trying", what
                yield from (("problem", f"{what}: {misfit}") for misfit in _misfits(schema, page, said))
        except DecodeError:
            continue  # an answer may be refused as a whole
        except DocpipeError as error:
            yield "problem", f"{trying}: {error.code}: {error.message}"
        except Exception as error:  # noqa: BLE001  whatever it is, a document would meet it
            yield "problem", f"{trying}: {type(error).__name__}: {error}"[:1_000]


def _page(schema: Schema, printed: str) -> Page:
    """One line a field: its first label, and `printed` beside it."""
    from docpipe.page.box import Box
    from docpipe.records import Page, Word

    labels = [*dict.fromkeys((*node.all_labels(), node.name)[0] for _, node in schema.root.leaves_of_all())]
    words: list[Word] = []
    for line, label in enumerate(labels[:MAX_LINES]):
        top = 0.02 + 0.96 * line / MAX_LINES
        for at, text in enumerate((f"{label}:", *printed.split(" "))):
            left = 0.05 + 0.1 * min(at, 8)
            words.append(Word(text, Box(left, top, left + 0.09, top + 0.006), line, line))
    return Page(1, 595, 842, words=tuple(words), text_source="layer")


def _read(schema: Schema, page: Page) -> Any:
    from docpipe.engine.layout.engine import LayoutEngine
    from docpipe.records import Request

    request = Request("hostile", "", (page,), schema.document, schema.name, schema.fingerprint, "", 8_192)
    return asyncio.run(LayoutEngine().answer(request))


def _answer(node: Node, seed: int, depth: int) -> Any:
    """An answer of the schema's shape, each value as bad as its type allows."""
    if node.kind == "object":
        return {child.name: _answer(child, seed + at, depth) for at, child in enumerate(node.children)}
    if node.kind == "array" and node.item is not None:
        return [_answer(node.item, seed + row, depth + 1) for row in range(2 if depth else MAX_ROWS)]
    values = _ANSWERED[node.kind]
    return values[seed % len(values)]


def _misfits(schema: Schema, page: Page, reply: Any) -> Iterator[str]:
    """Values of the record that their columns do not take."""
    from docpipe.errors import ValueMisfit
    from docpipe.resolve.record import resolve_document, resolve_window
    from docpipe.schema.paths import generic, leaves
    from docpipe.store.values import column_value

    record = resolve_document(schema, [resolve_window(schema, [page], reply)], [], 0.5)
    nodes = dict(schema.root.leaves_of_all())
    for path, value in leaves(record.value):
        try:
            column_value(value, nodes[generic(path)], path)
        except ValueMisfit as error:
            yield error.message
