"""Times of day from printed text. Every function is total."""

from __future__ import annotations

import re

from docpipe.literals.lexicon import all_languages
from docpipe.literals.text import MAX_CHARS, folded

_WORDS = all_languages()


def undotted(word: str) -> str:
    """ "p. m." as "pm"."""
    return word.replace(".", "").replace(" ", "")


HALVES = {  # folded, without dots: "pm" -> 12 hours after midnight
    undotted(folded(word)): hours
    for hours, words in ((0, _WORDS.before_noon), (12, _WORDS.after_noon))
    for word in words
}
_TIME = re.compile(r"(?P<hour>\d{1,2})(?P<rest>[:.]\d{2}(?:[:.]\d{2})?)\s*(?P<half>[^\W\d_](?:[^\W\d_]|[. ])*)\Z")


def on_24_hours(text: str) -> str | None:
    """ "7:42 PM" as "19:42", "12:10 a.m." as "00:10"; None for what is no time on the 12-hour clock."""
    match = _TIME.match(folded(text[:MAX_CHARS].strip()))
    half = HALVES.get(undotted(match["half"])) if match else None
    if match is None or half is None or not 1 <= int(match["hour"]) <= 12:
        return None
    return f"{int(match['hour']) % 12 + half:02}{match['rest'].replace('.', ':')}"
