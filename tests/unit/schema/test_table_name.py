"""A file's name that is no table's name becomes one; nothing in the working folder takes a shipped schema's place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.errors import InvalidSettings, UnknownSchema
from docpipe.schema.columns import LEDGER_TABLES
from docpipe.schema.load import load_schema, shipped_schemas
from docpipe.schema.names import NAME
from docpipe.schema.table_name import table_name
from docpipe.settings_sources import load_settings

BILL = {"type": "object", "properties": {"meter_point": {"type": "string"}}}


@pytest.mark.parametrize(
    ("file", "table"),
    [
        ("bill.json", "bill"),
        ("Bill.json", "Bill"),
        ("statement.schema.json", "statement"),
        ("STATEMENT.SCHEMA.JSON", "STATEMENT"),
        ("1-bill.json", "t1_bill"),
        ("2024.json", "t2024"),
        ("my bill (v1.2).json", "my_bill_v1_2"),
        ("Übersicht-März.json", "Ubersicht_Marz"),
        ("_bill.json", "bill"),
        ("bill_.json", "bill_"),
        ("sources.json", "sources_table"),
        ("Runs.json", "Runs_table"),
        ("current", "current_table"),
    ],
)
def test_a_file_names_its_table(file: str, table: str) -> None:
    assert table_name(file) == table


@given(st.text(max_size=120))
def test_every_file_has_a_table_that_is_none_of_docpipes_own(name: str) -> None:
    found = table_name(name)
    assert NAME.match(found)
    assert found.lower() not in LEDGER_TABLES
    assert table_name(found) == found


@pytest.mark.parametrize("pair", [("Счёт.json", "Акт.json"), (f"{'a' * 70}1.json", f"{'a' * 70}2.json")])
def test_names_that_are_cut_or_replaced_stay_apart(pair: tuple[str, str]) -> None:
    assert len({table_name(name) for name in pair}) == 2


@pytest.mark.parametrize("name", ["statement.schema.json", "1-bill.json", "sources.json"])
def test_a_schema_is_loaded_under_its_tables_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(json.dumps(BILL))
    assert load_schema(str(tmp_path / name)).name == table_name(name)


@pytest.mark.parametrize("name", shipped_schemas())
def test_a_bare_name_is_the_shipped_schema_whatever_lies_in_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    shipped = load_schema(name).fingerprint
    (tmp_path / name).write_text(json.dumps(BILL))
    assert load_schema(name).fingerprint == shipped
    assert load_schema(f"./{name}").root.child("meter_point") is not None


def test_a_file_without_ending_is_named_with_a_slash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bill").write_text(json.dumps(BILL))
    with pytest.raises(UnknownSchema, match=r"named \./bill"):
        load_schema("bill")
    assert load_schema("./bill").name == "bill"


def test_a_bare_name_is_the_shipped_pipeline_whatever_lies_in_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shipped = load_settings("invoices")
    (tmp_path / "invoices").write_text("schema: receipt\nout: elsewhere\n")
    assert load_settings("invoices") == shipped
    assert load_settings("./invoices").out == "elsewhere"
    (tmp_path / "mine.yaml").write_text("out: mine\n")
    assert load_settings("mine.yaml").out == "mine"
    with pytest.raises(InvalidSettings):
        load_settings("mine")
