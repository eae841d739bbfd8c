"""What pydantic generates is a schema with these columns, or is refused with this fault; as a class and as a file."""

from __future__ import annotations

import datetime as dt
import enum
import json
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import AnyUrl, BaseModel, Field, conlist, constr, create_model
from pydantic.json_schema import GenerateJsonSchema

from docpipe.errors import InvalidSchema
from docpipe.schema.load import load_schema


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Step(enum.IntEnum):
    ONE = 1
    TWO = 2


class Card(BaseModel):
    kind: Literal["card"]
    number: str


class Cash(BaseModel):
    kind: Literal["cash"]
    coins: int


class Tree(BaseModel):
    name: str
    kids: list[Tree] = []


class DecimalPatterns(GenerateJsonSchema):
    """Writes the pattern of a Decimal's text, as pydantic 2.12 did by itself."""

    def get_decimal_pattern(self, schema: Any) -> str | None:
        return self.build_decimal_pattern(schema)


TAKEN: dict[str, tuple[Any, tuple[str, int | None, bool]]] = {
    "text": (str, ("string", None, False)),
    "optional": (str | None, ("string", None, True)),
    "decimal": (Decimal, ("number", 6, False)),
    "money": (Annotated[Decimal, Field(decimal_places=2, max_digits=12, ge=0)], ("number", 2, False)),
    "optional_money": (Annotated[Decimal, Field(decimal_places=2)] | None, ("number", 2, True)),
    "real": (float, ("number", None, False)),
    "whole": (Annotated[int, Field(ge=0, lt=10, multiple_of=2)], ("integer", None, False)),
    "yes": (bool, ("boolean", None, False)),
    "day": (dt.date, ("date", None, False)),
    "moment": (dt.datetime, ("datetime", None, False)),
    "time": (dt.time, ("string", None, False)),
    "identifier": (uuid.UUID, ("string", None, False)),
    "address": (AnyUrl, ("string", None, False)),
    "bounded": (constr(min_length=1, max_length=9, pattern="^[A-Z]+$"), ("string", None, False)),
    "colour": (Colour, ("string", None, False)),
    "step": (Step, ("integer", None, False)),
    "word": (Literal["a", "b"], ("string", None, False)),
    "tag": (Literal["a"], ("string", None, False)),
    "figure": (Literal[1, 2], ("integer", None, False)),
    "strings": (list[str], ("array", None, False)),
    "few": (conlist(int, min_length=1, max_length=3), ("array", None, False)),
    "set": (set[str], ("array", None, False)),
    "tuple_of_any_length": (tuple[int, ...], ("array", None, False)),
    "inner": (Card, ("object", None, False)),
    "optional_inner": (Card | None, ("object", None, True)),
    "rows": (list[Card], ("array", None, False)),
}
REFUSED: dict[str, tuple[Any, str]] = {
    "map": (dict[str, int], "additionalProperties: a map from names to values has no columns"),
    "tuple": (tuple[int, str], "prefixItems (a tuple) has no typed column"),
    "union": (str | int, "anyOf of several types (string, integer)"),
    "told_apart": (Annotated[Card | Cash, Field(discriminator="kind")], "oneOf of Card, Cash, told apart by 'kind'"),
    "either": (Card | Cash, "anyOf of several types"),
    "mixed": (Literal["a", 1], "enum values must be strings"),
    "true": (Literal[True], "an enum is of text"),
    "anything": (Any, "needs exactly one type"),
    "tree": (Tree, "holds itself, by $ref #/$defs/Tree"),
    "matrix": (list[list[int]], "an array of arrays"),
    "lookaround": (Annotated[str, Field(json_schema_extra={"pattern": "(?=a)"})], "lookaround"),
}

for _name, (_kind, _) in {**TAKEN, **REFUSED}.items():
    globals()[f"Of_{_name}"] = create_model(f"Of_{_name}", x=(_kind, ...))


def as_file(folder: Path, name: str, **how: Any) -> str:
    document = globals()[f"Of_{name}"].model_json_schema(**how)
    path = folder / "model.json"
    path.write_text(json.dumps(document))
    return str(path)


@pytest.mark.parametrize("name", TAKEN)
def test_what_pydantic_generates_has_these_columns(name: str, tmp_path: Path) -> None:
    wanted = TAKEN[name][1]
    patterns = as_file(tmp_path, name, schema_generator=DecimalPatterns)
    for reference in (f"{__name__}:Of_{name}", patterns):
        (node,) = load_schema(reference).root.children
        assert (node.kind, node.scale, node.nullable) == wanted


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_column_is_named(name: str, tmp_path: Path) -> None:
    for reference in (f"{__name__}:Of_{name}", as_file(tmp_path, name)):
        with pytest.raises(InvalidSchema) as refused:
            load_schema(reference)
        assert REFUSED[name][1] in refused.value.message
        assert "  - x" in refused.value.message


@pytest.mark.parametrize(("default", "taken"), [(None, True), ("", True), ("EUR", False)])
def test_a_default_is_taken_only_where_it_means_nothing(default: str | None, taken: bool) -> None:
    globals()["Default"] = create_model("Default", x=(str | None, default))
    if taken:
        assert load_schema(f"{__name__}:Default").root.children
    else:
        with pytest.raises(InvalidSchema, match="its default 'EUR' would stand for what no page says"):
            load_schema(f"{__name__}:Default")


def test_decimals_written_out_as_text_are_named(tmp_path: Path) -> None:
    path = as_file(tmp_path, "money", schema_generator=DecimalPatterns, mode="serialization")
    with pytest.raises(InvalidSchema, match="model_json_schema"):
        load_schema(path)
