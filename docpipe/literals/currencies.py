"""Currencies by code or sign: ISO 4217. Every function is total.

A sign may be one currency's alone ("A$", "zł") or several's ("$", "kr"): whose a shared sign is, only the document can
tell (literals/conventions.py). Capitals such as "R" or "DT" are signs beside an amount only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from docpipe.literals.text import MAX_CHARS

_KRONE, _RUPEE, _YEN = ("SEK", "NOK", "DKK", "ISK"), ("INR", "PKR", "LKR", "NPR", "MUR", "SCR"), ("JPY", "CNY")
_DOLLAR = (
    "USD", "AUD", "CAD", "SGD", "HKD", "NZD", "MXN", "TWD", "CLP", "COP", "ARS", "BBD", "BMD", "BND", "BSD", "BZD",
    "DOP", "FJD", "GYD", "JMD", "KYD", "LRD", "NAD", "SBD", "SRD", "TTD", "UYU", "XCD",
)  # fmt: skip
_SHARED = {  # the most used first: by turnover (BIS, Triennial Central Bank Survey 2022), then by name
    "$": _DOLLAR, "\u00a5": _YEN, "\uffe5": _YEN, "kr": _KRONE, "kr.": _KRONE, "rs": _RUPEE, "rs.": _RUPEE,
    "\u20a8": _RUPEE,
}  # fmt: skip
_DOLLARS = {  # what stands before a dollar, but for ISO 4217's own codes
    "a": "AUD", "au": "AUD", "ar": "ARS", "b": "BND", "bd": "BMD", "bds": "BBD", "bz": "BZD", "c": "CAD", "ca": "CAD",
    "can": "CAD", "cdn": "CAD", "ci": "KYD", "cl": "CLP", "co": "COP", "col": "COP", "ec": "XCD", "fj": "FJD",
    "g": "GYD", "hk": "HKD", "j": "JMD", "ja": "JMD", "mex": "MXN", "mx": "MXN", "n": "NAD", "nt": "TWD", "nz": "NZD",
    "r": "BRL", "rd": "DOP", "s": "SGD", "sg": "SGD", "tt": "TTD", "u": "USD", "us": "USD", "usd": "USD", "uy": "UYU",
    "ws": "WST",
}  # fmt: skip
_CLEAR = {
    "\u20ac": "EUR", "\u00a3": "GBP", "\u20b9": "INR", "\u20bd": "RUB", "\u20ba": "TRY", "\u20a9": "KRW",
    "\u20aa": "ILS", "\u20ab": "VND", "\u20b1": "PHP", "\u0e3f": "THB", "\u20b4": "UAH", "\u20a6": "NGN",
    "\u20b2": "PYG", "\u20a1": "CRC", "\u20b5": "GHS", "\u20be": "GEL", "\u20bc": "AZN", "\u20b8": "KZT",
    "\u5186": "JPY", "\u5143": "CNY", "cn\u00a5": "CNY", "cn\uffe5": "CNY", "rmb": "CNY", "rmb\u00a5": "CNY",
    "jp\u00a5": "JPY", "fr": "CHF", "fr.": "CHF", "sfr": "CHF", "sfr.": "CHF", "z\u0142": "PLN", "k\u010d": "CZK",
    "ft": "HUF", "\u043b\u0432": "BGN", "euro": "EUR", "euros": "EUR", "nkr": "NOK", "skr": "SEK", "dkr": "DKK",
    "fcfa": "XOF", "ksh": "KES", "ksh.": "KES", "kshs": "KES", "kshs.": "KES", "tsh": "TZS", "tshs": "TZS",
    "ush": "UGX", "ushs": "UGX",
}  # fmt: skip
_AT_AMOUNTS = {  # else they are initials, sizes, places
    "R": "ZAR", "RM": "MYR", "DT": "TND", "KD": "KWD", "BD": "BHD", "JD": "JOD", "QR": "QAR", "SR": "SAR",
    "DA": "DZD", "TL": "TRY", "Dh": "AED", "Dhs": "AED", "DH": "AED", "DHS": "AED", "LD": "LYD", "Rp": "IDR",
    "K.D.": "KWD", "B.D.": "BHD", "J.D.": "JOD", "R.O.": "OMR", "RO": "OMR", "Bs": "BOB", "lei": "RON", "Lei": "RON",
}  # fmt: skip
_SPELLED = (
    *("kr", "kr.", "Kr", "Kr.", "Nkr", "Skr", "Dkr", "NKr", "SKr", "DKr", "Rs", "Rs.", "rs.", "RMB", "SFr", "SFr."),
    *("sFr", "sFr.", "z\u0142", "K\u010d", "Ft", "lei", "\u043b\u0432", "\u043b\u0432.", "FCFA", "Euro", "Euros"),
    *("euro", "euros", "Ksh", "Ksh.", "Kshs", "Kshs.", "KSh", "KShs", "TSh", "TShs", "USh", "UShs"),
    *("\u5186", "\u5186\u4e5f", "\u5186\u6574", "\u5143", "\u5143\u6574", "\uc6d0", "\uc6d0\uc815", "\u91d1"),
)  # fmt: skip
CODES_THAT_ARE_WORDS = frozenset(
    {"ALL", "TOP", "CUP", "GEL", "MAD", "PEN", "SOS", "TRY", "MOP", "RON", "BAM", "CHE", "CHW", "COU", "BHD"}
)
CENTS, MILLS = 2, 3  # decimals of most currencies, and of dinars
_MINOR_UNITS = {  # ISO 4217: decimals of the currencies that have not two
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND"), 0),
    **dict.fromkeys(("VUV", "XAF", "XOF", "XPF"), 0),
}
_NAMES = {"dollars": "USD", "lei": "RON", "rm": "MYR"}  # of an answer, that names nothing else


def _any_of(signs: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, signs), key=len, reverse=True))


_LETTERS = _any_of(sign for sign in (*_SHARED, *_CLEAR) if sign[0].isalpha() and sign.islower())
_SIGN = re.compile(
    r"(?<![^\W\d_])(?:"
    r"[A-Za-z]{1,3}[$\u00a5\uffe5]"
    rf"|(?:(?i:{_LETTERS})|{_any_of(_AT_AMOUNTS)}|[A-Z]{{3}})(?![^\W\d_])"
    r")|[^\w\s.,'()+%*/:;#&@!?\"<>=-]|[\u5186\u5143]"
)


def any_sign_at_amounts() -> str:
    """A pattern of the words that are signs beside an amount only."""
    return _any_of(_AT_AMOUNTS)


class Sign(NamedTuple):
    """A code or a sign as it is printed, and whose it may be, the most used first.

    `at_amount`: it is one beside an amount only.
    """

    text: str
    codes: tuple[str, ...]
    at_amount: bool = False


@lru_cache(maxsize=16_384)  # a page prints the same words again and again
def signs_in(text: str) -> tuple[Sign, ...]:
    """The codes and signs of currencies in a word or a few, from left to right."""
    found = (_meaning(mark) for mark in _SIGN.findall(text[:MAX_CHARS]))
    return tuple(sign for sign in found if sign is not None)


def _meaning(mark: str) -> Sign | None:
    folded = mark.casefold()
    if mark in iso_codes():
        return Sign(mark, (mark,), mark in CODES_THAT_ARE_WORDS)
    if folded in _SHARED:
        return Sign(mark, _SHARED[folded])
    if mark in _AT_AMOUNTS:
        return Sign(mark, (_AT_AMOUNTS[mark],), True)
    code = _CLEAR.get(folded)
    if code is None and mark.endswith("$"):
        code = _DOLLARS.get(folded[:-1]) or (mark[:-1] if mark[:-1] in iso_codes() else None)
    return None if code is None else Sign(mark, (code,))


def shares_a_sign(code: str) -> bool:
    """Whether a sign of that currency may mean another one."""
    return any(code in codes for codes in _SHARED.values())


@lru_cache(maxsize=4_096)  # a page prints the same symbol at every amount
def currencies_of(text: str) -> tuple[str, ...]:
    """Every currency that `text`, a code or a sign, may stand for, the most used first; one if it is clear.

    () if it names none, or several that exclude each other.
    """
    named = _NAMES.get(text.strip().casefold())
    options = [set(sign.codes) for sign in signs_in(text)] if named is None else [{named}]
    common = set.intersection(*options) if options else set()
    first = next((sign.codes for sign in signs_in(text)), (named,) if named else ())
    return tuple(code for code in first if code in common)


def parse_currency(text: str, dollar: str = "USD") -> str | None:
    """The ISO 4217 code that `text` names by code or sign; None if it names none, or several may be meant.

    `dollar` is the currency of a bare "$", where the document gives reason to think of another.
    """
    codes = currencies_of(text)
    if len(codes) > 1:
        return dollar if dollar in codes and codes == _SHARED["$"] else None
    return codes[0] if codes else None


def minor_units(code: str) -> int:
    """How many decimals an amount of the currency has: 3 of Kuwaiti dinars, 0 of yen, 2 of most."""
    return _MINOR_UNITS.get(code, CENTS)


def any_sign() -> str:
    """A pattern of the signs with letters, as documents spell them, that make a number an amount."""
    return _any_of(_SPELLED)


@lru_cache(maxsize=1)
def iso_codes() -> frozenset[str]:
    """The codes of ISO 4217, those of former currencies too."""
    from babel.numbers import list_currencies

    return frozenset(list_currencies("en"))
