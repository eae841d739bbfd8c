"""One printed form, filled in by different people, on paper that lies a little otherwise each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

from docpipe.page.box import Box
from docpipe.records import Page, Word
from tests.unit.engine.layout.conftest import Print, page_of

KEYS: dict[str, tuple[float, float]] = {
    "Surname": (50, 120), "Given names": (50, 145), "Date of birth": (50, 170), "Place of birth": (50, 195),
    "Street and number": (50, 220), "Postal code and town": (50, 245), "Employer": (50, 270),
}  # fmt: skip
PRINTED: list[Print] = [
    (50, 40, "Application for a residence permit"), (50, 60, "Please complete in block letters and sign overleaf"),
    (50, 400, "Return this sheet to the office named above within fourteen days"),
    *((x, y, key) for key, (x, y) in KEYS.items()),
]  # fmt: skip
ENTRY_X = 220.0

PEOPLE: list[dict[str, str]] = [
    {"Surname": "Quintana", "Given names": "Rosa Maria", "Date of birth": "3 May 1981", "Place of birth": "Bilbao",
     "Street and number": "Mill Lane 12", "Postal code and town": "BS1 4ZZ Bristol", "Employer": "Aldrin Ltd"},
    {"Surname": "Okafor", "Given names": "Chidi", "Date of birth": "17 June 1990", "Place of birth": "Lagos",
     "Street and number": "Castle Street 2", "Postal code and town": "LS1 2AB Leeds", "Employer": "Marlow Surveyors"},
    {"Surname": "Lindqvist", "Given names": "Åsa", "Date of birth": "29 October 1974",
     "Street and number": "Harbour Road 114", "Postal code and town": "M1 1AE Manchester", "Employer": "Corner Bakery"},
    {"Surname": "Tanaka", "Given names": "Haruki Jun", "Date of birth": "8 March 2001", "Place of birth": "Osaka",
     "Postal code and town": "EH1 1YZ Edinburgh", "Employer": "Northern Rail"},
    {"Surname": "Moreau", "Given names": "Luc", "Date of birth": "11 November 1966", "Place of birth": "Reims",
     "Street and number": "Quay West 7", "Postal code and town": "CF10 1EP Cardiff", "Employer": "Gwent Steel"},
    {"Surname": "Petrov", "Given names": "Ivan", "Date of birth": "30 January 1988", "Place of birth": "Varna",
     "Street and number": "Elm Grove 55", "Postal code and town": "NE1 4ST Newcastle", "Employer": "Tyne Ferries"},
]  # fmt: skip


def filled(
    person: Mapping[str, str], printed: Sequence[Print] = PRINTED, *, right: float = 0.0, scale: float = 1.0
) -> Page:
    """The form with a person's answers, moved to the `right` by points and scaled about its corner."""
    places = {text: (x, y) for x, y, text in printed}
    entries = [(ENTRY_X, places[key][1], text) for key, text in person.items() if key in places]
    page = page_of([*printed, *entries])
    moved = [
        replace(word, box=word.box.scaled(scale, scale)._replace(
            left=word.box.left * scale + right / page.width_pt, right=word.box.right * scale + right / page.width_pt))
        for word in page.words
    ]  # fmt: skip
    return replace(page, words=tuple(moved))


def misread(page: Page, seed: int, share: float = 0.08) -> Page:
    """The page as a recogniser sees it: some letters are others, some short words are missing."""
    rng = Random(seed)
    words = []
    for word in page.words:
        text = word.text
        if len(text) > 3 and rng.random() < 2 * share:
            at = rng.randrange(len(text))
            text = text[:at] + rng.choice("aeoulc") + text[at + 1 :]
        if len(text) < 4 and rng.random() < share:
            continue
        words.append(replace(word, text=text, confidence=0.9, box=_trembling(word, rng)))
    return replace(page, words=tuple(words), text_source="ocr")


def _trembling(word: Word, rng: Random) -> Box:
    across, down = (rng.uniform(-0.6, 0.6) for _ in range(2))
    left, top, right, bottom = word.box
    return Box(left + across / 595, top + down / 842, right + across / 595, bottom + down / 842)


def other_form() -> list[Print]:
    """A form of the same office: the same head and foot and half of the keys, and keys of its own."""
    kept = [each for each in PRINTED if each[2] not in ("Employer", "Street and number", "Postal code and town")]
    return [
        *kept, (50, 220, "Vehicle registration mark"), (50, 245, "First registered abroad"),
        (50, 270, "Engine capacity"), (50, 295, "Colour of the bodywork"), (50, 320, "Insurance company and policy"),
    ]  # fmt: skip
