"""Which languages the captions on sample pages are of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from docpipe.engine.layout.keys.concepts import captioned
from docpipe.engine.layout.keys.fields import key_of
from docpipe.errors import InvalidSettings, did_you_mean
from docpipe.literals.captions import CAPTION_LANGUAGES, Concept, all_concepts

UNKNOWN = "und"  # the code of ISO 639 for a language that nobody determined
SEEN_SHARE = 0.25  # of the captions that the commonest language explains: another one that explains so many is seen


@lru_cache(maxsize=1)
def _by_key() -> dict[str, frozenset[str]]:
    """Key of a caption -> the languages that have it."""
    found: dict[str, set[str]] = {}
    for concept in all_concepts().values():
        for language, captions in concept.captions.items():
            for caption in captions:
                found.setdefault(key_of(caption), set()).add(language)
    return {key: frozenset(languages) for key, languages in found.items() if key}


def languages_of(key: str) -> frozenset[str]:
    """The languages in which a text is a caption."""
    return _by_key().get(key_of(key), frozenset())


def captioned_in(text: str, languages: Sequence[str]) -> tuple[Concept, ...]:
    """The concepts of which a text is a caption in one of the languages; in any, where none is named."""
    key = key_of(text)
    return tuple(
        concept
        for concept in captioned(text)
        if not languages
        or any(key_of(caption) == key for each in languages for caption in concept.captions.get(each, ()))
    )


def languages_seen(keys: Iterable[str]) -> tuple[str, ...]:
    """The languages that the captions among `keys` are of, the one that explains most of them first.

    A caption that an earlier language explains counts for no later one: "Total" is no sign of Spanish on an English
    page.
    """
    left = [languages for key in keys if (languages := languages_of(key))]
    seen: list[str] = []
    most = 0
    while left:
        counts = Counter(language for languages in left for language in languages)
        best = max(CAPTION_LANGUAGES, key=lambda language: counts[language])
        if counts[best] < max(1, SEEN_SHARE * most):
            break
        most = most or counts[best]
        seen.append(best)
        left = [languages for languages in left if best not in languages]
    return tuple(seen)


def language_of(key: str, seen: Sequence[str]) -> str:
    """The first of the languages seen that has the caption, else the first one seen; a guess where none was seen."""
    known = languages_of(key)
    if not seen:
        return next((language for language in CAPTION_LANGUAGES if language in known), UNKNOWN)
    return next((language for language in seen if language in known), seen[0])


def with_captions(codes: Iterable[str]) -> tuple[str, ...]:
    """The languages of these codes. Raises InvalidSettings for one without captions."""
    asked = tuple(codes)
    for code in asked:
        if code not in CAPTION_LANGUAGES:
            known = ", ".join(CAPTION_LANGUAGES)
            raise InvalidSettings(
                f"no captions of the language {code!r}{did_you_mean(code, CAPTION_LANGUAGES)}",
                remedy=f"There are {known}.",
            )
    return asked
