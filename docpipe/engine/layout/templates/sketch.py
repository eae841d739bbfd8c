"""A page in 256 bytes: MinHash over its words with their coarse places. Alike pages have alike sketches.

Two grids of places, one shifted by half a cell, let a word that moved a little keep one of its places. Words with
digits are entries, most of them, and are left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from docpipe.engine.layout.templates.params import PARAMS
from docpipe.page.mirror import has_leftward_words
from docpipe.records import Page

HASHES = 64
_GENERATOR = np.random.Generator(np.random.PCG64(20_240_229))
_FACTORS = _GENERATOR.integers(1, 2**63, HASHES, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_OFFSETS = _GENERATOR.integers(0, 2**63, HASHES, dtype=np.uint64)

Hashes = npt.NDArray[np.uint32]


def sketch(page: Page) -> bytes:
    """The page's sketch; b"" for one that has too few words, too many, or words that run to the left."""
    if page.skipped or len(page.words) > PARAMS.most_words or has_leftward_words(page):
        return b""
    features = sorted(set(_features(page)))
    if len(features) < 2 * PARAMS.least_words:
        return b""
    hashed = np.array([_hash(feature) for feature in features], dtype=np.uint64)
    mixed = (_FACTORS[:, None] * hashed[None, :] + _OFFSETS[:, None]) >> np.uint64(32)
    return bytes(mixed.min(axis=1).astype("<u4").tobytes())


def hashes(sketched: bytes) -> Hashes:
    """The numbers of a sketch."""
    return np.frombuffer(sketched, dtype="<u4")


def alike(one: Hashes, others: npt.NDArray[np.uint32]) -> npt.NDArray[np.float64]:
    """The share of their words with places that a page and each of `others`, a sketch a row, have in common."""
    share: npt.NDArray[np.float64] = (others == one[None, :]).mean(axis=1)
    return share


def _features(page: Page) -> Iterator[str]:
    for word in page.words:
        text = "".join(char for char in word.text.casefold() if char.isalpha())
        if not word.visible or len(text) < PARAMS.least_letters or any(char.isdigit() for char in word.text):
            continue
        x, y = word.box.mid_x * PARAMS.columns, word.box.mid_y * PARAMS.rows
        yield f"a {text} {int(x)} {int(y)}"
        yield f"b {text} {int(x + 0.5)} {int(y + 0.5)}"


def _hash(feature: str) -> int:
    return int.from_bytes(hashlib.blake2b(feature.encode(), digest_size=8).digest(), "little")
