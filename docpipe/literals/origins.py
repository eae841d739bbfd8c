"""Where a document is from by the shape of what it prints: postal codes, register numbers, telephones, addresses of
the web. Names of countries, tax numbers and accounts tell more and are asked first (literals/conventions.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

STATES_THAT_AGREE = 2  # different states with a ZIP code inside of lines: one may be a country before its code

_AMERICAN = re.compile(r"[A-Za-z.]{3}(,?) +([A-Z]{2}),? +\d{5}(-\d{4})?(?!\S*\d)(?= *(\S?))")
_STATES = re.compile(  # the postal codes of the states
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
)
_SHAPES = {  # of postal codes and register numbers that no other country has
    "GB": re.compile(r"(?<![\w-])[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}(?![\w-])"),
    "CA": re.compile(r"(?<![\w-])[ABCEGHJ-NPRSTVXY]\d[A-Z] \d[A-Z]\d(?![\w-])"),
    "AU": re.compile(r"(?<!\w)(?:NSW|VIC|QLD|TAS) \d{4}(?!\w)"),
    "BR": re.compile(r"(?<!\w)\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}(?!\w)"),
    "IN": re.compile(r"(?<!\w)\d{2}[A-Z]{5}\d{4}[A-Z][1-9A-Z]Z[\dA-Z](?!\w)"),
}
_DIALLED = re.compile(r"(?<![\w+])\+ ?\(?(\d{2,3})\)?(?=[ ()./-]?\d)")
_CALLED = {  # by the first digits of an international number, those that are one country's alone
    "30": "GR", "31": "NL", "32": "BE", "33": "FR", "34": "ES", "36": "HU", "39": "IT", "40": "RO", "41": "CH",
    "43": "AT", "44": "GB", "45": "DK", "46": "SE", "47": "NO", "48": "PL", "49": "DE", "51": "PE", "52": "MX",
    "54": "AR", "55": "BR", "56": "CL", "57": "CO", "60": "MY", "61": "AU", "62": "ID", "63": "PH", "64": "NZ",
    "65": "SG", "66": "TH", "81": "JP", "82": "KR", "84": "VN", "86": "CN", "90": "TR", "91": "IN", "92": "PK",
    "94": "LK", "351": "PT", "352": "LU", "353": "IE", "354": "IS", "356": "MT", "357": "CY", "358": "FI",
    "359": "BG", "370": "LT", "371": "LV", "372": "EE", "380": "UA", "385": "HR", "386": "SI", "420": "CZ",
    "421": "SK", "852": "HK", "886": "TW", "966": "SA", "971": "AE", "972": "IL", "974": "QA",
}  # fmt: skip
_WEB = re.compile(r"(?:@|www\.|://)[\w.-]*\w\.([a-z]{2})(?![\w.-])", re.IGNORECASE)
_FOR_ANYBODY = frozenset(
    ["ai", "cc", "co", "eu", "fm", "io", "la", "ly", "me", "nu", "sh", "to", "tv", "vc", "ws"]
)  # names that are sold everywhere


def american(lines: Iterable[Sequence[str]]) -> Iterator[str]:
    """ "US" for a place, its state and its ZIP code: at the end of a line, in the long form of the code, or inside of
    lines where two states are named. "DE 80333 München" is a country before its postal code.
    """
    states: set[str] = set()
    for line in lines:
        for match in _AMERICAN.finditer(" ".join(line)) if len(line) > 1 else ():
            comma, state, long, behind = match.groups()
            if _STATES.fullmatch(state) is None:
                continue
            states.update([state] if comma else [])
            if not behind or (comma and long):
                yield "US"
    if len(states) >= STATES_THAT_AGREE:
        yield "US"


def shaped(lines: Iterable[Sequence[str]]) -> Iterator[str]:
    """ISO 3166 codes of postal codes and register numbers."""
    for text in map(" ".join, lines):
        if any(map(str.isdigit, text)):
            yield from (country for country, shape in _SHAPES.items() if shape.search(text))


def reached(lines: Iterable[Sequence[str]]) -> Iterator[str]:
    """ISO 3166 codes of international telephone numbers and of names in the web."""
    for text in map(" ".join, lines):
        for dialled in _DIALLED.finditer(text) if "+" in text else ():
            digits = dialled[1]
            country = _CALLED.get(digits) or _CALLED.get(digits[:2])
            if country is not None:
                yield country
        for name in _WEB.finditer(text) if "." in text else ():
            ending = name[1].lower()
            if ending not in _FOR_ANYBODY:
                yield {"uk": "GB"}.get(ending, ending.upper())
