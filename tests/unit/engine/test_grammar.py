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
from docpipe.literals.currencies import iso_codes
from docpipe.resolve.coerce import Coercion, coerce
from docpipe.resolve.decode import decode
from docpipe.resolve.validate import validate
from docpipe.schema.load import load_schema, parse_schema, shipped_schemas
from docpipe.schema.nodes import Node, Schema
from docpipe.schema.paths import generic
from docpipe.schema.wire import on_wire
from tests.conftest import ORDER

END = 256  # the id of the end of text; 0 to 255 are the bytes in the order of the alphabet
ALPHABET = sorted(ByteLevel.alphabet())


class Maker(BaseModel):
    name: str | None = None
    since: dt.date | None = None


class Part(BaseModel):
    code: Annotated[str, Field(pattern=r"^[A-Z]{2}-\d{3}$")]
    weight: Annotated[Decimal, Field(decimal_places=3)] | None = None
    maker: Maker | None = None


class Delivery(BaseModel):
    """What pydantic writes: $defs, $ref, anyOf with null, a default and a title everywhere."""

    note: Annotated[str, Field(min_length=5, max_length=40)]
    seen_at: dt.datetime | None = None
    pieces: Annotated[int, Field(ge=1, le=500)] | None = None
    made_by: Maker | None = None
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


def without_nulls(value: Any, required: list[str]) -> Any:
    """The grammar writes null for what is absent; JSON Schema wants it left out, unless it is required."""
    if isinstance(value, dict):
        kept = {name: below for name, below in value.items() if below is not None or name in required}
        return {name: without_nulls(below, required) for name, below in kept.items()}
    return [without_nulls(below, required) for below in value] if isinstance(value, list) else value


def named(path: str, left: list[str]) -> bool:
    """Whether a fault at `path` is one that the grammar named; a fault below an anyOf is told of the anyOf."""
    return any(f"{one}.".startswith(f"{generic(path)}.") for one in left)


def check_answer(schema: Schema, made: Grammar, text: str) -> None:
    """`text` is what the grammar promises: compact JSON that every later stage takes without a word."""
    plain = json.loads(text)
    assert list(plain) == [child.name for child in on_wire(schema.root)]
    left = [sentence.split(":")[0].replace("[]", "") for sentence in made.unenforced]
    faults = Draft202012Validator(schema.document).iter_errors(
        without_nulls(plain, schema.document.get("required", []))
    )
    assert [fault.message for fault in faults if not named(fault.json_path[2:], left)] == []
    found = Coercion()
    record = coerce(schema.root, decode(text).value, found)
    assert found.violations == []
    assert {edit.rule for edit in found.edits} <= {"coerce:absent", "sign:positive"}  # "-" and "n/a" are read as null
    broken, _ = validate(schema, record)
    assert [one for one in broken if not all(named(path, left) for path in one.paths)] == []


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


DAYS = (dt.date(1000, 1, 1), dt.date(2999, 12, 31))
MOMENTS = [dt.datetime.combine(day, dt.time()) for day in DAYS]


def texts(shortest: int, longest: int) -> st.SearchStrategy[str]:
    rest = st.text(NO_DEL, min_size=max(shortest - 1, 0), max_size=max(min(longest, shortest + 30) - 1, 0))
    return st.builds(str.__add__, SEEN, rest)


def abs_zero(value: Decimal) -> Decimal:
    return abs(value) if value == 0 else value  # -0.00 is nobody's amount


def scalars(node: Node) -> st.SearchStrategy[Any]:
    if node.enum:
        return st.sampled_from(node.enum)
    if node.format == "currency":
        return st.sampled_from(sorted(iso_codes()))
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
        "date": st.dates(*DAYS).map(str),
        "datetime": st.datetimes(*MOMENTS, timezones=st.sampled_from([None, dt.UTC])).map(
            lambda moment: moment.isoformat(timespec="seconds")
        ),
    }
    if node.kind == "integer":
        return st.integers(int(low), int(high))
    if node.kind == "number":
        places = grammar.MAX_DECIMALS if node.scale is None else node.scale
        return st.decimals(Decimal(low), Decimal(high), places=places).map(abs_zero)
    return kinds[node.kind]


def values(node: Node) -> st.SearchStrategy[Any]:
    if node.kind == "object":
        children = on_wire(node)
        names = [child.name for child in children]
        found: st.SearchStrategy[Any] = st.tuples(*map(values, children)).map(
            lambda drawn: dict(zip(names, drawn, strict=True))
        )
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


TRUE_RECORDS = {schema.name: values(schema.root).map(written) for schema in schemas()}


@pytest.mark.parametrize("schema", schemas(), ids=lambda schema: schema.name)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_every_true_record_is_let_through_token_by_token(schema: Schema, data: st.DataObject) -> None:
    text = data.draw(TRUE_RECORDS[schema.name])
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
        optional={"maxItems": st.integers(2, 5), "uniqueItems": st.booleans()},
    )
    return st.one_of(
        lists,
        below.map(lambda node: {"type": "object", "properties": {"inner": node}}),
        plain.map(lambda node: {"anyOf": [node, null]}),
        plain.map(lambda node: {"allOf": [node], "description": "merged"}),
    )


def documents() -> st.SearchStrategy[dict[str, Any]]:
    """Only the root requires, and nothing nullable: resolve makes an absent object one of nulls."""
    return st.dictionaries(st.sampled_from("abcdef"), nodes(), min_size=1, max_size=4).flatmap(
        lambda properties: st.sets(st.sampled_from(sorted(properties))).map(
            lambda chosen: {
                "type": "object",
                "properties": properties,
                "required": sorted(name for name in chosen if "anyOf" not in properties[name]),
            }
        )
    )


@settings(max_examples=60, deadline=None)
@given(document=documents(), seed=st.integers(0, 2**32))
def test_any_schema_that_docpipe_takes_compiles_and_holds(document: dict[str, Any], seed: int) -> None:
    schema = parse_schema(document, "any")
    made = json_grammar(document)
    check_answer(schema, made, walk(made, random.Random(seed)))


# One keyword at a time.

TEXT = {"type": "string"}
NUMBER = {"type": "number"}
CENTS = {**NUMBER, "x-docpipe": {"scale": 2}}


@pytest.mark.parametrize(
    ("keywords", "fine", "refused"),
    [
        (TEXT, ['"a b"', '"a\\nb"', '"\\"\\\\"', '"\u65e5\u672c"'], ['""', '" a"', '"\\n"', '"\u00a0a"', '"a\tb"']),
        (TEXT, [], ['"a\\u0000"', '"a\\tb"', '"\\ud800"', '"\\u0041"', "null"]),
        (TEXT, [f'"{"x" * 500}"'], [f'"{"x" * 501}"']),
        ({**TEXT, "maxLength": 900}, [f'"{"x" * 900}"'], [f'"{"x" * 901}"']),
        ({**TEXT, "minLength": 2, "maxLength": 3}, ['"ab"', '"\u65e5\u672c\u8a9e"'], ['"a"', '"abcd"']),
        ({**TEXT, "pattern": "b+"}, ['"abc"'], ['"ac"']),
        ({**TEXT, "pattern": "^[A-Z]{2}$", "maxLength": 9}, ['"AB"'], ['"ABC"', '"ab"']),
        ({**TEXT, "enum": ["a b", 'c"']}, ['"a b"', '"c\\""'], ['"a"', "null"]),
        ({"const": "yes"}, ['"yes"'], ['"no"']),
        ({"enum": ["a", None]}, ['"a"', "null"], ['"b"']),
        ({"type": ["string", "null"]}, ['"a"', "null"], ['""']),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, ["7", "null"], ["7.5"]),
        ({"allOf": [{"type": "integer", "minimum": 3}]}, ["3"], ["2", "null"]),
        (CENTS, ["0", "-0.05", "-0.50", "12.3", "12.30", "999999999999999"], ["12.345", "1e2", "007", ".5", "1,000"]),
        (CENTS, [], ["1000000000000000", "-1000000000000000", "999999999999999.01"]),
        ({**NUMBER, "x-docpipe": {"scale": 0}}, ["12"], ["12.0", "12.5"]),
        ({**NUMBER, "x-scale": 3}, ["1.125"], ["1.1255"]),
        (NUMBER, ["0.0000000001", "-3.25"], ["0.00000000001", "1e-3", "NaN"]),
        ({**CENTS, "minimum": 0.5, "exclusiveMaximum": 2}, ["0.5", "1.99"], ["0.49", "2", "2.00"]),
        ({**CENTS, "multipleOf": 0.05}, ["0.05", "1.1"], ["0.01"]),
        ({"type": "integer"}, ["-7", "999999999999999"], ["1000000000000000", "1.0", "1e3"]),
        ({"type": "integer", "exclusiveMinimum": 0, "maximum": 9}, ["1", "9"], ["0", "10"]),
        ({"type": "boolean"}, ["true", "false"], ["1", '"true"', "null"]),
        ({**TEXT, "format": "date"}, ['"2024-02-29"', '"2000-02-29"'], ['"2023-02-29"', '"1900-02-29"', '"2024-4-3"']),
        ({**TEXT, "format": "date"}, ['"1871-12-31"'], ['"2024-13-01"', '"24-01-01"', '"0001-01-01"', '"01.02.2024"']),
        ({**TEXT, "format": "date-time"}, ['"2024-02-29T23:59:59"', '"2024-01-01T00:00:00+02:00"'], ['"2024-01-01"']),
        ({**TEXT, "format": "date-time"}, ['"2024-01-01T00:00:00Z"'], ['"2023-02-29T00:00:00Z"', '"2024-01-01T24:00"']),
        ({**TEXT, "format": "currency"}, ['"EUR"', '"JPY"'], ['"XQZ"', '"eur"', '"$"', '"Euro"']),
        ({**TEXT, "format": "iban"}, ['"DE89370400440532013000"'], ['"DE89 3704 0044 0532 0130 00"', '"123"']),
        ({**TEXT, "format": "email"}, ['"a@b.eu"'], ['"a.b.eu"']),
        ({"type": "array", "items": {"type": "boolean"}}, ["[]", "[true,false]"], ["[true, false]", "[1]", "[true,]"]),
        ({"type": "array", "items": NUMBER, "minItems": 1, "maxItems": 2}, ["[1]", "[1,2]"], ["[]", "[1,2,3]"]),
    ],
)  # fmt: skip
def test_a_keyword_lets_through_what_it_means(keywords: dict[str, Any], fine: list[str], refused: list[str]) -> None:
    assert [value for value in fine if not takes(keywords, value)] == []
    assert [value for value in refused if takes(keywords, value)] == []


def test_the_shape_is_fixed() -> None:
    made = json_grammar({"type": "object", "required": ["b"], "properties": {"b": NUMBER, "a": NUMBER}})
    assert accepts(made, '{"b":1,"a":2}')
    assert accepts(made, '{"b":1,"a":null}')  # not required: null where absent
    for text in ('{"a":2,"b":1}', '{"b":1}', '{"b":null,"a":2}', '{"b":1, "a":2}', '{"b":1,"a":2,"c":3}', " {}"):
        assert not accepts(made, text)


@pytest.mark.parametrize(
    ("keywords", "left"),
    [
        ({"type": "array", "items": TEXT, "uniqueItems": True}, ["uniqueItems"]),
        ({"type": "array", "items": TEXT, "maxItems": 2, "minItems": 3}, ["minItems"]),
        ({**TEXT, "pattern": r"\bword\b"}, [r"pattern '\\bword\\b'"]),
        ({**TEXT, "pattern": "^.{9}$", "maxLength": 5}, ["pattern '^.{9}$'"]),
        ({**TEXT, "format": "vat-id"}, ["format 'vat-id'"]),
        ({**TEXT, "format": "iban"}, ["the check digits of an IBAN"]),
        ({**NUMBER, "minimum": 10**16}, [f"minimum {10**16}"]),
        ({"type": "object", "properties": {"b": TEXT}, "minProperties": 1}, ["minProperties"]),
    ],
)
def test_what_cannot_be_held_is_named_and_the_rest_compiles(keywords: dict[str, Any], left: list[str]) -> None:
    made = json_grammar(field(**keywords))
    assert list(made.unenforced) == [f"a: left to validation: {name}" for name in left]
    assert matcher_of(made)


def test_a_rule_inside_a_list_is_named_by_its_path() -> None:
    rows = {"type": "array", "items": {"type": "object", "properties": {"tax": {**TEXT, "format": "vat-id"}}}}
    assert json_grammar(field(**rows)).unenforced == ("a[].tax: left to validation: format 'vat-id'",)


def test_what_only_describes_is_not_named() -> None:
    about = {"title": "A", "description": "b", "default": None, "examples": ["c"], "x-docpipe": {"labels": {}}}
    assert json_grammar(field(**TEXT, **about, uniqueItems=False)).unenforced == ()


def test_a_list_without_a_bound_is_not_cut_at_a_page_full() -> None:
    rows = ",".join(["true"] * 2_000)
    assert takes({"type": "array", "items": {"type": "boolean"}}, f"[{rows}]")


def test_a_schema_that_holds_itself_is_refused() -> None:
    whole = {"type": "object", "properties": {"a": {"$ref": "#/$defs/whole"}}}
    document = {**whole, "$defs": {"whole": whole}}
    with pytest.raises(InvalidSchema, match="nested deeper"):
        json_grammar(document)


def test_what_has_no_column_is_refused_by_its_path() -> None:
    with pytest.raises(InvalidSchema, match="a: oneOf"):
        json_grammar(field(oneOf=[TEXT, NUMBER]))


def test_the_document_is_left_as_it_was_and_the_grammar_is_the_same_each_time() -> None:
    document = load_schema("invoice").document
    before = json.dumps(document)
    assert json.dumps(json_grammar(document).json_schema) == json.dumps(json_grammar(document).json_schema)
    assert json.dumps(document) == before


def test_without_llguidance_every_keyword_is_taken_to_be_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llguidance", None)
    grammar._compiles.cache_clear()
    try:
        made = json_grammar(field(**TEXT, pattern=r"\bword\b"))
    finally:
        grammar._compiles.cache_clear()
    assert made.unenforced == ()
