"""What a postal address looks like, line by line: postal codes, streets, contact lines, legal forms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from docpipe.engine.layout.parties.params import PARAMS
from docpipe.literals.captions import company_words
from docpipe.literals.dates import parse_date
from docpipe.literals.identifiers import vat_id_shaped
from docpipe.literals.lexicon import all_languages, any_of
from docpipe.literals.postal import begins_with_post_box, is_country, names_street
from docpipe.literals.text import folded
from docpipe.page.lines import Segment, Token

_CITY = r"[^\W\d_][^\d@]{1,60}"
_POSTAL = (  # Universal Postal Union addressing shapes, after an optional country prefix ("D-", "DE ")
    re.compile(rf"(?:[A-Z]{{1,3}}[ -])?\d{{4,5}}(?:-\d{{3,4}})?,? {_CITY}"),  # DE FR ES IT AT BE CH DK PT
    re.compile(rf"(?:F-)?\d{{5}} {_CITY}(?i:cedex) \d{{1,2}}"),  # FR, of a large receiver
    re.compile(rf"(?:NL-)?\d{{4}} ?[A-Z]{{2}},? {_CITY}"),  # NL
    re.compile(rf"(?:[A-Z]{{1,2}}-)?\d{{3}} \d{{2}} {_CITY}"),  # SE CZ SK GR
    re.compile(rf"(?:PL-)?\d{{2}}-\d{{3}} {_CITY}"),  # PL
    re.compile(r"(?:.* )?[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}(?:,? [A-Za-z .]+)?"),  # GB
    re.compile(r".*\b[A-Z]{2},? +\d{5}(?:-\d{4})?"),  # US
    re.compile(r".*\b[A-Z]\d[A-Z] ?\d[A-Z]\d"),  # CA
    re.compile(r".*\b(?:NSW|VIC|QLD|WA|SA|TAS|ACT|NT) \d{4}"),  # AU
    re.compile(r".*\b[A-Z]\d{2} ?(?=\d*[A-Z])[A-Z0-9]{4}"),  # IE
    re.compile(r"[^\W\d_].*\b[A-Z][a-z]+,? \d{5,6}"),  # city before code
)
_TOWN_AND_CODE = re.compile(r"[^\W\d_][^\d:@]{2,40},? \d{3,6}")
_TOWN = re.compile(r"[^\W\d_][^\d:@]{2,30}")
_WORDS = all_languages()
_NUMBER_FIRST = re.compile(rf"\d+[a-z]? .*{any_of(_WORDS.street_after_number)}")
_CONTACT = re.compile(
    rf"@|www\.|https?:|{any_of(_WORDS.contact)}|^\W*(?:\+|00)\d[\d ()/.-]{{6,}}$|^\(?\d{{3}}\)?[ -]\d{{3}}-\d{{4}}$"
)
_ATTENTION = re.compile(any_of(_WORDS.attention))
_COMPANIES = company_words()
_FORMS = (word.replace(".", "") for word in _COMPANIES["words"])
_INSIDE = "|".join(re.escape(folded(word)) for word in _COMPANIES["inside"])
_LEGAL = re.compile(rf"{any_of((*_WORDS.legal_forms, *_FORMS))}|{_INSIDE}")
_INLINE = re.compile(r"[·•|*–—,;/-]|·")
_HOUSE = re.compile(r"(?:n\S{0,2} )?\d{1,4} ?[A-Za-z]?,?", re.IGNORECASE)
_NUMBERED = re.compile(r"\d{1,5}[A-Za-z]?,? [^\W\d_].*[^\W\d_]{2}")  # "3097 Kalia Islands"
_BRACKETED = re.compile(r"\W*\([^()]*\)\W*")
_COUNTRY_CODE = re.compile(r"[A-Z]{2} ?(?=\d{4,5} |[A-Z]{1,2}\d)")


@dataclass(frozen=True, slots=True)
class Address:
    """A party as printed: the lines of its name and of its address; `postal` if a postal code was seen."""

    name: tuple[Segment, ...]
    lines: tuple[Segment, ...]
    postal: bool

    def name_text(self) -> str:
        return " ".join(line.text for line in self.name).strip(" ,;:-")

    def text(self) -> str:
        """The address, one printed line a line, without a country's letters that stand apart."""
        texts = [line.text.strip(" ,;:·•|-") for line in self.lines]
        return "\n".join(_COUNTRY_CODE.sub("", text, count=1) if _COUNTRY_CODE.match(text) else text for text in texts)

    def tokens(self) -> tuple[Token, ...]:
        """The words of `text`."""
        return tuple(token for line in self.lines for token in _without_country(line))

    def key(self) -> str:
        """What two prints of one address have in common: a country under it may be printed once only."""
        lines = self.text().split("\n")
        inland = lines[:-1] if len(lines) > 1 and is_country(lines[-1]) else lines
        return "".join(char for line in inland for char in folded(line) if char.isalnum())


def _without_country(line: Segment) -> Sequence[Token]:
    """A line's words without the country's letters, where they are a word of their own."""
    match = _COUNTRY_CODE.match(line.text)
    return line.tokens[1:] if match is not None and line.tokens[0].text == match[0].strip() else line.tokens


def is_postal(text: str) -> bool:
    """True for a line with a postal code and its place."""
    clean = text.strip(" ,;·•|-")
    if len(clean) > PARAMS.addresses.line_chars or not any(shape.fullmatch(clean) for shape in _POSTAL):
        return False
    if begins_with_post_box(clean):
        return False
    return parse_date(clean) is None and _NUMBER_FIRST.match(folded(clean)) is None


def is_town(line: Segment, above: Segment) -> bool:
    """True for a town with digits right under a street whose house number comes first: "3097 Kalia Islands" may look
    like a postal code and its place, and "California 05750" like anything.
    """
    return _NUMBERED.match(above.text) is not None and _TOWN_AND_CODE.fullmatch(line.text) is not None


def is_street(text: str) -> bool:
    """True for a line with a house number or a word for a street."""
    plain = folded(text)
    if _BRACKETED.fullmatch(plain):
        return False  # the number under which a company is registered
    return (any(char.isdigit() for char in plain) and any(char.isalpha() for char in plain)) or names_street(text)


def is_contact(text: str) -> bool:
    """True for telephone, mail, web, and "for the attention of"."""
    plain = folded(text)
    return bool(_CONTACT.search(plain) or _ATTENTION.match(plain)) or vat_id_shaped(text)


def is_number(text: str) -> bool:
    """True for a line that is a number of an account, of a register or of a place: "GLN 4333741000005"."""
    digits = sum(char.isdigit() for char in text)
    letters = sum(char.isalpha() for char in text)
    long = digits >= PARAMS.addresses.number_digits and digits > letters
    return long and not (is_postal(text) or begins_with_post_box(text) or names_street(text))


def has_legal_form(text: str) -> bool:
    """True for a company's name with its legal form, with or without dots."""
    return bool(_LEGAL.search(folded(text).replace(".", "")))


def address_of(lines: Sequence[Segment]) -> Address | None:
    """Name and address in a block of lines; None if the lines hold no address.

    Lines between the name and the street that hold neither number nor word for a street are a
    contact or a department and are left out.
    """
    params = PARAMS.addresses
    parts = [
        part
        for line in lines[: params.lines]
        for part in inline_parts(line)
        if not (is_contact(part.text) or is_number(part.text))
    ]
    first = next((at for at, part in enumerate(parts) if is_postal(part.text)), None)
    if first is None:
        first = _abroad(parts)
    if first is None:
        return None
    near = enumerate(parts[: first + params.postal_lines])
    postal = max(
        (at for at, part in near if is_postal(part.text) or is_town(part, parts[max(0, at - 1)])), default=first
    )
    end = postal + 1 + (postal + 1 < len(parts) and is_country(parts[postal + 1].text))
    street = next((at for at, part in enumerate(parts[:postal]) if at and is_street(part.text)), postal)
    if postal and street == postal and is_street(parts[0].text) and not has_legal_form(parts[0].text):
        street = 0  # the block begins with the street: its name stands elsewhere
    if street > 1 and _heads(parts[0], parts[1], parts[street]):
        parts, street, end = parts[1:], street - 1, end - 1
    name = parts[:1] if street else []
    if street > 1 and _goes_on_in_name(parts[0].text, parts[1].text):
        name = parts[:2]
    return Address(tuple(name), tuple(parts[street:end]), postal=True)


def _goes_on_in_name(first: str, second: str) -> bool:
    """True for a second line of a name: in brackets, or with a legal form that the first has not, or not whole."""
    if second.startswith("("):
        return True
    return not has_legal_form(first) and (has_legal_form(second) or has_legal_form(f"{first} {second}"))


def loose_address(lines: Sequence[Segment]) -> tuple[Segment, ...]:
    """The lines under a name that are an address without a postal code of a known shape; none without a street."""
    rest = [
        line for line in lines[: PARAMS.addresses.loose_lines] if not (is_contact(line.text) or is_number(line.text))
    ]
    streets = [at for at, line in enumerate(rest) if is_street(line.text) and parse_date(line.text) is None]
    likely = any(" " in rest[at].text and len(rest[at].text) <= PARAMS.addresses.line_chars for at in streets)
    return tuple(rest) if likely else ()


def _abroad(parts: Sequence[Segment]) -> int | None:
    """The line of the town in an address without a postal code of a known shape: a town and digits under a street, a
    town under a post-office box, or what stands above a country. None if there is no such line.
    """
    country = next((at for at, part in enumerate(parts) if at > 1 and is_country(part.text)), None)
    if country is not None and any(is_street(line.text) for line in parts[1:country]):
        return country - 1
    for at, part in enumerate(parts[1:], 1):
        above = parts[at - 1].text
        if begins_with_post_box(above) and (_TOWN_AND_CODE.fullmatch(part.text) or _TOWN.fullmatch(part.text)):
            return at
        if (
            _TOWN_AND_CODE.fullmatch(part.text)
            and at > 1
            and (names_street(above) or _NUMBERED.match(above))
            and not begins_with_post_box(part.text)
        ):
            return at
    return None


def _heads(first: Segment, second: Segment, street: Segment) -> bool:
    """True for a heading that no schema knows ("Dla"): set smaller than the name and the street under it.

    Only where the file says how large its type is; the pixels of a scan do not tell so exactly.
    """
    exact = all(token.sure == 1.0 for segment in (first, second, street) for token in segment.tokens)
    other = min(second.tokens[0].size, street.tokens[0].size)
    return exact and first.tokens[0].size < PARAMS.addresses.heading_share * other


def _numbered(runs: Sequence[list[Token]]) -> list[list[Token]]:
    """The runs, with a house number that a comma parts from its street joined to it: "Ronda Norte, 188"."""
    joined: list[list[Token]] = []
    ahead = False  # the last run is a number that waits for its street: "75, avenue de la Gare"
    for run in runs:
        number = _HOUSE.fullmatch(" ".join(token.text for token in run)) is not None
        if joined and (ahead or number):
            joined[-1] += run
        else:
            joined.append(list(run))
        ahead = number and len(joined) == 1 and len(joined[0]) == len(run)
    return joined


def is_legal_form(text: str) -> bool:
    """True for a line that is nothing but a legal form: the name above goes on in it."""
    words = folded(text).replace(".", "").split()
    return bool(words) and all(_LEGAL.fullmatch(word) for word in words)


def without_registration(name: Segment) -> Segment:
    """A name without the number in brackets behind it under which a company is registered."""
    last = name.tokens[-1].text
    registered = last.startswith("(") and last.endswith(")") and any(char.isdigit() for char in last)
    return (name.part(0, len(name.tokens) - 1) or name) if registered else name


def goes_on(above: str, text: str) -> bool:
    """True for a line of few words that ends an address below its postal code: "81100 JOHOR BAHRU," "JOHOR."."""
    words = text.split()
    if len(words) > PARAMS.addresses.region_words or any(char.isdigit() or char == ":" for char in text):
        return False
    return above.rstrip().endswith((",", ";")) or (text.rstrip().endswith(".") and text.count(".") == 1)


def inline_parts(line: Segment) -> list[Segment]:
    """The pieces of a line that prints a whole address ("Name · Street 1 · 12345 City"), else the line."""
    signs = [len(token.text) == 1 and bool(_INLINE.fullmatch(token.text)) for token in line.tokens]
    runs: list[list[Token]] = [[]]
    for token, alone in zip(line.tokens, signs, strict=True):
        if not alone:
            runs[-1].append(token)
        if alone or (not any(signs) and token.text.endswith((",", ";"))):  # else a comma parts street and number
            runs.append([])
    runs = _numbered([run for run in runs if run])
    texts = [" ".join(token.text for token in run) for run in runs]
    whole = is_postal(line.text) and not (len(runs) > 2 and has_legal_form(texts[0]))
    if len(runs) < 2 or whole or not any(is_postal(text) for text in texts):
        return [line]
    starts = [line.tokens.index(run[0]) for run in runs]
    return [
        part
        for start, run in zip(starts, runs, strict=True)
        if (part := line.part(start, start + len(run))) is not None
    ]
