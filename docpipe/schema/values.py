"""Typed values from printed text: numbers, dates, currencies, account and tax numbers.

Every function is pure and total: it never raises, reads at most MAX_CHARS characters, and returns
None (or False) for what it cannot read. Numbers are exact Decimals, never floats.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

DecimalMark = Literal[".", ","]

MAX_CHARS = 64  # no printed amount, date or account number is longer
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt")  # whose month names are known
CENTURY_PIVOT = 69  # two-digit years up to this are 20xx: the convention of POSIX strptime
MONTH_FIRST_COUNTRIES = frozenset({"US", "PH", "FM", "MH", "PW"})  # CLDR short dates M/d/y
MONTH_FIRST_CURRENCIES = frozenset({"USD", "PHP"})

_SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f\u2002\u2003\u2005\u2006\u200a\t"), " ")
_SIGNS = {**dict.fromkeys(map(ord, "\u2212\u2010\u2011\u2012\u2013\u2014"), "-"), ord("\u2019"): "'"}
_TABLE = _SPACES | _SIGNS | {ord("`"): "'", ord("\u00b4"): "'"}

_DASH_FOR_CENTS = re.compile(r"(?<=\d)[.,](?:-{1,2}|=)(?!\d)")  # 50,- and 50.-- print no cents
_CURRENCY_WORD = (
    r"(?:[A-Za-z]{0,3}[^\w\s.,'()+%*/:;#&@!?\"<>=-]|[A-Z]{3}|[A-Z][A-Za-z]?\.|kr\.?|z\u0142|K\u010d|lei|Ft|Euros?)"
)
_NUMBER = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[+-])?\s*(?:{_CURRENCY_WORD}\s*)?(?P<sign2>[+-])?\s*"
    rf"(?P<digits>\d[\d .,']*|[.,]\d+)\s*%?\s*(?P<after>-)?\s*(?:{_CURRENCY_WORD})?\s*(?P<sign3>-)?\s*(?P<close>\))?\Z"
)
_GROUPED = re.compile(r"\d{1,3}(?:([ .,'])\d{3})(?:\1\d{3})*\Z")
_INDIAN = re.compile(r"\d{1,2}(?:,\d{2})*,\d{3}\Z")

_NUMERIC_DATE = re.compile(
    r"(\d{4}|\d{1,2})\s?([./-]|\s)\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?:[T\s,]\s*\d{1,2}:\d{2}\S*)?\Z"
)
_NAMED_DATE = re.compile(r"\d{1,4}|[^\W\d_]+")
_FILLERS = frozenset(
    {"de", "del", "of", "the", "den", "der", "le", "il", "st", "nd", "rd", "th", "er", "do", "am", "o", "a"}
)

_COMMON_SYMBOLS = {"\u20ac": "EUR", "\u00a3": "GBP", "$": "USD", "\u00a5": "JPY", "fr": "CHF", "sfr": "CHF",
                   "z\u0142": "PLN", "k\u010d": "CZK", "ft": "HUF", "euro": "EUR", "euros": "EUR", "lei": "RON",
                   "c$": "CAD", "s$": "SGD", "us$": "USD", "dollars": "USD"}  # fmt: skip
_CURRENCY_TOKEN = re.compile(r"[^\W\d_]*\$|[^\w\s]|[^\W\d_]+")

CURRENCY_HINT = re.compile(r"[$€£¥₹₽₺₩₪]|(?<![^\W\d_])(?:[A-Z]{3}|(?i:euros?|zł|kč|kr|ft|fr))(?![^\W\d_])")

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}\Z")
_VAT_BODY = {  # EU Commission, "VAT identification numbers": the shape after the country's letters
    "AT": r"U\d{8}", "BE": r"[01]?\d{9}", "BG": r"\d{9,10}", "CY": r"\d{8}[A-Z]", "CZ": r"\d{8,10}", "DE": r"\d{9}",
    "DK": r"\d{8}", "EE": r"\d{9}", "EL": r"\d{9}", "GR": r"\d{9}", "ES": r"[A-Z0-9]\d{7}[A-Z0-9]", "FI": r"\d{8}",
    "FR": r"[A-Z0-9]{2}\d{9}", "HR": r"\d{11}", "HU": r"\d{8}", "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}", "IT": r"\d{11}",
    "LT": r"\d{9}(\d{3})?", "LU": r"\d{8}", "LV": r"\d{11}", "MT": r"\d{8}", "NL": r"\d{9}B\d{2}", "PL": r"\d{10}",
    "PT": r"\d{9}", "RO": r"\d{2,10}", "SE": r"\d{12}", "SI": r"\d{8}", "SK": r"\d{10}", "XI": r"\d{9}(\d{3})?",
    "GB": r"(\d{9}(\d{3})?|GD\d{3}|HA\d{3})", "CH": r"E\d{9}(MWST|TVA|IVA)?", "NO": r"\d{9}(MVA)?",
}  # fmt: skip
_VAT_ID = re.compile("|".join(f"{country}{body}" for country, body in _VAT_BODY.items()))


class PrintedDate(NamedTuple):
    """A date, and whether its day and month could as well be swapped."""

    date: dt.date
    ambiguous: bool


def folded(text: str) -> str:
    """`text` in lower case without accents: what two spellings of one word have in common."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char))


def parse_number(text: str, mark: DecimalMark | None = None) -> Decimal | None:
    """The number printed in `text`: sign, grouping, currency and percent sign understood.

    `mark` is the document's decimal mark; it decides only what the digits leave open ("1.234"),
    and without it such a mark groups thousands: money has seldom three decimals.
    """
    clean = _DASH_FOR_CENTS.sub("", text[:MAX_CHARS].translate(_TABLE).strip())
    match = _NUMBER.match(clean)
    if match is None or len(text) > MAX_CHARS or (match["open"] is None) != (match["close"] is None):
        return None
    plain = _plain_digits(match["digits"].strip(), mark)
    if plain is None:
        return None
    minus = [match["open"], *(match[name] == "-" for name in ("sign", "sign2", "after", "sign3"))]
    value = Decimal(plain)
    return -value if any(minus) and value else value


def _plain_digits(digits: str, mark: DecimalMark | None) -> str | None:
    """ "1.234,50" -> "1234.50"; None if the marks fit no way of writing numbers."""
    if not digits.isascii():
        return None
    if digits.isdigit():
        return digits
    position = max(digits.rfind("."), digits.rfind(","))
    whole, last, fraction = digits[:position], digits[position : position + 1], digits[position + 1 :]
    grouped = bool(_GROUPED.match(digits) or _INDIAN.match(digits))
    if position < 0 or (grouped and not _is_decimal(whole, last, mark)):
        return re.sub(r"\D", "", digits) if grouped else None
    if not fraction.isdigit() or last in whole:
        return None
    if whole and not (whole.isdigit() or _GROUPED.match(whole) or _INDIAN.match(whole)):
        return None
    return f"{re.sub(r'[^0-9]', '', whole) or '0'}.{fraction}"


def _is_decimal(whole: str, last: str, mark: DecimalMark | None) -> bool:
    """Whether the only mark of something like "1.234" is a decimal mark rather than a group's."""
    if not whole.isdigit():
        return last not in whole
    return whole.startswith("0") or last == mark


def decimal_mark(texts: Iterable[str]) -> DecimalMark | None:
    """The decimal mark that a document's amounts show, by vote; None if nothing tells."""
    votes: Counter[str] = Counter()
    for text in texts:
        marks = [char for char in text if char in ".,"]
        if not marks or parse_number(text) is None:
            continue
        last, tail = marks[-1], re.split(r"[.,]", re.sub(r"[^\d.,]", "", text))[-1]
        if len(set(marks)) == 2 or (marks.count(last) == 1 and len(tail) != 3):
            votes[last] += 1
        elif marks.count(last) > 1:
            votes["," if last == "." else "."] += 1
    best = votes.most_common(1)
    if not best or votes["."] == votes[","]:
        return None
    return "." if best[0][0] == "." else ","


def parse_date(text: str, day_first: bool | None = None) -> PrintedDate | None:
    """The date printed in `text`, numeric or with a month's name in one of LANGUAGES.

    Dotted dates are day first everywhere. Where the digits leave day and month open, `day_first`
    decides; without it the day comes first and the result says that it is ambiguous.
    """
    clean = text[: MAX_CHARS + 1].translate(_TABLE).strip(" ,;")
    if len(clean) > MAX_CHARS or not any(char.isdigit() for char in clean):
        return None
    match = _NUMERIC_DATE.match(clean)
    if match is not None:
        return _numeric_date(match[1], match[2], match[3], match[4], day_first)
    return _named_date(clean) if any(char.isalpha() for char in clean) else None


def _numeric_date(first: str, mark: str, second: str, third: str, day_first: bool | None) -> PrintedDate | None:
    if len(first) == 4:
        found = _date(first, int(second), int(third)) if len(third) == 2 else None
        return None if found is None else PrintedDate(found, False)
    one, two = int(first), int(second)
    open_order = mark != "." and one <= 12 and two <= 12 and one != two
    month_first = two > 12 or (open_order and day_first is False)
    found = _date(third, one, two) if month_first and mark != "." else _date(third, two, one)
    return None if found is None else PrintedDate(found, open_order and day_first is None)


def _named_date(text: str) -> PrintedDate | None:
    """ "5 de marzo de 2024", "March 5th, 2024", "05-MAR-24": one month's name, a day, a year."""
    words = [word for word in _NAMED_DATE.findall(folded(text)) if word not in _FILLERS]
    months = [word for word in words if not word.isdigit()]
    numbers = [word for word in words if word.isdigit()]
    if len(words) != 3 or len(months) != 1 or months[0] not in month_names():
        return None
    day, year = numbers if len(numbers[0]) <= 2 else numbers[::-1]
    found = _date(year, month_names()[months[0]], int(day))
    return None if found is None else PrintedDate(found, False)


def _date(year: str, month: int, day: int) -> dt.date | None:
    if len(year) not in (2, 4):
        return None
    full = int(year) if len(year) == 4 else int(year) + (2000 if int(year) <= CENTURY_PIVOT else 1900)
    try:
        return dt.date(full, month, day)
    except ValueError:
        return None


@lru_cache(maxsize=1)
def month_names() -> dict[str, int]:
    """Folded month names, full and short, of all LANGUAGES -> 1..12."""
    from babel import Locale  # late: no other value needs the locale data

    found = {"sept": 9, "mrz": 3, "maerz": 3, "janv": 1, "juil": 7, "sett": 9, "set": 9}
    for language in LANGUAGES:
        months = Locale(language).months
        for names in (months[use][width] for use in ("format", "stand-alone") for width in ("wide", "abbreviated")):
            found.update({folded(str(name)).rstrip("."): number for number, name in names.items()})
    return found


def infer_day_first(texts: Iterable[str], currency: str = "", country: str = "") -> bool | None:
    """Whether a document writes the day before the month: by its own dates, else by where it is from."""
    votes = 0
    for text in texts:
        match = _NUMERIC_DATE.match(text[:MAX_CHARS].translate(_TABLE).strip(" ,;"))
        if match is not None and len(match[1]) <= 2 and match[2] != ".":
            votes += (int(match[1]) > 12) - (int(match[3]) > 12)
    if votes:
        return votes > 0
    if country:
        return country.upper() not in MONTH_FIRST_COUNTRIES
    return currency.upper() not in MONTH_FIRST_CURRENCIES if currency else None


def parse_currency(text: str, dollar: str = "USD") -> str | None:
    """The ISO 4217 code that `text` names by code or symbol; None if it names none or several.

    `dollar` is the currency of a bare "$", where the document gives reason to think of another.
    """
    known = currency_symbols() | {"$": dollar}
    marks = _CURRENCY_TOKEN.findall(text[:MAX_CHARS])
    found = {code for mark in marks if (code := known.get(mark) or known.get(mark.lower()))}
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=1)
def currency_symbols() -> dict[str, str]:
    """Codes, symbols and short names -> ISO 4217; symbols that several currencies share are left out."""
    from babel import Locale
    from babel.numbers import list_currencies

    found = {code: code for code in list_currencies("en")}
    symbols = Locale("en").currency_symbols
    shared = Counter(symbols.values())
    found.update({mark: code for code, mark in symbols.items() if shared[mark] == 1})
    return found | _COMMON_SYMBOLS


def compact(text: str) -> str:
    """Upper case without spaces, dots, dashes and slashes: how account and tax numbers compare."""
    return re.sub(r"[\s.\-/\u00a0\u202f]", "", text[: 2 * MAX_CHARS]).upper()


def iban_valid(text: str) -> bool:
    """True if `text` is an IBAN whose check digits hold (ISO 13616: the number modulo 97 is 1)."""
    code = compact(text)
    if not _IBAN.match(code):
        return False
    return int("".join(str(int(char, 36)) for char in code[4:] + code[:4])) % 97 == 1


def vat_id_shaped(text: str) -> bool:
    """True for a VAT number with its country's letters (EU, GB, CH, NO); digits are not verified."""
    return len(text) <= MAX_CHARS and _VAT_ID.fullmatch(compact(text)) is not None
