"""A typed value from a few printed words: what a field's kind, format and shape accept, and how well."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from docpipe.engine.layout.keys.fields import Field, key_of
from docpipe.engine.layout.scoring.weights import weights
from docpipe.literals.conventions import Conventions
from docpipe.literals.currencies import CENTS, MILLS, currencies_of, signs_in
from docpipe.literals.dates import CENTURY_PIVOT, parse_date
from docpipe.literals.identifiers import compact, iban_valid, vat_id_shaped
from docpipe.literals.numbers import parse_number
from docpipe.literals.phrases import parse_boolean
from docpipe.literals.text import MAX_CHARS, folded
from docpipe.literals.times import on_24_hours
from docpipe.page.lines import Token
from docpipe.schema.patterns import matcher

Value = str | Decimal | int | bool | dt.date
Found = tuple[Value, Sequence[Token], float]

MAX_WORDS = 12  # of a text value taken from one line
DATE_WORDS = 5  # "5 de marzo de 2024"
IBAN_WORDS = 10
IBAN_CHARS = 12  # of the shortest that is taken for one, even if it was printed or read wrong
HUNDRED = 100  # percent: no rate is as high
PREFIX_LETTERS = 4  # of a number at most: "RE 4711"
YEARS = range(1900, 2101)  # of a document: "4567/8/12" is a number of something
FIT = weights("fit")  # how well a print fits its field's type, where it does not fit wholly
START_WORDS = 8  # a typed value begins within this many words of its place


PHONE_DIGITS = 5  # of the shortest telephone number
ACCOUNT_DIGITS = 4  # of the shortest number of an account
CODE_WORDS = 3  # of a seat, a room, a grade

_TRIM = " \t:;,|"
_MONEY = re.compile(r"[$€£¥]|\b[A-Z]{3}\b")
_AMOUNT = re.compile(r"[^\w]?\d[\d.,' ]*[.,]\d\d\D?")
_CENTS = re.compile(r"[.,]\d\d$")  # an amount rather than a rate, though there are rates of 7.25
_IBAN_SHAPE = re.compile(r"[A-Z]{2}\d{2}[A-Z]{0,4}\d{8,26}")  # printed wrong, or read wrong from a scan
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_TAX = re.compile(r"(?=(?:.*\d){5})[A-Z]{0,4}[\dA-Z][\dA-Z .\-/]{5,22}", re.IGNORECASE)
_STROKES = frozenset("/-.–")
_GLUED_NUMBERING = re.compile(r"([^\W\d_]+[.°:]+)(?=\S)")  # "No.7", "N°123": the number without it; "#7" is as printed
_TIME = re.compile(r"\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?h?")
_PHONE_PART = re.compile(r"[+(]*\d[\d()/.\-–]*|[-–/+]|\(\d+\)")
_UNMARKED = re.compile(r"\d{7}")
_COMPACT = re.compile(r"\d{6}|\d{8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reading:
    """A value read from `tokens`; `fit` in (0, 1] says how well the print fits the field's type."""

    value: Value
    tokens: tuple[Token, ...]
    fit: float

    @property
    def text(self) -> str:
        return " ".join(token.text for token in self.tokens)


def read(field: Field, tokens: Sequence[Token], style: Conventions) -> Reading | None:
    """The field's value at the beginning of `tokens`, or None if nothing there has its type."""
    signed = field.node.kind in ("number", "integer")
    tokens = _trimmed(tokens, numbering=field.type == "identifier", marks=_TRIM + "." if signed else _TRIM + ".-–")
    if not tokens or field.node.kind == "datetime":
        return None
    found = _reader(field)(field, tokens, style)
    return None if found is None else Reading(found[0], tuple(found[1]), found[2])


def _reader(field: Field) -> Callable[[Field, Sequence[Token], Conventions], Found | None]:
    by_kind = {"date": _date, "number": _number, "integer": _integer, "boolean": _boolean}
    by_format = {"currency": _currency, "iban": _iban, "vat-id": _tax_id, "email": _email}
    if field.node.kind in by_kind:
        return by_kind[field.node.kind]
    if field.node.format in by_format:
        return by_format[field.node.format]
    if field.node.enum:
        return _enum
    if field.node.pattern:
        return _patterned
    if field.shape in _SHAPED:
        return _SHAPED[field.shape]
    return _identifier if field.type == "identifier" else _text


def _trimmed(tokens: Sequence[Token], *, numbering: bool, marks: str) -> Sequence[Token]:
    """Without the marks between a key and its value, and without the "No." before a number."""
    start = 0
    while start < len(tokens):
        text = tokens[start].text
        if text.strip(marks) and not (numbering and key_of(text) == "no" and not any(map(str.isdigit, text))):
            break
        start += 1
    return tokens[start:]


def _joined(tokens: Sequence[Token]) -> str:
    return " ".join(token.text for token in tokens)


def _date(_field: Field, tokens: Sequence[Token], style: Conventions) -> Found | None:
    for start in range(min(len(tokens), START_WORDS)):
        for stop in range(min(len(tokens), start + DATE_WORDS), start, -1):
            found = parse_date(_joined(tokens[start:stop]).strip(_TRIM + "()"), style.day_first)
            if found is not None and found.date.year in YEARS:
                fit = (1.0 if start == 0 else FIT["late_date"]) * (FIT["ambiguous_date"] if found.ambiguous else 1.0)
                return found.date, tokens[start:stop], fit
    compact = compact_date(tokens[0].text.strip(_TRIM))
    return None if compact is None else (compact, tokens[:1], FIT["compact_date"])


def compact_date(text: str) -> dt.date | None:
    """The date of six or eight digits, year first: "210315", "20210315". Without a key they may be any number."""
    if _COMPACT.fullmatch(text) is None:
        return None
    century = "" if len(text) > len("210315") else "20" if int(text[:2]) <= CENTURY_PIVOT else "19"
    found = parse_date(f"{century}{text[:-4]}-{text[-4:-2]}-{text[-2:]}")
    return found.date if found is not None and found.date.year in YEARS else None


def _number(field: Field, tokens: Sequence[Token], style: Conventions) -> Found | None:
    """The whole text, else its longest beginning, that is a number; a percentage only for a rate."""
    for stop in range(min(len(tokens), START_WORDS), 0, -1):
        text = _joined(tokens[:stop]).strip(_TRIM + "*")
        value = style.number(text, money=field.type == "money")
        if value is None or not _fits_scale(field, value, style):
            continue
        percent = text.rstrip(")").endswith("%")
        if percent and field.type != "rate":
            return None
        if field.type == "money" and not field.array and style.prints_cents and _is_count(value, text, tokens[stop:]):
            return None
        if field.type == "rate":
            if value >= HUNDRED:
                return None
            fit = FIT["rate_like_amount"] if not percent and _CENTS.search(text) else 1.0
        else:
            fit = 1.0 if _MONEY.search(text) or style.shows_decimals(text) else FIT["bare_number"]
        return value, tokens[:stop], fit * (1.0 if stop == len(tokens) else FIT["number_before_words"])
    return None


def _fits_scale(field: Field, value: Decimal, style: Conventions) -> bool:
    """Whether the column holds `value`, and an amount has no more decimals than the document's amounts have."""
    scale = field.node.scale
    if scale is not None and field.type == "money" and scale <= MILLS:
        scale = min(scale, max(style.places, CENTS))
    if scale is not None and -int(value.as_tuple().exponent) > scale:
        return value == round(value, scale)
    return True


def _is_count(value: Decimal, text: str, behind: Sequence[Token]) -> bool:
    """Whether a number among amounts with decimals is none: whole, without a currency, and of something: "748 kWh".

    So are more digits than any amount has without a mark between them: the number under which a tax is registered.
    """
    if value.as_tuple().exponent != 0 or _MONEY.search(text) or currencies_of(text):
        return False
    follows = behind[0].text if behind else ""
    return _UNMARKED.search(text) is not None or (follows[:1].isalpha() and not currencies_of(follows))


def _integer(field: Field, tokens: Sequence[Token], style: Conventions) -> Found | None:
    found = _number(field, tokens, style)
    if found is None or not isinstance(found[0], Decimal) or found[0] != found[0].to_integral_value():
        return None
    return int(found[0]), found[1], 1.0 if len(found[1]) == len(tokens) else FIT["integer_before_words"]


def _boolean(_field: Field, tokens: Sequence[Token], _style: Conventions) -> Found | None:
    said = parse_boolean(tokens[0].text, alone=len(tokens) == 1)
    return None if said is None else (said, tokens[:1], 1.0)


def _currency(_field: Field, tokens: Sequence[Token], style: Conventions) -> Found | None:
    for token in tokens[:START_WORDS]:
        for sign in signs_in(token.text):
            if len(sign.codes) == 1:
                return sign.codes[0], (token,), 1.0
            return style.settled(sign.codes) or sign.codes[0], (token,), 1.0
    return None


def _iban(_field: Field, tokens: Sequence[Token], _style: Conventions) -> Found | None:
    shaped: Found | None = None
    for start in range(min(len(tokens), START_WORDS)):
        if not tokens[start].text.strip(_TRIM + ".")[:2].isalpha():
            continue
        for stop in range(min(len(tokens), start + IBAN_WORDS), start, -1):  # a cut-off IBAN may hold by chance
            if sum(len(token.text) for token in tokens[start:stop]) < IBAN_CHARS:
                break
            code = compact(_joined(tokens[start:stop]).strip(_TRIM + "."))
            if iban_valid(code):
                return code, tokens[start:stop], 1.0
            if shaped is None and _IBAN_SHAPE.fullmatch(code):
                shaped = code, tokens[start:stop], FIT["iban_shape"]
        if shaped is not None:
            break
    return shaped


def _tax_id(_field: Field, tokens: Sequence[Token], _style: Conventions) -> Found | None:
    for stop in range(min(len(tokens), 5), 0, -1):
        text = _joined(tokens[:stop]).strip(_TRIM + ".()")
        if vat_id_shaped(text):
            return text, tokens[:stop], 1.0
        if _TAX.fullmatch(text) and (stop == 1 or all(any(c.isdigit() for c in p.text) for p in tokens[1:stop])):
            return text, tokens[:stop], FIT["tax_number_shape"]
    return None


def _email(_field: Field, tokens: Sequence[Token], _style: Conventions) -> Found | None:
    for token in tokens[:START_WORDS]:
        match = _EMAIL.search(token.text)
        if match is not None:
            return match[0], (token,), 1.0
    return None


def _enum(field: Field, tokens: Sequence[Token], _style: Conventions) -> Found | None:
    """An allowed string that the words begin with, whatever their case and the marks between them."""
    printed = compact(folded(_joined(tokens[:START_WORDS])))
    for allowed in sorted(field.node.enum, key=len, reverse=True):
        key = compact(folded(allowed.replace("_", " ")))
        if key and printed.startswith(key):
            words = len(allowed.replace("_", " ").split())
            return allowed, tokens[:words], 1.0 if printed == key else FIT["enum_before_words"]
    return None


def _patterned(field: Field, tokens: Sequence[Token], _style: Conventions) -> Found | None:
    matches = matcher(field.node.pattern)
    for stop in range(1, min(len(tokens), START_WORDS) + 1):
        text = _joined(tokens[:stop]).strip(_TRIM + ".")
        for shown in (text, text.replace(" ", "")):
            if len(shown) <= MAX_CHARS and matches(shown):
                return _of_the_day(shown, tokens, stop, matches)
            if (time := on_24_hours(shown)) is not None and matches(time):
                return time, tokens[:stop], 1.0
    return None


def _of_the_day(shown: str, tokens: Sequence[Token], stop: int, matches: Callable[[str], bool]) -> Found:
    """The text as it is printed; a time of day before "PM" on the 24-hour clock, if the pattern takes it so."""
    behind = tokens[stop].text if stop < len(tokens) else ""
    time = on_24_hours(f"{shown} {behind}") if behind else None
    return (time, tokens[: stop + 1], 1.0) if time is not None and matches(time) else (shown, tokens[:stop], 1.0)


def _identifier(field: Field, tokens: Sequence[Token], _style: Conventions) -> Found | None:
    """A number with its letters: the words up to the last that holds a digit, three at most."""
    if len(tokens) > START_WORDS:
        tokens = tokens[:1]
    if len(tokens) > 1 and _is_word(tokens[0].text):  # of the key: "Fattura | immediata 1234"
        tokens = tokens[1:]
    stop = max((n for n, token in enumerate(_parts(tokens), 1) if any(c.isdigit() for c in token.text)), default=0)
    stop = _with_parts(tokens, stop)
    text = _joined(tokens[:stop]).strip(_TRIM + "()").rstrip(".")
    numbering = _GLUED_NUMBERING.match(text)
    if numbering is not None and key_of(numbering[1]) == "no":
        text = text[numbering.end() :]
    if not stop or len(text) > (field.node.max_length or MAX_CHARS):
        return None
    if "@" in text or text.endswith("%"):
        return None
    fit = 1.0 if stop == len(tokens) else FIT["identifier_before_words"]
    fit *= FIT["identifier_like_amount"] if stop == 1 and _AMOUNT.fullmatch(text) else 1.0
    fit *= FIT["identifier_like_date"] if parse_date(text) else 1.0
    return text, tokens[:stop], fit * (FIT["identifier_of_words"] if stop > 1 else 1.0)


def _parts(tokens: Sequence[Token]) -> Sequence[Token]:
    """The first three words, up to one behind digits that goes on a sentence, or a date: "4500881 | of 3 March"."""
    parts = tokens[:3]
    numbered = next((at for at, token in enumerate(parts) if any(map(str.isdigit, token.text))), len(parts))
    ends = (at for at in range(numbered + 1, len(parts)) if _ends_number(parts[at - 1].text, parts[at].text))
    return parts[: next(ends, len(parts))]


def _ends_number(before: str, text: str) -> bool:
    return before.endswith((",", ";")) or (text.isalpha() and text.islower()) or parse_date(text) is not None


def _with_parts(tokens: Sequence[Token], stop: int) -> int:
    """`stop` moved behind the parts of a number that a stroke joins to it: "FA 2024 / 031"."""
    while stop and stop + 1 < len(tokens) and tokens[stop].text in _STROKES:
        part = tokens[stop + 1].text
        if not any(char.isdigit() for char in part) or parse_date(part) is not None:
            break
        stop += 2
    return stop


def _is_word(text: str) -> bool:
    """A word, and not the letters that a number begins with."""
    return text.isalpha() and (len(text) > PREFIX_LETTERS or text.islower())


def _printed_date(field: Field, tokens: Sequence[Token], style: Conventions) -> Found | None:
    """A date as it is printed, for a string of which the schema does not say that it is one."""
    found = _date(field, tokens, style)
    return None if found is None else (_joined(found[1]).strip(_TRIM + "()"), found[1], found[2])


def _printed_number(_field: Field, tokens: Sequence[Token], style: Conventions) -> Found | None:
    """A number as it is printed, with its currency or unit right behind it."""
    for stop in range(min(len(tokens), START_WORDS), 0, -1):
        text = _joined(tokens[:stop]).strip(_TRIM)
        if style.number(text) is not None:
            return text, tokens[:stop], 1.0 if stop == len(tokens) else FIT["number_before_words"]
    return None


def _printed_time(_field: Field, tokens: Sequence[Token], _style: Conventions) -> Found | None:
    """A time of day as it is printed."""
    text = tokens[0].text.strip(_TRIM)
    if _TIME.fullmatch(text) is None:
        return None
    noon = len(tokens) > 1 and on_24_hours(f"{text} {tokens[1].text}") is not None and tokens[1].text.isalpha()
    return (f"{text} {tokens[1].text}", tokens[:2], 1.0) if noon else (text, tokens[:1], 1.0)


def _phone(_field: Field, tokens: Sequence[Token], _style: Conventions) -> Found | None:
    """The digits that begin the text, with the marks between them."""
    stop = next((at for at, token in enumerate(tokens) if not _PHONE_PART.fullmatch(token.text)), len(tokens))
    text = _joined(tokens[:stop]).strip(_TRIM + ".")
    if sum(map(str.isdigit, text)) < PHONE_DIGITS:
        return None
    return text, tokens[:stop], 1.0 if stop == len(tokens) else FIT["identifier_before_words"]


def _code(field: Field, tokens: Sequence[Token], _style: Conventions) -> Found | None:
    """A few words that may be digits as well: a seat, a room, a grade."""
    text = _joined(tokens).strip(_TRIM)
    if not any(char.isalnum() for char in text) or len(text) > (field.node.max_length or MAX_CHARS):
        return None
    return text, tokens, 1.0 if len(tokens) <= CODE_WORDS else FIT["long_text"]


def _printed_iban(field: Field, tokens: Sequence[Token], style: Conventions) -> Found | None:
    """An IBAN, else the number of an account."""
    return _iban(field, tokens, style) or _account(field, tokens, style)


def _account(field: Field, tokens: Sequence[Token], style: Conventions) -> Found | None:
    """The number of an account as it is printed, with all its groups; else any identifier, but no date."""
    stop = next((at for at, token in enumerate(tokens) if not any(map(str.isdigit, token.text))), len(tokens))
    text = _joined(tokens[:stop]).strip(_TRIM + ".")
    if parse_date(text) is not None:
        return None
    if sum(map(str.isdigit, text)) < ACCOUNT_DIGITS or stop > IBAN_WORDS:
        return _identifier(field, tokens, style)
    return text, tokens[:stop], 1.0 if stop == len(tokens) else FIT["identifier_before_words"]


_SHAPED = {
    **{"date": _printed_date, "number": _printed_number, "time": _printed_time, "phone": _phone, "email": _email},
    **{"code": _code, "iban": _printed_iban, "account": _account},
}


def _text(field: Field, tokens: Sequence[Token], _style: Conventions) -> Found | None:
    text = _joined(tokens).strip(_TRIM)
    if not any(char.isalnum() for char in text) or len(text) > (field.node.max_length or 2000):
        return None
    if parse_date(text) or parse_number(text) is not None:
        return text, tokens, FIT["text_like_number"]
    return text, tokens, FIT["text" if len(tokens) <= MAX_WORDS else "long_text"]
