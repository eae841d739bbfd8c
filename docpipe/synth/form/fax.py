"""The cover sheet of a fax: who sends what to whom, beside its keys in two columns, and boxes for what is asked."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any, Final

from docpipe.synth import fonts
from docpipe.synth.form.answers import Choice
from docpipe.synth.form.lines import rule
from docpipe.synth.form.paper import Form, entry, put_choice
from docpipe.synth.formats import Dates
from docpipe.synth.places import data, fill, person

_LEFT: Final = ("to", "at", "fax", "about")
_RIGHT: Final = ("sender", "pages", "phone", "day")


def fax_answers(language: str, place: str, dates: Dates, rng: Random) -> dict[str, str]:
    """What is entered on a cover sheet, by the name of the field."""
    words, known = data("places.json")[place], data("form_hard.json")[language]["fax"]
    return {
        "to": person(place, rng),
        "at": f"{rng.choice(words['last'])} {rng.choice(words['forms'])}",
        "fax": fill(words["phone"], rng),
        "about": rng.choice(data("form.json")[language]["titles"]),
        "sender": person(place, rng),
        "pages": str(rng.randint(1, 24)),
        "phone": fill(words["phone"], rng),
        "day": dates.text(_day(rng)),
        "note": rng.choice(known["text"]),
    }


def _day(rng: Random) -> date:
    return date(1994, 1, 1) + timedelta(days=rng.randint(0, 9000))


def put_fax(form: Form, answers: dict[str, str | None], ticked: tuple[bool, ...]) -> None:
    """The whole sheet."""
    pen, odd = form.pen, form.odd
    known: dict[str, Any] = data("form_hard.json")[form.content.language]["fax"]
    title = odd.choice(known["title"])
    form.label = {"title": title, **form.label}
    form.y += pen.size * 3.2
    pen.put(form.left, form.y, title, size=pen.size * odd.choice((2.0, 2.6, 3.2)), bold=True, paths=("title",))
    form.y += pen.size * 2.5
    colon, style = odd.choice((":", ":", "")), odd.choice(("ruled", "ruled", "bare"))
    words = {name: odd.choice(known[name]) for name in (*_LEFT, *_RIGHT)}
    middle, lead = (form.left + form.right) / 2, pen.size * odd.uniform(2.0, 3.0)
    for left, right in zip(_LEFT, _RIGHT, strict=True):
        for name, x0, x1 in ((left, form.left, middle - 10), (right, middle + 10, form.right)):
            _line(form, words[name] + colon, answers[name], x0, x1, style == "ruled")
        form.y += lead
    rule(form, form.left, form.y - pen.size * 0.6, form.right, 1.2)
    put_choice(form, Choice("", tuple(known["marks"]), ticked, single=False))
    path, key = f"fields[{len(form.label['fields'])}]", odd.choice(known["note"])
    pen.put(form.left, form.y + pen.size * 1.5, key, bold=True, paths=(f"{path}.key",))
    value = answers["note"]
    lines = (
        fonts.wrap(value, form.look.hand or form.look.typed, pen.size * 1.5, form.right - form.left - 20)
        if value
        else []
    )
    for place, line in enumerate(lines):
        entry(
            form,
            form.left,
            form.y + pen.size * (3.6 + place * 1.9),
            line,
            form.right - form.left,
            f"{path}.value",
            pen.size,
        )
    form.label["fields"].append({"key": key.rstrip(" :"), "value": "\n".join(lines) or None})
    form.y += pen.size * 9


def _line(form: Form, key: str, value: str | None, x0: float, x1: float, ruled: bool) -> None:
    """A key in bold and its entry beside it, on a line or on nothing."""
    pen, path = form.pen, f"fields[{len(form.label['fields'])}]"
    base = form.y + pen.size * 1.2
    wide = pen.put(x0, base, key, bold=True, limit=(x1 - x0) * 0.5, paths=(f"{path}.key",))
    left = x0 + max(wide + 8, (x1 - x0) * 0.28)
    if ruled:
        rule(form, left, base + form.below, x1)
    if value is not None:
        entry(form, left + 2, base, value, x1 - left - 8, f"{path}.value", pen.size)
    form.label["fields"].append({"key": key.rstrip(" :"), "value": value})
