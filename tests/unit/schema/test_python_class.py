"""A user's pydantic class: found from the current folder or by its file, wherever needed; its faults are its own."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from docpipe.errors import InvalidSchema, UnknownSchema, UserCodeError
from docpipe.resolve.validate import validate
from docpipe.schema.load import load_schema
from docpipe.schema.python_class import MAX_TRACEBACK_LINES

MODULE = """
from __future__ import annotations
from pydantic import BaseModel, field_validator
import sibling_of_{stem}

class Bill(BaseModel):
    meter: str | None = None
    inner: Inner | None = None

    @field_validator("meter")
    @classmethod
    def known(cls, value):
        return check(value)

class Inner(BaseModel):
    code: str | None = None

def check(value):
    if value == "verdict":
        raise ValueError("not this one")
    return 1 / 0 if value == "zero" else exit(3) if value == "exit" else recurse() if value == "deep" else value

def recurse():
    return recurse()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for stem in ("bills_by_name", "bills_by_file"):
        (tmp_path / f"{stem}.py").write_text(MODULE.format(stem=stem))
        (tmp_path / f"sibling_of_{stem}.py").write_text("")
        sys.modules.pop(stem, None)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_class_is_found_from_the_current_folder_and_nothing_else_is(folder: Path) -> None:
    before = list(sys.path)
    assert load_schema("bills_by_name:Bill").name == "bill"
    assert load_schema("bills_by_file.py:Bill").name == "bill"
    assert load_schema(f"{folder}/bills_by_file.py:Bill").name == "bill"
    assert sys.path == before


@pytest.mark.parametrize("reference", ["bills_by_name:Bill", "./bills_by_file.py:Bill"])
def test_another_process_in_another_folder_finds_it_again(folder: Path, reference: str) -> None:
    schema = load_schema(reference)
    code = (
        "import pickle, sys; from docpipe.schema.model import record_model; "
        "print(record_model(pickle.loads(sys.stdin.buffer.read())).__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps(schema), capture_output=True, cwd="/", check=True
    )
    assert done.stdout.strip() == b"Bill"


def test_the_console_command_finds_it(folder: Path) -> None:
    load = "from docpipe.schema.load import load_schema; print(load_schema('bills_by_name:Bill').name)"
    code = f"import sys; sys.path.remove(''); {load}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=False)
    assert done.stdout.strip() == "bill", done.stderr


def test_no_file_of_the_folder_takes_a_library_s_place(folder: Path) -> None:
    (folder / "colorsys.py").write_text("raise SystemExit('taken over')")
    (folder / "uses_library.py").write_text(
        "import colorsys\n" + "from pydantic import BaseModel\nclass B(BaseModel):\n    a: str\n"
    )
    assert load_schema("uses_library.py:B").name == "b"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import no_such_library\n", "no_such_library"),
        ("def broken(:\n", "SyntaxError"),
        ("def f():\n    return 1 / 0\nf()\n", "ZeroDivisionError"),
        ("raise SystemExit(7)\n", "SystemExit"),
    ],
)
def test_a_module_that_fails_is_one_error_with_the_user_s_own_traceback(folder: Path, text: str, said: str) -> None:
    (folder / "failing.py").write_text("# mine\n" + text)
    for reference in ("failing:Bill", "failing.py:Bill"):
        with pytest.raises(InvalidSchema) as failed:
            load_schema(reference)
        assert said in failed.value.message
        assert "failing.py" in failed.value.message
        assert "importlib" not in failed.value.message
        assert "docpipe/schema" not in failed.value.message


@pytest.mark.parametrize(
    "reference", ["nowhere.py:Bill", "bills_by_file.py:Nothing", "nowhere:Bill", ":Bill", "bills_by_name:check"]
)
def test_what_is_not_there_is_unknown(folder: Path, reference: str) -> None:
    with pytest.raises(UnknownSchema):
        load_schema(reference)


@pytest.mark.parametrize(
    ("value", "said"), [("zero", "ZeroDivisionError"), ("exit", "SystemExit"), ("deep", "RecursionError")]
)
def test_a_validator_that_raises_is_the_user_s_fault_and_says_where(folder: Path, value: str, said: str) -> None:
    schema = load_schema("bills_by_name:Bill")
    with pytest.raises(UserCodeError) as failed:
        validate(schema, {"meter": value, "inner": None})
    lines = failed.value.message.splitlines()
    assert said in lines[-1]
    assert any("bills_by_name.py" in line for line in lines)
    assert not any("pydantic" in line or "docpipe/" in line for line in lines)
    assert len(lines) <= MAX_TRACEBACK_LINES + 1


def test_a_verdict_of_a_validator_is_a_violation_as_any_other(folder: Path) -> None:
    value = {"meter": "verdict", "inner": None}
    violations, _ = validate(load_schema("bills_by_name:Bill"), value)
    assert [one.rule for one in violations] == ["invalid"]
    assert value["meter"] is None
