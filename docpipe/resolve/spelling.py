"""Texts as the page spells them; account and tax numbers so that their check digits hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from docpipe.literals.identifiers import iban_registered, vat_id_valid
from docpipe.resolve.case import Case
from docpipe.resolve.confusable import likeness, variants
from docpipe.schema.nodes import Node

CHECKED: Final[dict[str, Callable[[str], bool | None]]] = {"iban": iban_registered, "vat-id": vat_id_valid}

MAX_CHECKED_CHARS = 64  # of an account or tax number with its spaces; an IBAN has 34 letters and digits


def respell(case: Case, node: Node, path: str, value: str) -> None:
    """Mend the text `value` at `path`: by its check digits where it has some, else as the page spells it."""
    evidence = case.evidence.get(path)
    if node.format in CHECKED and (CHECKED[node.format](value) or settle(case, node, path, value)):
        return
    if evidence is None:
        _one_character(case, path, value)
    elif evidence.place is not None and evidence.text != value and node.format not in CHECKED:
        prints = {page.text(place) for page in case.pages for place in page.text_places(value)}
        (printed, *more) = prints or {value}
        same = "".join(printed.split()).casefold() == "".join(value.split()).casefold()
        if not more and same and "\n" not in value and len(printed.split()) <= len(value.split()):
            case.replace(path, value, printed, "page_spelling")


def settle(case: Case, node: Node, path: str, text: str) -> bool:
    """Change the one confusable character of `text` without which its check digits do not hold; False if not certain.

    Certain is what a page prints. Else a letter stands for a digit, unless a text layer knows nothing of `text`.
    """
    if len(text) > MAX_CHECKED_CHARS:
        return False
    holds = CHECKED[node.format]
    held = [variant for variant in variants(text) if holds(variant)]
    printed = [variant for variant in held if case.stands(variant)]
    if not printed and (case.stands(text) or not any(page.page.text_source == "layer" for page in case.pages)):
        printed = [variant for variant in held if _digits(variant) > _digits(text)]
    return len(printed) == 1 and case.replace(path, text, printed[0], "check_digits")


def _digits(text: str) -> int:
    return sum(char.isdigit() for char in text)


def _one_character(case: Case, path: str, value: str) -> None:
    """Take the word of a text layer where it is the only one alike; a recogniser confuses characters too."""
    if not value or any(char.isspace() for char in value):
        return
    wanted = likeness(value)
    candidates = {
        printed: page.page.text_source
        for page in case.pages
        for printed in page.alike.get(wanted, ())
        if printed != value
    }
    for printed, source in candidates.items() if len(candidates) == 1 else ():
        if source == "layer" and sum(a != b for a, b in zip(printed, value, strict=True)) == 1:
            case.replace(path, value, printed, "page_word")
