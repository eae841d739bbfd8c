"""Entries on blanks within sentences: what stands before a blank is its key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from docpipe.synth.form.lines import rule
from docpipe.synth.form.paper import Form, entry

_PUNCTUATION: Final = " ,.;:"
# How wide the blank of a field is, in type sizes.
_BLANKS: Final = {"last": 12, "birth": 9, "birthplace": 10, "street": 18, "occupation": 14}


def put_prose(form: Form, parts: Sequence[Sequence[str]], answers: Mapping[str, str | None]) -> None:
    """Print `parts`, each a piece of a sentence and the name of the field on the blank behind it, line by line."""
    pen, lead = form.pen, form.pen.size * 2.1
    form.room(lead * 6)
    x, y = form.left, form.y + pen.size * 1.6

    def next_to(wide: float) -> None:
        nonlocal x, y
        if x + wide > form.right:
            x, y = form.left, y + lead

    for text, *names in parts:
        path = f"fields[{len(form.label['fields'])}]"
        for word in text.split(" "):
            wide = pen.width(f"{word} ")
            next_to(wide if word.strip(_PUNCTUATION) else 0.0)  # a full stop stays with what it ends
            pen.put(x, y, word, paths=(f"{path}.key",) if names and word.strip(_PUNCTUATION) else ())
            x += wide
        for name in names:
            wide, value = pen.size * _BLANKS[name], answers[name]
            next_to(wide)
            rule(form, x, y + form.below, x + wide)
            if value is not None:
                entry(form, x + 1, y, value, wide - 6, f"{path}.value", pen.size)
            form.label["fields"].append({"key": text.strip(_PUNCTUATION), "value": value})
            x += wide + 3
    form.y = y + lead
