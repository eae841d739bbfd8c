"""Whether the characters of a text layer mean what the page shows, told without knowing its language.

A font without a usable mapping, or with a wrong one, gives a layer that looks like a text and is
none: no characters at all, numbers of glyphs, the bytes of one encoding read as another, every
letter replaced by another one. Pages are judged font by font: one font may be broken alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from docpipe.records import Word
from docpipe.render.sheet import Pose

MAX_GARBAGE = 0.3  # share of a page's characters in broken fonts, from which OCR reads it better
MAX_UNMAPPED = 0.15  # of a font's characters that stand for nothing
MIN_LETTERS = 60  # in different words, to judge letters by
MIN_WORD = 4  # letters: shorter words are abbreviations
MIN_VOWELS, MIN_CHANGES = 0.28, 0.5  # of letters; of neighbours, one vowel and one consonant. In 172
# languages of the CLDR, one sample in 6,000 of 10 to 40 words has less [measured]
MAX_SPLIT = 0.15  # of words, with a sign inside that no language puts there
MIN_SPLIT = 5
MIN_VARIETY = 4  # different letters, in so many
MAX_MISREAD = 0.5  # of the words beyond ASCII that are UTF-8 read as one byte a character
MIN_MISREAD = 3
SHINE_LEVELS = 64  # of 255: fainter ink may be of the other side of the sheet ...
MIN_FRONT = 0.75  # ... where its words are read with less confidence: mirrored type reaches 0.6 [measured]
SURE, MIN_SURE_CHARS, MIN_SURE_WORDS, MIN_AGREEMENT = 0.9, 3, 5, 0.5

_GLYPH_NUMBER = re.compile(r"\(cid:\d+\)", re.IGNORECASE)
_SPLIT = re.compile(r"[^\W\d_][\[\]\\^{|}~<>;=$%*+?!\"#][^\W\d_]")
_ADDRESS = re.compile(r"://|@|www\.", re.IGNORECASE)
_VOWELS = frozenset("aeiouyæøœıəɛɔαεηιουωаеиоуыэюяіїєёө")
_UNREAL = frozenset(("Co", "Cc", "Cn", "Cs"))


def garbage(texts_by_font: Mapping[str, Sequence[str]]) -> str:
    """Why a page's layer is garbage, or "".

    "unmapped": private, missing or control characters; "glyph numbers": (cid:36) and the like; "wrong
    encoding": "Ã¼" for "ü"; "wrong letters": words as no language makes them. The first two are
    certain; the others are for somebody to compare with the page.
    """
    sizes = {font: sum(map(len, texts)) for font, texts in texts_by_font.items()}
    broken: dict[str, int] = {}
    for font, texts in texts_by_font.items():
        if reason := _reason(texts):
            broken[reason] = broken.get(reason, 0) + sizes[font]
    if sum(broken.values()) <= MAX_GARBAGE * sum(sizes.values()):
        return ""
    return max(broken, key=lambda reason: broken[reason])


def is_certain(reason: str) -> bool:
    """Whether nobody needs to look at the page to know."""
    return reason in ("unmapped", "glyph numbers")


def agree(read: Iterable[Word], claimed: Iterable[Word]) -> bool:
    """Whether the words that OCR read are those that the layer claims.

    Yes where OCR read too little to contradict, as it does in a script that it was not taught.
    """
    layer = {_folded(word.text) for word in claimed}
    sure = [
        text
        for word in read
        if word.confidence >= SURE and len(text := _folded(word.text)) >= MIN_SURE_CHARS and not text.isdecimal()
    ]
    confirmed = sum(text in layer for text in sure)
    return len(sure) < MIN_SURE_WORDS or confirmed >= MIN_AGREEMENT * len(sure)


def may_shine_through(read: Sequence[Word], pose: Pose) -> bool:
    """Whether what was read on a page whose levels were stretched may be its other side's, mirrored.

    It may as well be faint print in a script that the recogniser does not know: see `shines_through`.
    """
    return pose.white - pose.black < SHINE_LEVELS and _mean_confidence(read) < MIN_FRONT


def shines_through(read: Sequence[Word], mirrored: Sequence[Word]) -> bool:
    """Whether the page reads well in the mirror only: then nothing stands on its own side."""
    return _mean_confidence(mirrored) >= MIN_FRONT > _mean_confidence(read)


def _mean_confidence(words: Sequence[Word]) -> float:
    return sum(word.confidence for word in words) / max(1, len(words))


def _folded(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def _reason(texts: Sequence[str]) -> str:
    characters = "".join(texts)
    unreal = sum(character == "\ufffd" or unicodedata.category(character) in _UNREAL for character in characters)
    if unreal > MAX_UNMAPPED * len(characters):
        return "unmapped"
    numbers = _GLYPH_NUMBER.findall(characters)
    if sum(map(len, numbers)) > MAX_UNMAPPED * len(characters):
        return "glyph numbers"
    if _is_misread(texts):
        return "wrong encoding"
    return _reason_of_letters(texts)


def _is_misread(texts: Sequence[str]) -> bool:
    foreign = [text for text in texts if not text.isascii()]
    misread = sum(map(_is_misread_word, foreign))
    return misread >= MIN_MISREAD and misread > MAX_MISREAD * len(foreign)


def _is_misread_word(text: str) -> bool:
    for encoding in ("cp1252", "latin-1"):
        try:
            return not text.encode(encoding).decode("utf-8").isascii()
        except UnicodeError:
            continue
    return False


def _reason_of_letters(texts: Sequence[str]) -> str:
    """By how vowels and consonants change: in every language that writes both, and in no cipher.

    (Sukhotin 1962 finds the vowels of an unknown text by it.) Only words of letters alone count:
    part numbers and IBANs say nothing, and scripts without vowels are not judged.
    """
    split = sum(bool(_SPLIT.search(text)) and not _ADDRESS.search(text) for text in texts)
    if split >= MIN_SPLIT and split > MAX_SPLIT * len(texts):
        return "wrong letters"
    words = {_plain(word) for text in texts for word in re.findall(r"[^\W\d_]+", text) if not _is_code(text)}
    judged = [word for word in words if len(word) >= MIN_WORD and _has_vowels(word)]
    letters = sum(map(len, judged))
    if letters < MIN_LETTERS:
        return ""
    if len(set("".join(judged))) <= MIN_VARIETY:
        return "wrong letters"
    vowels = sum(letter in _VOWELS for word in judged for letter in word)
    pairs = [(letter in _VOWELS) != (following in _VOWELS) for word in judged for letter, following in pairwise(word)]
    if vowels < MIN_VOWELS * letters or sum(pairs) < MIN_CHANGES * len(pairs):
        return "wrong letters"
    return ""


def _is_code(text: str) -> bool:
    return any(character.isdecimal() for character in text)


def _plain(word: str) -> str:
    """In lower case and without accents."""
    return "".join(
        character for character in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(character)
    )


def _has_vowels(word: str) -> bool:
    """Whether it is of a script that writes vowels as letters: Latin, Greek, Cyrillic."""
    return all(
        "a" <= letter <= "z" or "\u00df" <= letter <= "\u02af" or "\u03b1" <= letter <= "\u045f" for letter in word
    )
