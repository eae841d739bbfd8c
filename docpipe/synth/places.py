"""Companies, people and addresses, put together from word lists in the forms of their country."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from random import Random
from typing import Any, Final

from docpipe.synth import identifiers

# Two places have a second language: their word lists carry their own key.
_ISO: Final = {"CF": "CH", "BF": "BE"}
PLACES_OF: Final[dict[str, tuple[str, ...]]] = {
    "en": ("GB", "GB", "US", "US", "IE"),
    "de": ("DE", "DE", "DE", "AT", "CH"),
    "fr": ("FR", "FR", "FR", "BF", "CF", "LU"),
    "es": ("ES",),
    "it": ("IT",),
    "nl": ("NL", "NL", "BE"),
    "pt": ("PT",),
    "pl": ("PL",),
    "sv": ("SE",),
    "da": ("DK",),
}


@lru_cache(maxsize=32)  # files of the room
def data(name: str) -> Any:
    """The data file `name` of this room, parsed."""
    return json.loads(files("docpipe.synth").joinpath("data", name).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Company:
    """A trading party. `address` holds the printed lines under the name; `iban` is compact and empty where the
    country has none.
    """

    name: str
    address: tuple[str, ...]
    place: str
    country: str
    city: str
    tax_id: str
    register: str
    phone: str
    fax: str
    email: str
    web: str
    bank: str
    iban: str
    bic: str


def fill(pattern: str, rng: Random) -> str:
    """`pattern` with each {dN} replaced by N random digits."""
    for count in range(1, 8):
        while f"{{d{count}}}" in pattern:
            pattern = pattern.replace(f"{{d{count}}}", identifiers.digits(rng, count), 1)
    return pattern


def person(place: str, rng: Random) -> str:
    """A first and a last name usual at `place`."""
    words = data("places.json")[place]
    return f"{rng.choice(words['first'])} {rng.choice(words['last'])}"


def street(place: str, rng: Random) -> str:
    """A street with its number, in the order of the country."""
    name, number = (
        rng.choice(data("places.json")[place]["streets"]),
        str(rng.choice((rng.randint(1, 99), rng.randint(1, 240)))),
    )
    if place == "US":
        suite = f", Suite {rng.randint(1, 9)}{rng.choice(('', '00', '10'))}" if rng.random() < 0.3 else ""
        return f"{rng.randint(10, 9900)} {name}{suite}"
    if place in ("GB", "IE"):
        return f"Unit {rng.randint(1, 30)}, {name}" if "Estate" in name or "Park" in name else f"{number} {name}"
    if place in ("FR", "LU", "CF"):
        return f"{number}{rng.choice(('', '', '', ' bis'))}{',' if place == 'LU' else ''} {name}"
    if place in ("ES", "IT"):
        floor = f", {rng.randint(1, 6)}.º {rng.choice('ABCD')}" if place == "ES" and rng.random() < 0.25 else ""
        return f"{name}, {number}{floor}" if "parcela" not in name else f"{name} {number}"
    if place == "PT":
        return f"{name} {number}" if name.endswith(("lote", "n.º")) else f"{name}, {number}"
    return f"{name} {number}{rng.choice(('', '', '', 'a', 'b') if place in ('DE', 'NL', 'AT') else ('',))}"


def town(place: str, rng: Random) -> tuple[tuple[str, ...], str]:
    """The address lines below the street (postal code and town, in the country's form) and the town alone."""
    name, code, *more = rng.choice(data("places.json")[place]["cities"]).split("|")
    if place == "US":
        return (f"{name} {code}{rng.randint(10, 99)}",), name.split(",")[0]
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    if place == "GB":
        postcode = f"{code}{rng.randint(1, 19)} {rng.randint(1, 9)}{rng.choice(letters)}{rng.choice(letters)}"
        return ((name, postcode) if rng.random() < 0.5 else (f"{name} {postcode}",)), name
    if place == "IE":
        return (
            (name, f"{code} {rng.choice(letters)}{rng.randint(1, 9)}{rng.choice(letters)}{rng.randint(1, 9)}"),
            name,
        )
    whole = {"AT": 4, "CH": 4, "CF": 4, "BE": 4, "BF": 4, "LU": 4, "NL": 4, "PT": 4, "DK": 4}.get(place, 5)
    digits = code + "".join(str(rng.randint(0, 9)) for _ in range(whole - len(code)))
    if place == "NL":
        digits = f"{digits} {rng.choice(letters)}{rng.choice(letters)}"
    if place == "PT":
        digits = f"{digits}-{rng.randint(100, 999)}"
    if place in ("PL", "SE"):
        cut = 2 if place == "PL" else 3
        digits = f"{digits[:cut]}{'-' if place == 'PL' else ' '}{digits[cut:]}"
    prefix = {"LU": "L-", "BE": "B-", "BF": "B-"}.get(place, "") if rng.random() < 0.6 or place == "LU" else ""
    cedex = f" Cedex {rng.randint(1, 9)}" if place == "FR" and rng.random() < 0.12 else ""
    return (f"{prefix}{digits} {name}{cedex}{f' ({more[0]})' if more else ''}",), name


def _name(place: str, trade: str, rng: Random) -> str:
    words = data("places.json")[place]
    last, form = rng.choice(words["last"]), rng.choice(words["forms"])
    coined = rng.choice(("Al", "Ver", "Nor", "Sol", "Tec", "Pri", "Or", "Vel", "Lum", "Kor")) + rng.choice(
        ("tis", "dara", "vex", "mondo", "tera", "vina", "lia", "matic", "bena", "quo")
    )
    shapes = (
        f"{last} {trade} {form}",
        f"{trade} {last} {form}",
        f"{coined} {trade} {form}",
        f"{coined} {form}",
        f"{last} & {rng.choice(words['last'])} {form}",
    )
    if form.startswith(("&", "e ")):
        return f"{last} {form}"
    return rng.choice(shapes)


def _register(place: str, city: str, rng: Random) -> str:
    patterns = {
        "GB": "Registered in England no. {d7}",
        "IE": "Company Reg. No. {d6}",
        "DE": f"Amtsgericht {city} HRB {{d5}}",
        "AT": "FN {d6}x",
        "FR": f"RCS {city} {{d3}} {{d3}} {{d3}}",
        "ES": "Reg. Merc. tomo {d4}, folio {d2}, hoja {d5}",
        "IT": "REA {d6} - Cap. soc. € 10.000 i.v.",
        "NL": "KvK {d7}",
        "BE": "RPR {d4}",
        "PT": "C.R.C. {d5} - Capital social 5.000 €",
        "LU": "RCS B {d6}",
        "CH": "CH-020.3.{d3}.{d3}-4",
        "PL": "KRS 0000{d6}",
        "SE": "Org.nr 556{d3}-{d4}",
        "DK": "CVR {d7}",
    }
    return fill(patterns.get(_ISO.get(place, place), ""), rng)


def _slug(name: str) -> str:
    table = str.maketrans("äöüßéèêàâáíóôúçñãõœåøæłżźśćńąę", "aouseeeaaaiooucnaooaoalzzscnae")
    words = [
        word for word in name.lower().translate(table).replace("'", "").split() if word.isascii() and word.isalpha()
    ]
    return "-".join(words[:2]) or "company"


def company(place: str, trade: str, rng: Random) -> Company:
    """A company of `place` in the business `trade` (a word of its name). Every number carries right check digits."""
    words, iso = data("places.json")[place], _ISO.get(place, place)
    name, (lines, city) = _name(place, trade, rng), town(place, rng)
    domain = f"{_slug(name)}.{words['tld']}"
    bank, bank_code = rng.choice(words["banks"]).split("|")
    return Company(
        name=name,
        address=(street(place, rng), *lines),
        place=place,
        country=iso,
        city=city,
        tax_id=identifiers.spaced(identifiers.tax_id(iso, rng), rng),
        register=_register(place, city, rng),
        phone=fill(words["phone"], rng),
        fax=fill(words["phone"], rng),
        email=f"{rng.choice(('info', 'office', 'mail', 'contact'))}@{domain}",
        web=f"www.{domain}",
        bank=bank,
        iban=identifiers.iban(iso, bank_code, rng) or "",
        bic=f"{bank_code}{iso}{rng.choice('23456789')}{rng.choice('ABCDEFGHX')}{rng.choice(('', 'XXX'))}",
    )


def private_person(place: str, rng: Random) -> Company:
    """A customer who is a person: a name and an address, no numbers."""
    lines, city = town(place, rng)
    return Company(person(place, rng), (street(place, rng), *lines), place, _ISO.get(place, place), city, *("",) * 9)
