"""Account and tax numbers with right check digits, by country.

Conventions: IBAN is ISO 13616 with the mod-97 check of ISO 7064, and the national check digits of BE, ES, FR, IT,
PL and PT; the VAT
numbers follow each country's published check (named beside each function). Numbers are random: none belongs to
anyone on purpose.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def digits(rng: Random, count: int) -> str:
    """`count` random digits, the first never 0."""
    return str(rng.randint(1, 9)) + "".join(str(rng.randint(0, 9)) for _ in range(count - 1))


def luhn(number: str) -> int:
    """The Luhn digit to append to `number`."""
    total = 0
    for place, char in enumerate(reversed(number)):
        doubled = int(char) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return -total % 10


def iban_check(country: str, account: str) -> str:
    """The two check digits of an IBAN whose national part is `account`."""
    moved = account + country + "00"
    return f"{98 - int(''.join(str(int(char, 36)) for char in moved)) % 97:02d}"


def _es_account(rng: Random) -> str:
    bank, number = digits(rng, 8), digits(rng, 10)
    weights = (1, 2, 4, 8, 5, 10, 9, 7, 3, 6)
    checks = ""
    for part in ("00" + bank, number):
        check = 11 - sum(int(char) * weight for char, weight in zip(part, weights, strict=True)) % 11
        checks += str({10: 1, 11: 0}.get(check, check))
    return bank + checks + number


def _fr_account(rng: Random) -> str:
    bank, branch, number = digits(rng, 5), digits(rng, 5), digits(rng, 11)
    key = 97 - (89 * int(bank) + 15 * int(branch) + 3 * int(number)) % 97
    return f"{bank}{branch}{number}{key:02d}"


def _it_account(rng: Random) -> str:
    body = digits(rng, 5) + digits(rng, 5) + digits(rng, 12)
    odd = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)
    total = sum(odd[int(char)] if place % 2 == 0 else int(char) for place, char in enumerate(body))
    return _ALPHABET[total % 26] + body


def _pt_account(rng: Random) -> str:
    body = digits(rng, 19)
    return f"{body}{98 - int(body + '00') % 97:02d}"


def _be_account(rng: Random) -> str:
    body = digits(rng, 10)
    return f"{body}{int(body) % 97 or 97:02d}"


def _pl_account(rng: Random) -> str:
    bank = digits(rng, 7)
    total = sum(int(char) * weight for char, weight in zip(bank, (3, 9, 7, 1, 3, 9, 7), strict=True))
    return f"{bank}{-total % 10}{digits(rng, 16)}"


def national_account(country: str, bank_code: str, rng: Random) -> str | None:
    """The national part of an IBAN (BBAN), or None where the country has no IBAN. `bank_code` is four letters."""
    special: dict[str, Callable[[Random], str]] = {
        "ES": _es_account,
        "FR": _fr_account,
        "IT": _it_account,
        "PT": _pt_account,
        "BE": _be_account,
        "PL": _pl_account,
    }
    if country in special:
        return special[country](rng)
    lettered = {"NL": 10, "GB": 14, "IE": 14}
    if country in lettered:
        return bank_code + digits(rng, lettered[country])
    plain = {"DE": 18, "AT": 16, "CH": 17, "LU": 16, "SE": 20, "DK": 14}
    return digits(rng, plain[country]) if country in plain else None


def iban(country: str, bank_code: str, rng: Random) -> str | None:
    """A valid IBAN without spaces, or None where the country has no IBAN (US)."""
    account = national_account(country, bank_code, rng)
    return None if account is None else f"{country}{iban_check(country, account)}{account}"


def _de(rng: Random) -> str:  # ISO 7064 mod 11,10
    body, product = digits(rng, 8), 10
    for char in body:
        product = 2 * ((int(char) + product) % 10 or 10) % 11
    return f"DE{body}{(11 - product) % 10}"


def _at(rng: Random) -> str:
    body = digits(rng, 7)
    total = sum(int(c) if i % 2 == 0 else sum(divmod(2 * int(c), 10)) for i, c in enumerate(body))
    return f"ATU{body}{(96 - total) % 10}"


def _fr(rng: Random) -> str:
    head = digits(rng, 8)
    siren = f"{head}{luhn(head)}"
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def _be(rng: Random) -> str:
    body = "0" + digits(rng, 7)
    return f"BE{body}{97 - int(body) % 97:02d}"


def _es(rng: Random) -> str:  # CIF of a limited company: the control is a digit
    body = digits(rng, 7)
    return f"{rng.choice('AB')}{body}{luhn(body)}"


def _it(rng: Random) -> str:
    body = digits(rng, 7) + "0" + f"{rng.randint(1, 99):02d}"
    return f"IT{body}{luhn(body)}"


def _nl(rng: Random) -> str:  # the eleven test; a body whose rest is 10 has no check digit
    while True:
        body = digits(rng, 8)
        rest = sum(int(c) * w for c, w in zip(body, range(9, 1, -1), strict=True)) % 11
        if rest < 10:
            return f"NL{body}{rest}B{rng.randint(1, 9):02d}"


def _pt(rng: Random) -> str:
    body = "5" + digits(rng, 7)
    rest = 11 - sum(int(c) * w for c, w in zip(body, range(9, 1, -1), strict=True)) % 11
    return f"{body}{0 if rest > 9 else rest}"


def _gb(rng: Random) -> str:
    body = digits(rng, 7)
    total = sum(int(c) * w for c, w in zip(body, range(8, 1, -1), strict=True))
    return f"GB{body}{97 - total % 97:02d}"


def _ie(rng: Random) -> str:
    body = digits(rng, 7)
    total = sum(int(c) * w for c, w in zip(body, range(8, 1, -1), strict=True))
    return f"IE{body}{('W' + _ALPHABET)[total % 23]}"


def _ch(rng: Random) -> str:
    while True:
        body = digits(rng, 8)
        rest = 11 - sum(int(c) * w for c, w in zip(body, (5, 4, 3, 2, 7, 6, 5, 4), strict=True)) % 11
        if rest != 10:
            number = f"{body}{rest % 11}"
            return f"CHE-{number[:3]}.{number[3:6]}.{number[6:]}"


def _lu(rng: Random) -> str:
    body = digits(rng, 6)
    return f"LU{body}{int(body) % 89:02d}"


def _us(rng: Random) -> str:  # an EIN has no check digit
    return f"{rng.randint(10, 98)}-{digits(rng, 7)}"


def _pl(rng: Random) -> str:  # NIP; a body whose rest is 10 has no check digit
    while True:
        body = digits(rng, 9)
        rest = sum(int(c) * w for c, w in zip(body, (6, 5, 7, 2, 3, 4, 5, 6, 7), strict=True)) % 11
        if rest < 10:
            return f"PL{body}{rest}"


def _se(rng: Random) -> str:  # the organisation number and 01
    body = "556" + digits(rng, 6)
    return f"SE{body}{luhn(body)}01"


def _dk(rng: Random) -> str:  # CVR: the weighted sum is divisible by 11
    while True:
        body = digits(rng, 7)
        rest = -sum(int(c) * w for c, w in zip(body, (2, 7, 6, 5, 4, 3, 2), strict=True)) % 11
        if rest < 10:
            return f"DK{body}{rest}"


_TAX: Final[dict[str, Callable[[Random], str]]] = {
    "DE": _de,
    "AT": _at,
    "FR": _fr,
    "BE": _be,
    "ES": _es,
    "IT": _it,
    "NL": _nl,
    "PT": _pt,
    "GB": _gb,
    "IE": _ie,
    "CH": _ch,
    "LU": _lu,
    "US": _us,
    "PL": _pl,
    "SE": _se,
    "DK": _dk,
}


def tax_id(country: str, rng: Random) -> str:
    """A tax number of a company of `country` (ISO 3166), compact but for the marks the country always prints.
    KeyError if unknown.
    """
    return _TAX[country](rng)


def spaced(number: str, rng: Random) -> str:
    """`number` as some companies print it: with spaces after the country letters and between groups, or unchanged."""
    if rng.random() < 0.65 or not number[:2].isalpha() or "-" in number:
        return number
    head, body = number[:2], number[2:]
    return f"{head} {body}" if rng.random() < 0.5 else f"{head} {body[:3]} {body[3:6]} {body[6:]}".rstrip()
