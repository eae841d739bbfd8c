"""What a hard invoice says beside a plain one: parties from where there are no postal codes, words before a name,
lines between the positions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any, Final

from docpipe.synth.formats import Dates
from docpipe.synth.identifiers import digits
from docpipe.synth.invoice.bill import Bill, Line
from docpipe.synth.places import Company, company, data
from docpipe.synth.traits import Traits

_SECTION_LINES: Final = 2  # lines that a section has at least


def words(language: str) -> dict[str, Any]:
    """The words of hard invoices in `language`."""
    known: dict[str, Any] = data("hardships.json")[language]
    return known


def _abroad(plain: Company, rng: Random) -> Company:
    """A party where addresses have no postal code; it takes the place of `plain`."""
    name, *lines = rng.choice(data("hardships.json")["abroad"])
    return replace(plain, name=name, address=tuple(filter(None, lines)), tax_id="", register="")


def _without_code(seller: Company) -> Company:
    """`seller` with the town alone below the street."""
    kept = tuple(line for line in seller.address[:-1] if seller.city not in line)
    return replace(seller, address=(*kept, re.sub(r"\s*\([^)]*\)", "", seller.city)))


def _serial(language: str, rng: Random) -> str:
    count = rng.randint(1, 3)
    numbers = [f"{rng.choice('ABCDEFGHK')}{digits(rng, 2)}{rng.choice('XYZ')}{digits(rng, 5)}" for _ in range(count)]
    return f"{rng.choice(words(language)['serial'])} {', '.join(numbers)}"


def _sectioned(lines: Sequence[Line], language: str, summed: bool, rng: Random) -> tuple[Line, ...]:
    """The lines in two or three sections under headings that end in a colon; `summed`: with a sum below each."""
    if len(lines) < 2 * _SECTION_LINES:
        headings = {0: rng.choice(words(language)["section"])} if lines else {}
    else:
        count = min(len(lines) // _SECTION_LINES, rng.choice((2, 2, 3)))
        starts = [0, *sorted(rng.sample(range(_SECTION_LINES, len(lines), _SECTION_LINES), count - 1))]
        headings = dict(zip(starts, rng.sample(words(language)["section"], count), strict=True))
    ends = {start - 1 for start in headings if start} | {len(lines) - 1}
    return tuple(
        replace(
            line,
            section=headings.get(place, ""),
            note="",
            part=rng.choice(words(language)["part"]) if summed and place in ends and len(headings) > 1 else "",
        )
        for place, line in enumerate(lines)
    )


def harden(bill: Bill, traits: Traits, dates: Dates, rng: Random) -> Bill:
    """`bill` with those of `traits` that change what it says."""
    seller, buyer, lines, facts = bill.seller, bill.buyer, bill.lines, bill.facts
    if "no_code" in traits:
        if rng.random() < 0.6:
            buyer = replace(_abroad(buyer, rng), place=seller.place, country=seller.country)
        else:
            seller = _without_code(seller)
    if traits & {"colon_rows", "section_sums"}:
        lines = _sectioned(lines, bill.language, "section_sums" in traits, rng)
    if "serials" in traits:
        lines = tuple(replace(line, serial=_serial(bill.language, rng) if rng.random() < 0.5 else "") for line in lines)
    told: tuple[str, ...] = ()
    if "dates_in_prose" in traits:
        last = bill.day - timedelta(days=rng.randint(1, 20))
        first = last - timedelta(days=rng.randint(6, 40))
        told = (first.isoformat(), last.isoformat())
        facts = replace(facts, intro=words(bill.language)["prose"].format(a=dates.text(first), b=dates.text(last)))
    ship = bill.ship_to
    if "beside" in traits and ship is None:
        ship = company(bill.seller.place, bill.seller.name.split(" ")[0], rng)
    salutation = rng.choice(words(bill.language)["salutation"]) if "salutation" in traits else ""
    return replace(
        bill, seller=seller, buyer=buyer, lines=lines, facts=facts, ship_to=ship, salutation=salutation, told=told
    )
