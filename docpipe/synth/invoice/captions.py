"""The words printed beside values. Several phrasings a field a language, most of them not the textbook ones."""

from __future__ import annotations

from functools import lru_cache
from random import Random
from typing import Any, Final

from docpipe.synth.places import data

RARE_SHARE: Final = 0.65  # of captions that have a rarer phrasing; many of those are known to any reader
# Captions of small places and of the foot, which nobody prints in two languages.
_SHORT: Final = ("rate", "base", "rate_tax", "phone", "fax", "email", "bank", "bic", "iban", "seller_tax", "buyer_tax")


@lru_cache(maxsize=128)  # languages and their countries
def phrasings(language: str, place: str) -> dict[str, Any]:
    """Caption key -> {"usual": [...], "rare": [...]} for `language`, with what its country `place` says differently."""
    local: dict[str, Any] = data("captions/local.json")
    key = {"CF": "CH-fr", "BF": "BE-fr", "CH": "CH-de", "BE": "BE-nl"}.get(place, place)
    return {**data(f"captions/{language}.json"), **local.get(key, {})}


def usual(language: str, place: str, key: str) -> frozenset[str]:
    """The textbook captions of `key`, as plain lower-case words without a colon."""
    return frozenset(text.replace(" {rate}", "").lower() for text in phrasings(language, place)[key]["usual"])


class Wording:
    """The captions of one document: each drawn once and then kept. Those of `avoid` are not used again for another
    key of one group. `rare` is the share of captions, of those that have a rarer phrasing, that are not textbook ones.
    """

    def __init__(
        self,
        language: str,
        place: str,
        colon: str,
        upper: bool,
        bilingual: bool,
        rng: Random,
        rare: float = RARE_SHARE,
    ) -> None:
        self.language, self.place, self.colon, self.upper, self.bilingual = language, place, colon, upper, bilingual
        self._rng, self._rare = rng, rare
        self._drawn: dict[str, str] = {}

    def plain(self, key: str) -> str:
        """The caption of `key` without a colon; "{rate}" and page places are left in. KeyError for an unknown key."""
        if key not in self._drawn:
            self._drawn[key] = self._draw(key)
        return self._drawn[key]

    def __call__(self, key: str) -> str:
        """The caption of `key` as printed before a value: with the colon this document uses."""
        return self.plain(key) + self.colon

    def keep_usual(self, key: str) -> None:
        """Settle `key` on a textbook caption, where a rarer one could be taken for another sum of the page."""
        self._drawn[key] = self._draw(key, "usual")

    def _draw(self, key: str, kind: str = "") -> str:
        words = phrasings(self.language, self.place)[key]
        kind = kind or ("rare" if words["rare"] and self._rng.random() < self._rare else "usual")
        # Two keys of one page under one caption would make the page itself ambiguous, which the truth could not say.
        taken = {text.lower() for other, text in self._drawn.items() if other.startswith("c_") == key.startswith("c_")}
        free = [text for text in words[kind] + words["usual"] + words["rare"] if text.lower() not in taken]
        text: str = self._rng.choice([t for t in words[kind] if t in free] or free or words[kind])
        if (
            self.bilingual
            and self.language != "en"
            and "{" not in text
            and key not in _SHORT
            and not key.startswith(("title", "c_", "page"))
        ):
            text = f"{text} / {phrasings('en', 'GB')[key]['usual'][0]}"
        return text.upper() if self.upper and "{" not in text else text
