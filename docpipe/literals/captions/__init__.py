"""What documents print beside the values of a concept, in many languages: one JSON file a language.

A concept is what a field of a business document means, whatever it is called: `invoice_number`, `birth_date`,
`meter_number`. `concepts.json` says of each what kind of value it has; the files of the languages have the same keys
in the same order, and the captions as documents print them, the most usual first. The English ones are also what
people call the fields of their schemas. `fillers.json` has the words that such a name may have beside them,
`stand_ins.json` the concepts whose captions documents print for another one ("Name" on a payslip is the employee's),
`company_words.json` the legal forms of companies beyond those of the lexicon.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

ConceptKind = Literal[
    "identifier", "account", "iban", "code", "date", "time", "year", "money", "rate", "number", "name", "address",
    "phone", "email", "text"
]  # fmt: skip

CAPTION_LANGUAGES = (
    *("en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da", "nb", "fi", "cs", "sk", "hu", "ro", "el", "tr"),
    *("ru", "uk", "ja", "zh", "ko", "ar", "he"),
)

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, eq=False)
class Concept:
    """`captions`: language -> the words documents print for it, none where it has no usual ones."""

    name: str
    kind: ConceptKind
    captions: Mapping[str, tuple[str, ...]]
    stand_ins: tuple[str, ...] = ()  # concepts whose captions may mean this one where no field means those

    def ranked(self) -> Mapping[str, int]:
        """Every caption in all languages -> its place in the list of its language, from 0."""
        found: dict[str, int] = {}
        for words in self.captions.values():
            for rank, caption in enumerate(words):
                found[caption] = min(rank, found.get(caption, rank))
        return found


@lru_cache(maxsize=1)
def all_concepts() -> Mapping[str, Concept]:
    """name -> concept, loaded when it is first asked for."""
    kinds = _stored("concepts")
    captions = {language: _stored(language) for language in CAPTION_LANGUAGES}
    stand_ins = _stored("stand_ins")

    def made(name: str, kind: ConceptKind) -> Concept:
        words = {language: tuple(known[name]) for language, known in captions.items() if known[name]}
        return Concept(name, kind, words, tuple(stand_ins.get(name, ())))

    return {name: made(name, kind) for name, kind in kinds.items()}


@lru_cache(maxsize=1)
def fillers() -> Mapping[str, frozenset[str]]:
    """Kind of a concept, or "any" -> words that say no more than the kind: "deposit amount", "employee full name"."""
    return {kind: frozenset(words) for kind, words in _stored("fillers").items()}


def company_words() -> Mapping[str, tuple[str, ...]]:
    """Legal forms of companies beyond the lexicon's languages: `words`, and what stands `inside` a name as well."""
    return {where: tuple(words) for where, words in _stored("company_words").items()}


def _stored(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
    return found
