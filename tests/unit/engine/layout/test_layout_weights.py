"""Every number of a score has a name in weights.json, and every name there is used."""

from __future__ import annotations

import ast
import json
import re
from itertools import pairwise
from pathlib import Path

import docpipe.engine.layout as layout
from docpipe.engine.layout.scoring.weights import calibration

FOLDER = Path(layout.__file__).parent
READ = json.loads((FOLDER / "scoring" / "weights.json").read_text(encoding="utf-8"))
FUNCTIONS = {"weight": "numbers", "weights": "numbers", "shares": "shares"}


def asked_for() -> list[tuple[str, str]]:
    """(section, pattern of a name) of every call in the engine; what an f-string fills in matches any word."""
    found = []
    for path in sorted(FOLDER.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in READ["numbers"]:
                # the name of a feature
                found.append(("numbers", re.escape(node.value)))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
                (argument,) = node.args
                if isinstance(argument, ast.Constant):
                    pattern = re.escape(str(argument.value))
                elif isinstance(argument, ast.JoinedStr):
                    parts = [
                        re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[\w-]+"
                        for part in argument.values
                    ]
                    pattern = "".join(parts)
                else:
                    raise AssertionError(f"{path.name}:{node.lineno}: a name that cannot be looked up")
                found.append((FUNCTIONS[node.func.id], pattern + (r"\..+" if node.func.id == "weights" else "")))
    return found


def test_every_name_is_used_and_every_use_has_a_number() -> None:
    asked = asked_for()
    used = {(section, name) for section, pattern in asked for name in READ[section] if re.fullmatch(pattern, name)}
    assert used == {(section, name) for section in ("numbers", "shares") for name in READ[section]}
    for section, pattern in asked:
        assert any(re.fullmatch(pattern, name) for name in READ[section]), f"no {section} named {pattern}"


def test_no_score_is_written_in_code() -> None:
    """A constant whose comment calls it a score, a quality, a share that remains or odds comes from weights.json."""
    words = re.compile(r"# .*\b(score|quality|remains|odds|probability)\b")
    for path in sorted(FOLDER.rglob("*.py")):
        for line in path.read_text(encoding="utf-8").splitlines():
            number = re.match(r"[A-Z_]+ = -?\d*\.\d+", line)
            assert not (number and words.search(line)), f"{path.relative_to(FOLDER)}: {line}"


def test_shares_and_calibrations_are_probabilities_that_rise() -> None:
    assert all(0.0 < share < 1.0 for name, values in READ["shares"].items() if "odds" not in name for share in values)
    for kind, knots in calibration().items():
        assert (knots[0][0], knots[-1][0]) == (0.0, 1.0), kind
        assert all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(knots)), kind
        assert all(0.0 <= share < 1.0 for _, share in knots), kind


def test_factors_lie_between_nothing_and_a_little_more_than_one() -> None:
    added = ("odds.", "choice.", "issuer.", "recipient.", "exponent.")
    assert all(0.0 < number <= 1.1 for name, number in READ["numbers"].items() if not name.startswith(added))
    assert all(number > 1.0 for name, number in READ["numbers"].items() if name.startswith("odds."))


def test_the_file_is_as_the_fit_writes_it() -> None:
    sections = (
        f'  "{section}": {{\n'
        + ",\n".join(f'    "{name}": {json.dumps(READ[section][name])}' for name in sorted(READ[section]))
        + "\n  }"
        for section in ("numbers", "shares", "calibration")
    )
    written = "{\n" + ",\n".join(sections) + "\n}\n"
    assert (FOLDER / "scoring" / "weights.json").read_text(encoding="utf-8") == written
