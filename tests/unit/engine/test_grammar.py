"""Whatever the grammar lets through is a record that holds; whatever record is true, it lets through."""

from __future__ import annotations

import datetime as dt
import json
import random
import sys
import time
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from llguidance import LLMatcher, LLTokenizer
from llguidance.numpy import allocate_token_bitmask, fill_next_token_bitmask
from pydantic import BaseModel, Field
from tokenizers import Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel

from docpipe.engine import grammar
from docpipe.engine.grammar import Grammar, json_grammar
from docpipe.errors import InvalidSchema
from docpipe.resolve.coerce import Coercion, coerce
from docpipe.resolve.decode import decode
from docpipe.resolve.validate import validate
from docpipe.schema.load import load_schema, parse_schema, shipped_schemas
from docpipe.schema.nodes import Node, Schema
from docpipe.schema.paths import generic
from docpipe.schema.values import currency_symbols
from tests.conftest import ORDER

END = 256  # the id of the end of text; 0 to 255 are the bytes in the order of the alphabet
ALPHABET = sorted(ByteLevel.alphabet())


class Part(BaseModel):
    code: Annotated[str, Field(pattern=r"^[A-Z]{2}-\d{3}$")]
    weight: Annotated[Decimal, Field(decimal_places=3, ge=0, lt=100)] | None = None
    made: dt.date | None = None


class Delivery(BaseModel):
    """What pydantic writes: $defs, $ref, anyOf with null, exclusive bounds, a title everywhere."""

    note: Annotated[str, Field(min_length=5, max_length=40)]
    seen_at: dt.datetime | None = None
    pieces: Annotated[int, Field(gt=0, le=500)] | None = None
    first: Part | None = None
    parts: Annotated[list[Part], Field(max_length=4)] | None = None
    tags: list[str] | None = None


def schemas() -> list[Schema]:
    own = [parse_schema(ORDER, "order"), load_schema(f"{__name__}:Delivery")]
    return own + [load_schema(name) for name in shipped_schemas()]


@lru_cache(maxsize=1)
def tokenizer() -> Tokenizer:
    """One token a byte, as the Qwen tokenizers spell bytes, and an end of text."""
    made = Tokenizer(BPE(vocab={char: index for index, char in enumerate(ALPHABET)}, merges=[]))
    made.pre_tokenizer = ByteLevel(add_prefix_space=False, use_regex=False)
    made.decoder = ByteLevelDecoder()
    made.add_special_tokens(["<|im_end|>"])
    return made


@lru_cache(maxsize=1)
def vocabulary() -> LLTokenizer:
    return LLTokenizer(tokenizer().to_str(), eos_token=END)


@lru_cache(maxsize=64)
def compiled(json_schema: str) -> LLMatcher:
    matcher = LLMatcher(vocabulary(), LLMatcher.grammar_from_json_schema(json_schema), log_level=0)
    assert not matcher.is_error(), matcher.get_error()
    return matcher


def matcher_of(made: Grammar) -> LLMatcher:
    return compiled(json.dumps(made.json_schema)).deep_copy()


def accepts(made: Grammar, text: str) -> bool:
    matcher = matcher_of(made)
    ids = tokenizer().encode(text).ids
    return matcher.try_consume_tokens(ids) == len(ids) and matcher.is_accepting()


def field(**keywords: Any) -> dict[str, Any]:
    """A document with the one field `a`, required and never null."""
    return {"type": "object", "required": ["a"], "properties": {"a": keywords}}


def takes(keywords: dict[str, Any], value: str) -> bool:
    """Whether the JSON text `value` may stand in a field of these keywords."""
    return accepts(json_grammar(field(**keywords)), f'{{"a":{value}}}')


def walk(made: Grammar, chance: random.Random) -> str:
    """A text of tokens picked at random among the allowed, with a liking for what closes."""
    matcher, mask = matcher_of(made), allocate_token_bitmask(1, END + 1)
    closing = [ALPHABET.index(char) for char in '"]}']
    ids: list[int] = []
    while True:
        fill_next_token_bitmask(matcher, mask, 0)
        bits = np.unpackbits(mask.view(np.uint8), bitorder="little")
        allowed = np.flatnonzero(bits[: END + 1]).tolist()
        ends = [token for token in closing if token in allowed]
        token = chance.choice(ends if ends and chance.random() < 0.1 else allowed)
        if token == END:
            return str(tokenizer().decode(ids))
        assert matcher.consume_token(token), matcher.get_error()
        ids.append(token)


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nulls(below) for name, below in value.items() if below is not None}
    return [without_nulls(below) for below in value] if isinstance(value, list) else value


def check_answer(schema: Schema, made: Grammar, text: str) -> None:
    """`text` is what the grammar promises: compact JSON that every later stage takes without a word."""
    plain = json.loads(text)
    assert json.dumps(plain, ensure_ascii=False, separators=(",", ":"), cls=None).count("\n") == 0
    assert list(plain) == [child.name for child in schema.root.children]
    left = {sentence.split(":")[0].replace("[]", "") for sentence in made.unenforced}
    faults = Draft202012Validator(schema.document).iter_errors(without_nulls(plain))
    assert [fault.message for fault in faults] == []
    found = Coercion()
    record = coerce(schema.root, decode(text), found)
    assert found.violations == []
    assert {edit.rule for edit in found.edits} <= {"coerce:absent"}  # "-" and "n/a" are read as null
    broken, _ = validate(schema, record)
    assert [one for one in broken if not {generic(path) for path in one.paths} & left] == []


@pytest.mark.parametrize("schema", schemas(), ids=lambda schema: schema.name)
def test_every_schema_compiles_within_milliseconds(schema: Schema) -> None:
    made = json_grammar(schema.document)
    source = LLMatcher.grammar_from_json_schema(made.json_schema)
    took = []
    for _ in range(5):
        start = time.perf_counter()
        assert not LLMatcher(vocabulary(), source).is_error()
        took.append(time.perf_counter() - start)
    assert min(took) < 0.05


@pytest.mark.parametrize("schema", schemas(), ids=lambda schema: schema.name)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_any_walk_through_the_grammar_ends_in_a_valid_record(schema: Schema, seed: int) -> None:
    made = json_grammar(schema.document)
    check_answer(schema, made, walk(made, random.Random(seed)))


# True records: what a document may print, canonical as the wire wants it.

SEEN = st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"])
SHOWN = st.characters(exclude_categories=["Cs"], exclude_characters=[chr(code) for code in range(32) if code != 10])
NO_DEL = SHOWN.filter(lambda char: char != "\x7f")


def texts(shortest: int, longest: int) -> st.SearchStrategy[str]:
    rest = st.text(NO_DEL, min_size=max(shortest - 1, 0), max_size=max(min(longest, shortest + 30) - 1, 0))
    return st.builds(str.__add__, SEEN, rest)


def scalars(node: Node) -> st.SearchStrategy[Any]:
    if node.enum:
        return st.sampled_from(node.enum)
    if node.format == "currency":
        return st.sampled_from(sorted(code for code, meant in currency_symbols().items() if code == meant))
    if node.format == "iban":
        return st.just("DE89370400440532013000")
    if node.pattern:
        return st.from_regex(node.pattern.replace("$", r"\Z").replace(r"\d", "[0-9]")).filter(
            lambda text: len(text) <= (node.max_length or grammar.MAX_STRING_CHARS)
        )
    low = -(10**15) + 1 if node.minimum is None else node.minimum
    high = 10**15 - 1 if node.maximum is None else node.maximum
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "string": texts(node.min_length or 1, node.max_length or grammar.MAX_STRING_CHARS),
        "boolean": st.booleans(),
        "date": st.dates(dt.date(1000, 1, 1), dt.date(2999, 12, 31)).map(str),
        "datetime": st.datetimes(dt.datetime(1000, 1, 1), dt.datetime(2999, 12, 31)).map(
            lambda moment: moment.isoformat(timespec="seconds")
        ),
    }
    if node.kind == "integer":
        return st.integers(int(low) + 1, int(high))
    if node.kind == "number":
        places = grammar.MAX_DECIMALS if node.scale is None else node.scale
        return st.decimals(Decimal(low), Decimal(high) - 1, places=places).map(lambda value: value + 0)
    return kinds[node.kind]


def values(node: Node) -> st.SearchStrategy[Any]:
    if node.kind == "object":
        found: st.SearchStrategy[Any] = st.fixed_dictionaries({child.name: values(child) for child in node.children})
    elif node.kind == "array":
        assert node.item is not None
        found = st.lists(values(node.item), max_size=min(node.max_items or 3, 3))
    else:
        found = scalars(node)
    return st.none() | found if node.nullable or (node.name and not node.required) else found


def written(value: Any) -> str:
    """Compact JSON with Decimals as they are."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{written(below)}" for name, below in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize("schema", schemas(), ids=lambda schema: schema.name)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_every_true_record_is_let_through_token_by_token(schema: Schema, data: st.DataObject) -> None:
    text = written(data.draw(values(schema.root)))
    made = json_grammar(schema.document)
    matcher, ids = matcher_of(made), tokenizer().encode(text).ids
    taken = matcher.try_consume_tokens(ids)
    assert taken == len(ids), f"refused at {tokenizer().decode(ids[: taken + 1])[-60:]!r}"
    assert matcher.is_accepting()


# Schemas that users may bring, made at random.


def nodes() -> st.SearchStrategy[dict[str, Any]]:
    bounds = st.integers(-1_000, 1_000)
    text = st.fixed_dictionaries(
        {"type": st.just("string")},
        optional={"minLength": st.integers(5, 8), "maxLength": st.integers(8, 30), "description": st.just("a note")},
    )
    shaped = st.sampled_from(["date", "date-time", "currency", "email", "uuid", "ipv4", "vat-id"])
    number = st.fixed_dictionaries(
        {"type": st.sampled_from(["number", "integer"])},
        optional={"minimum": bounds, "exclusiveMaximum": bounds.map(lambda most: most + 3_000)},
    )
    money = st.integers(0, 12).map(lambda scale: {"type": "number", "x-docpipe": {"scale": scale}})
    leaf = st.one_of(
        text,
        number,
        money,
        shaped.map(lambda form: {"type": "string", "format": form}),
        st.sampled_from([{"type": "boolean"}, {"enum": ["x ray", 'q"uote', "é"]}, {"const": "fixed"}]),
        st.just({"type": "string", "pattern": r"\bword\b", "minLength": 5}),
    )
    return st.recursive(leaf, grown, max_leaves=6)


def grown(below: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    null = {"type": "null"}
    plain = below.filter(lambda node: node.get("type") != "array" and "anyOf" not in node)
    lists = st.fixed_dictionaries(
        {"type": st.just("array"), "items": plain},
        optional={"maxItems": st.integers(2, 5), "minItems": st.integers(0, 2), "uniqueItems": st.booleans()},
    )
    return st.one_of(
        lists,
        objects(below),
        plain.map(lambda node: {"anyOf": [node, null]}),
        plain.map(lambda node: {"allOf": [node], "description": "merged"}),
    )


def objects(below: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from("abcdef"), below, min_size=1, max_size=4).flatmap(
        lambda properties: st.sets(st.sampled_from(sorted(properties))).map(
            lambda needed: {"type": "object", "properties": properties, "required": sorted(needed)}
        )
    )


@settings(max_examples=60, deadline=None)
@given(document=objects(nodes()), seed=st.integers(0, 2**32))
def test_any_schema_that_docpipe_takes_compiles_and_holds(document: dict[str, Any], seed: int) -> None:
    schema = parse_schema(document, "any")
    made = json_grammar(document)
    assert decode(walk(made, random.Random(seed)))
    assert schema.root.children
