"""What a form asks and what was answered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from babel import Locale

from docpipe.synth import identifiers
from docpipe.synth.formats import Dates, draw_dates
from docpipe.synth.places import PLACES_OF, Company, data, fill, private_person

SIGNED: Final = "signed"  # the value of a signature that nobody can read
_SECTIONS: Final[dict[str, tuple[str, ...]]] = {
    "person": ("last", "first", "birth", "birthplace", "nationality", "children"),
    "partner": ("last", "first", "birth", "nationality"),
    "address": ("street", "postcode", "town"),
    "contact": ("phone", "email"),
    "work": ("employer", "occupation", "income", "tax"),
    "bank": ("iban", "bank"),
    "stay": ("from", "until", "plate", "remarks"),
}
_DATE_CELLS: Final = 10
COMBED: Final = frozenset({"birth", "postcode", "iban", "tax", "plate", "from", "until"})


@dataclass(frozen=True)
class Field:
    """A field: its caption, its name, and what was entered (None if nothing); `unit` is printed behind it."""

    name: str
    caption: str
    value: str | None
    unit: str = ""


@dataclass(frozen=True)
class Choice:
    """A question with tick boxes; `ticked` tells for each option. `single` has radio buttons."""

    question: str
    options: tuple[str, ...]
    ticked: tuple[bool, ...]
    single: bool


@dataclass(frozen=True)
class Section:
    """A block of a form under its heading."""

    heading: str
    fields: tuple[Field, ...]
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Questionnaire:
    """A form with its answers."""

    language: str
    title: str
    intro: str
    office: tuple[str, ...]
    sections: tuple[Section, ...]
    last: tuple[Field, ...]

    def shared(self) -> frozenset[str]:
        """Captions that several fields have: their keys need the heading of the block."""
        found = Counter(field.caption for section in self.sections for field in section.fields)
        return frozenset(caption for caption, count in found.items() if count > 1)


def answers_of_one(language: str, place: str, rng: Random) -> dict[str, str]:
    """An answer to every question of one person of `place`, with dates that fit the cells of a comb."""
    dates = draw_dates(language, place, rng)
    while len(dates.text(date(2000, 12, 28))) > _DATE_CELLS:
        dates = draw_dates(language, place, rng)
    return _answers(language, private_person(place, rng), dates, rng)


def refilled(form: Questionnaire, place: str, rng: Random) -> Questionnaire:
    """The same form, filled in by somebody else of `place`."""
    filled = rng.choices((1.0, 0.9, 0.6), (50, 35, 15))[0]
    sections = []
    for section in form.sections:
        told = answers_of_one(form.language, place, rng)
        choices = []
        for choice in section.choices:
            chosen = rng.randrange(len(choice.options)) if rng.random() < filled else -1
            ticked = tuple(place == chosen for place in range(len(choice.options)))
            choices.append(replace(choice, ticked=ticked))
        sections.append(replace(section, fields=_refilled(section.fields, told, filled, rng), choices=tuple(choices)))
    last = _refilled(form.last, answers_of_one(form.language, place, rng), filled, rng)
    return replace(form, sections=tuple(sections), last=last)


def _refilled(fields: tuple[Field, ...], told: dict[str, str], filled: float, rng: Random) -> tuple[Field, ...]:
    return tuple(replace(one, value=told[one.name] if rng.random() < filled else None) for one in fields)


def _occupation(language: str, rng: Random) -> str:
    return str(rng.choice(data("topics.json")[language]["sectors"]))


def _answers(language: str, who: Company, dates: Dates, rng: Random) -> dict[str, str]:
    """An answer to every question of one person."""
    first, _, last = who.name.partition(" ")
    place, tail = who.place, who.address[-1].split(" ")
    code = next((part for part in tail if any(char.isdigit() for char in part)), "1000")
    born = date(1940, 1, 1) + timedelta(days=rng.randint(0, 24000))
    start = date(2019, 1, 1) + timedelta(days=rng.randint(0, 2500))
    remarks = data("phrases.json")[language]
    iban = identifiers.iban(who.country, "BANK", rng)
    words = data("places.json")[place]
    return {
        "last": last,
        "first": first,
        "birth": dates.text(born),
        "birthplace": rng.choice(words["cities"]).split("|")[0],
        "nationality": str(Locale.parse(language).territories[who.country]),
        "street": who.address[0],
        "postcode": code,
        "town": rng.choice(words["cities"]).split("|")[0],
        "phone": fill(words["phone"], rng),
        "email": f"{rng.choice(('info', 'mail', 'post'))}{rng.randint(1, 99)}@example.{words['tld']}",
        "employer": f"{rng.choice(words['last'])} {rng.choice(words['forms'])}",
        "occupation": _occupation(language, rng),
        "income": f"{rng.randint(900, 9800)}",
        "iban": iban or identifiers.digits(rng, 10),
        "bank": rng.choice(words["banks"]).split("|")[0],
        "tax": fill("{d3}{d3}{d4}", rng),
        "plate": f"{rng.choice('ABCDEFGHKLM')}{rng.choice('ABCDEFGHKLM')} {rng.randint(10, 9999)}",
        "children": str(rng.randint(0, 5)),
        "remarks": rng.choice([*remarks["notes"], *remarks["lump"]]),
        "from": dates.text(start),
        "until": dates.text(start + timedelta(days=rng.randint(5, 300))),
        "date": dates.text(start - timedelta(days=rng.randint(5, 60))),
        "signature": SIGNED,
    }


def _choice(words: Any, filled: float, rng: Random) -> Choice:
    question, options = rng.choice(words["groups"])
    single = rng.random() < 0.75
    shares = [not single and rng.random() < 0.4 for _ in options]
    if single and rng.random() < max(filled, 0.1):
        shares[rng.randrange(len(options))] = True
    return Choice(question, tuple(options), tuple(shares) if filled else tuple(False for _ in options), single)


def draw_questionnaire(language: str, rng: Random) -> Questionnaire:
    """A form of a handful of blocks; filled in nearly whole, in parts, or blank."""
    words, place = data("form.json")[language], rng.choice(PLACES_OF[language])
    dates, filled = draw_dates(language, place, rng), rng.choices((0.95, 0.8, 0.5, 0.0), (45, 35, 12, 8))[0]
    captions = {key: rng.choice(texts) for key, texts in words["fields"].items()}
    rest = rng.sample(["partner", "address", "contact", "work", "bank", "stay"], rng.randint(1, 5))
    asked = set[str]()
    sections = []
    for key in ["person", *(name for name in _SECTIONS if name in rest)]:
        who = _answers(language, private_person(place, rng), dates, rng)
        names = [name for name in _SECTIONS[key] if name in ("last", "first") or rng.random() < 0.85]
        fields = tuple(_field(name, captions[name], who, filled, rng) for name in names)
        choices = []
        if rng.random() < 0.55:
            choice = _choice(words, filled, rng)
            if choice.question not in asked:
                asked.add(choice.question)
                choices.append(choice)
        sections.append(Section(words["sections"][key], fields, tuple(choices)))
    who = _answers(language, private_person(place, rng), dates, rng)
    last = tuple(_field(name, captions[name], who, filled, rng) for name in ("date", "signature"))
    return Questionnaire(
        language, rng.choice(words["titles"]), rng.choice(words["intro"]), tuple(words["office"]), tuple(sections), last
    )


def answered_anew(asked: Questionnaire, rng: Random) -> Questionnaire:
    """The same form, filled in by other people, by some of them nearly whole and by others in parts."""
    place = rng.choice(PLACES_OF[asked.language])
    dates, filled = draw_dates(asked.language, place, rng), rng.choice((0.95, 0.85, 0.7))

    def refilled(fields: tuple[Field, ...]) -> tuple[Field, ...]:
        who = _answers(asked.language, private_person(place, rng), dates, rng)
        return tuple(replace(field, value=who[field.name] if rng.random() < filled else None) for field in fields)

    def ticked(choice: Choice) -> Choice:
        shares = [not choice.single and rng.random() < 0.4 for _ in choice.options]
        if choice.single and rng.random() < filled:
            shares[rng.randrange(len(shares))] = True
        return replace(choice, ticked=tuple(shares))

    sections = tuple(
        replace(section, fields=refilled(section.fields), choices=tuple(map(ticked, section.choices)))
        for section in asked.sections
    )
    return replace(asked, sections=sections, last=refilled(asked.last))


def _field(name: str, caption: str, who: dict[str, str], filled: float, rng: Random) -> Field:
    unit = "EUR" if name == "income" and rng.random() < 0.5 else ""
    return Field(name, caption, who[name] if rng.random() < filled else None, unit)
