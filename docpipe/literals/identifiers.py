"""Account and tax numbers: shape and check digits. Every function is total."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from docpipe.literals.text import MAX_CHARS

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}\Z")
_VAT_BODY = {  # EU Commission, "VAT identification numbers": the shape after the country's letters
    "AT": r"U\d{8}", "BE": r"[01]?\d{9}", "BG": r"\d{9,10}", "CY": r"\d{8}[A-Z]", "CZ": r"\d{8,10}", "DE": r"\d{9}",
    "DK": r"\d{8}", "EE": r"\d{9}", "EL": r"\d{9}", "GR": r"\d{9}", "ES": r"[A-Z0-9]\d{7}[A-Z0-9]", "FI": r"\d{8}",
    "FR": r"[A-Z0-9]{2}\d{9}", "HR": r"\d{11}", "HU": r"\d{8}", "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}", "IT": r"\d{11}",
    "LT": r"\d{9}(\d{3})?", "LU": r"\d{8}", "LV": r"\d{11}", "MT": r"\d{8}", "NL": r"\d{9}B\d{2}", "PL": r"\d{10}",
    "PT": r"\d{9}", "RO": r"\d{2,10}", "SE": r"\d{12}", "SI": r"\d{8}", "SK": r"\d{10}", "XI": r"\d{9}(\d{3})?",
    "GB": r"(\d{9}(\d{3})?|GD\d{3}|HA\d{3})", "CH": r"E\d{9}(MWST|TVA|IVA)?", "NO": r"\d{9}(MVA)?",
}  # fmt: skip
_DIGIT = re.compile(r"\d")
_SEPARATORS = re.compile(r"[\s.\-/\u00a0\u202f]")
_VAT_ID = re.compile("|".join(f"{country}{body}" for country, body in _VAT_BODY.items()))


@lru_cache(maxsize=16_384)  # a page's words are compared as several kinds of number
def compact(text: str) -> str:
    """Upper case without spaces, dots, dashes and slashes: how account and tax numbers compare."""
    return _SEPARATORS.sub("", text[: 2 * MAX_CHARS]).upper()


def iban_valid(text: str) -> bool:
    """True if `text` is an IBAN whose check digits hold (ISO 13616: the number modulo 97 is 1)."""
    code = compact(text)
    if not _IBAN.match(code):
        return False
    return int("".join(str(int(char, 36)) for char in code[4:] + code[:4])) % 97 == 1


def iban_registered(text: str) -> bool:
    """True for a valid IBAN of the length and the letters that ISO 13616's registry has for its country."""
    if not iban_valid(text):
        return False
    from stdnum import iban  # late: it reads the registry, and few documents need it

    return bool(iban.is_valid(compact(text)))


def vat_id_shaped(text: str) -> bool:
    """True for a VAT number with its country's letters (EU, GB, CH, NO); digits are not verified."""
    return len(text) <= MAX_CHARS and _DIGIT.search(text) is not None and _VAT_ID.fullmatch(compact(text)) is not None


@lru_cache(maxsize=64)  # countries with rules
def _rules(country: str, kind: str) -> Any:
    """The module that knows these numbers; None if there is none, which to find out takes a look at every folder."""
    from stdnum import get_cc_module  # late: few documents need it

    return get_cc_module(country, kind)


def vat_id_valid(text: str) -> bool | None:
    """Whether the check digits of a VAT number hold; None where it has no known shape or no such rule."""
    if not vat_id_shaped(text):
        return None
    code = compact(text)
    if code.startswith("CH"):  # the suffix names a language, the number is the enterprise's
        module, code = _rules("ch", "uid"), code[:12]
    elif code.startswith("NO"):
        module, code = _rules("no", "orgnr"), code[2:11]
    else:
        module = _rules({"EL": "gr", "XI": "gb"}.get(code[:2], code[:2].lower()), "vat")
    return None if module is None else bool(module.is_valid(code))
