"""A JSON Schema -> the narrower one that a model's tokens are held to, and what it leaves to validation.

The wire is compact JSON of one shape: every property present, lists last (see schema.wire), null where
the page does not say, every string, number and list bounded. llguidance compiles it in milliseconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn

from docpipe.errors import InvalidSchema
from docpipe.schema.refs import plain

MAX_DEPTH = 8  # levels, as in schema.parse: only a $ref that holds itself goes deeper
MAX_ITEMS = 10_000  # of a list without its own bound: no answer's token budget reaches it, so none is cut in silence
MAX_STRING_CHARS = 500  # of a string without its own bound: a printed paragraph
LONGEST_STRING_CHARS = 20_000  # whatever the schema says; the record's model takes no more
MAX_MAGNITUDE = 10**15 - 1  # of any number: 15 digits before the point, exact in a double
MAX_DECIMALS = 10  # of any number, whatever its scale: the finest step that llguidance can count in

# White space between tokens is where answers loop; the wire has none.
_COMPACT = {"whitespace_flexible": False, "item_separator": ",", "key_separator": ":"}
_NULL = {"type": "null"}

# Text holds no control character but the line break and starts with something to see: "" and " " are
# null on this wire. The length stands inside the pattern because llguidance masks a lone pattern of
# this form 20 times faster than one beside a maxLength.
_SEEN, _ANY = r"[^\s\x00-\x1f\x7f]", r"[^\x00-\x09\x0b-\x1f\x7f]"

# The proleptic Gregorian calendar of the years 1000 to 2999: 29 February in leap years only.
_LEAP_YEAR = "[12][0-9](0[48]|[2468][048]|[13579][26])|(12|16|20|24|28)00"
_MONTH_DAY = "(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31"
_DATE = f"([12][0-9]{{3}}-({_MONTH_DAY})|({_LEAP_YEAR})-02-29)"
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"  # documents seldom print a zone: it may be missing
_IBAN = "[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}"  # ISO 13616, as stored: without spaces

_LLGUIDANCE_FORMATS = frozenset({"email", "ipv4", "ipv6", "time", "uuid"})  # those that validation asks for
_NUMERIC = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_READ = frozenset(
    {"type", "enum", "const", "properties", "required", "additionalProperties", "items", "minItems", "maxItems"}
    | {"minLength", "maxLength", "pattern", "format", *_NUMERIC}
)
_SAYS_NOTHING = frozenset(
    {"$schema", "$id", "$anchor", "$comment", "$defs", "definitions", "title", "description", "default"}
    | {"examples", "deprecated", "readOnly", "writeOnly"}
)


@dataclass(frozen=True, slots=True)
class Grammar:
    """What llguidance compiles as it stands, and what it does not hold.

    `unenforced`: one sentence a rule that an answer may break and validation must find.
    """

    json_schema: dict[str, Any]
    unenforced: tuple[str, ...] = ()


def json_grammar(document: Mapping[str, Any]) -> Grammar:
    """The grammar of `document`, a JSON Schema that docpipe.schema accepts.

    Null is legal wherever the schema takes it and for every property it does not require; a required
    field that does not take null is always written. Where llguidance is not installed no keyword is
    tried out, and all are taken to be held. Raises InvalidSchema for what has no typed column.
    """
    writer = _Writer(document)
    written = writer.value(document, "", 0, optional=False)
    definitions = {name: json.loads(scalar) for scalar, name in writer.scalars.items()}
    return Grammar({"x-guidance": _COMPACT, "$defs": definitions, **written}, tuple(writer.unenforced))


class _Writer:
    """Walks the document once; `unenforced` and `scalars` grow on the way.

    Equal scalars share one definition: a range of 15 digits takes llguidance 0.4 ms to compile, and
    an invoice has twenty.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.unenforced: list[str] = []
        self.scalars: dict[str, str] = {}  # schema as JSON -> its name

    def value(self, raw: Mapping[str, Any], path: str, depth: int, *, optional: bool) -> dict[str, Any]:
        if depth > MAX_DEPTH:
            _refuse(path, f"nested deeper than {MAX_DEPTH} levels")
        raw, nullable = plain(self.document, raw, lambda what: _refuse(path, what))
        written = self.typed(raw, path, depth)
        for keyword in sorted(raw.keys() - _READ - _SAYS_NOTHING):
            if raw[keyword] and not keyword.startswith("x-"):
                self.leave(path, keyword)
        if nullable or optional or None in raw.get("enum", ()):
            written = {"anyOf": [written, _NULL]}
        return written if _kind(raw) in ("object", "array") else self.shared(written)

    def shared(self, scalar: Mapping[str, Any]) -> dict[str, Any]:
        name = self.scalars.setdefault(json.dumps(scalar), f"scalar{len(self.scalars)}")
        return {"$ref": f"#/$defs/{name}"}

    def typed(self, raw: Mapping[str, Any], path: str, depth: int) -> dict[str, Any]:
        options = raw.get("enum") or ([raw["const"]] if "const" in raw else [])
        if options:
            return {"enum": [option for option in options if option is not None] or [None]}
        match _kind(raw):
            case "object":
                return self.object(raw, path, depth)
            case "array":
                items = self.value(raw["items"], f"{path}[]", depth + 1, optional=False)
                return {"items": items, **self.narrowed("array", _list_limits(raw), path)}
            case "string":
                return self.narrowed("string", _text_limits(raw), path)
            case "number" | "integer" as kind:
                return self.narrowed(kind, _number_limits(raw, kind), path)
            case kind:
                return {"type": kind}

    def object(self, raw: Mapping[str, Any], path: str, depth: int) -> dict[str, Any]:
        needed = raw.get("required", ())
        properties = {
            name: self.value(below, f"{path}.{name}" if path else name, depth + 1, optional=name not in needed)
            for name, below in raw["properties"].items()
        }
        properties = dict(sorted(properties.items(), key=lambda named: _rank(named[1])))
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }

    def narrowed(self, kind: str, limits: Iterable[tuple[str, dict[str, Any]]], path: str) -> dict[str, Any]:
        """`kind` within as many of `limits` as hold together; the others are left to validation."""
        held: list[dict[str, Any]] = []
        for name, limit in limits:
            if limit and _compiles(json.dumps({"type": kind, "allOf": [*held, limit]})):
                held.append(limit)
            else:
                self.leave(path, name)
        return {"type": kind, "allOf": held}

    def leave(self, path: str, name: str) -> None:
        self.unenforced.append(f"{path or 'the record'}: left to validation: {name}")


Limits = Iterable[tuple[str, dict[str, Any]]]  # (what to call it, the keywords; empty if there are none for it)


def _list_limits(raw: Mapping[str, Any]) -> Limits:
    fewest = raw.get("minItems", 0)
    yield "maxItems", {"maxItems": raw.get("maxItems", max(MAX_ITEMS, fewest))}
    if fewest:
        yield "minItems", {"minItems": fewest}


def _text_limits(raw: Mapping[str, Any]) -> Limits:
    form = raw.get("format", "")
    if form in ("date", "date-time"):
        clock = rf"T{_CLOCK}:[0-5][0-9](Z|[+-]{_CLOCK})?" if form == "date-time" else ""
        yield form, {"pattern": f"^{_DATE}{clock}$"}
    else:
        fewest = max(raw.get("minLength", 0), 1)
        most = max(fewest, min(raw.get("maxLength", MAX_STRING_CHARS), LONGEST_STRING_CHARS))
        yield "maxLength", {"pattern": f"^{_SEEN}{_ANY}{{{fewest - 1},{most - 1}}}$"}
    if form in _LLGUIDANCE_FORMATS:
        yield f"format {form!r}", {"format": form}
    elif form == "currency":
        yield "format 'currency'", {"pattern": f"^({_currency_codes()})$"}
    elif form == "iban":
        yield "format 'iban'", {"pattern": f"^{_IBAN}$"}
        yield "the check digits of an IBAN", {}
    elif form not in ("", "date", "date-time"):
        yield f"format {form!r}", {}
    if "pattern" in raw:
        yield f"pattern {raw['pattern']!r}", {"pattern": raw["pattern"]}


def _number_limits(raw: Mapping[str, Any], kind: str) -> Limits:
    if kind == "integer":
        yield "magnitude", {"minimum": -MAX_MAGNITUDE, "maximum": MAX_MAGNITUDE}
    else:
        scale = raw.get("x-docpipe", {}).get("scale", raw.get("x-scale", MAX_DECIMALS))
        step = 10.0 ** -min(scale, MAX_DECIMALS)
        # Two ranges: in one that holds both -1 and 0, llguidance 1.9 takes -0.5 and refuses -0.50.
        below, above = {"minimum": -MAX_MAGNITUDE, "maximum": -step}, {"minimum": 0, "maximum": MAX_MAGNITUDE}
        yield "magnitude", {"anyOf": [below, above]}
        yield "scale", {"multipleOf": step}
    for keyword in _NUMERIC:
        if keyword in raw:
            yield f"{keyword} {raw[keyword]}", {keyword: raw[keyword]}


def _rank(written: Mapping[str, Any]) -> int:
    """The place of what `_Writer.value` gave among its neighbours, as schema.wire has it for nodes."""
    below = written["anyOf"][0] if "anyOf" in written else written
    return 2 if "items" in below else int(any(map(_rank, below.get("properties", {}).values())))


def _kind(raw: Mapping[str, Any]) -> str:
    types = raw.get("type", "string")  # an enum may go without
    return next(kind for kind in types if kind != "null") if isinstance(types, list) else str(types)


@lru_cache(maxsize=1)
def _currency_codes() -> str:
    from docpipe.literals.currencies import iso_codes  # late: it loads the locale data

    return "|".join(sorted(iso_codes()))


@lru_cache(maxsize=4096)
def _compiles(schema: str) -> bool:
    """Whether llguidance can hold an answer to this JSON Schema and some answer is left."""
    try:
        from llguidance import LLMatcher
    except ImportError:
        return True
    return not LLMatcher.validate_grammar(LLMatcher.grammar_from_json_schema(schema))


def _refuse(path: str, what: str) -> NoReturn:
    raise InvalidSchema(f"{path or '(root)'}: {what}")
