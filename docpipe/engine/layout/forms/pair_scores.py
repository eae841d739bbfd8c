"""How sure the pairs of a form are: by how alike they are to the form's other pairs, and by their own looks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

from docpipe.engine.layout.forms.input_fields import InputField
from docpipe.engine.layout.forms.params import PARAMS
from docpipe.engine.layout.scoring.confidence import doubted
from docpipe.engine.layout.scoring.weights import shares, weight
from docpipe.page.lines import Token, around

Side = Literal["in", "left", "above", "under", "colon"]
Shares = Mapping[str, tuple[float, ...]]

# Side of the key -> shares that are right: of keys, of those without an entry, of entries.
DRAWN, SEEN = (  # where the lines are those of the file, and where they were found in pixels
    {side: shares(f"key_values.{lines}.{side}") for side in get_args(Side)} for lines in ("drawn", "seen")
)
# how much more frequent a sign is among wrong pairs: a key on another side than most
ODD_SIDE = weight("odds.key_on_odd_side")
SEVERAL = weight("odds.several_texts")  # several texts taken for one
BESIDE_SEVERAL = weight("odds.beside_several_texts")  # the other cell of the pair has several
LINES = weight("odds.entry_of_lines")  # an entry of several lines
HOLDS_VALUE = weight("odds.key_holds_value")  # digits behind the first word of a key
SENTENCE = weight("odds.key_is_sentence")  # a key that is a sentence
NOTE = weight("odds.key_has_note")  # a remark in brackets, which may or may not belong to the key


@dataclass(frozen=True, slots=True)
class Pair:
    """A key and what was entered at it. `input_field` is None for a key that only a colon marks."""

    input_field: InputField | None
    key: tuple[Token, ...]
    words: tuple[Token, ...]  # of the entry
    value: str

    @property
    def side(self) -> Side:
        """Where the key stands, seen from the input field."""
        if self.input_field is None:
            return "colon"
        key, input_field = around(self.key), self.input_field.box
        if input_field.holds(key.mid_x, key.mid_y):
            return "in"
        highest = input_field.top - PARAMS.pairs.lower_share * input_field.height
        if key.right <= input_field.left + PARAMS.keys.beside_overlap_pt and key.mid_y > highest:
            return "left"
        return "under" if key.mid_y > input_field.bottom else "above"


def text_of(tokens: Sequence[Token]) -> str:
    """The words with spaces between."""
    return " ".join(token.text for token in tokens)


def pair_scores(pairs: Sequence[Pair], *, drawn: bool) -> list[tuple[float, float]]:
    """(probability of the key, of the entry) of each pair of one page.

    `drawn`: the rules of input fields are those of the file, and not found in pixels.
    """
    sides = Counter(pair.side for pair in pairs)
    return [_scores(pair, sides[pair.side] / len(pairs), DRAWN if drawn else SEEN) for pair in pairs]


def _scores(pair: Pair, habit: float, of_sides: Shares) -> tuple[float, float]:
    """`habit`: the share of the page's keys that stand on this side."""
    text, (filled, empty, entered) = text_of(pair.key), of_sides[pair.side]
    several = _is_several(pair.key), _is_several(pair.words) or text_of(pair.words).endswith(":")
    both = (ODD_SIDE if habit < PARAMS.pairs.habit_share else 1.0) * (LINES if "\n" in pair.value else 1.0)
    of_key = doubted(
        filled if pair.value else empty,
        both,
        SEVERAL if several[0] else BESIDE_SEVERAL if several[1] else 1.0,
        HOLDS_VALUE if any(char.isdigit() for token in pair.key[1:] for char in token.text) else 1.0,
        SENTENCE if text.endswith((".", "!")) and len(pair.key) >= PARAMS.pairs.sentence_words else 1.0,
        NOTE if "(" in text else 1.0,
    )
    return of_key, doubted(entered, both, SEVERAL if several[1] else BESIDE_SEVERAL if several[0] else 1.0)


def _is_several(words: Sequence[Token]) -> bool:
    """Two texts that stand side by side, or a colon before the end: more than one key, or key and entry."""
    wide = PARAMS.pairs.text_gap_em
    apart = any(b.box.left - a.box.right > wide * max(a.size, b.size) for a, b in pairwise(words))
    return apart or any(word.text.endswith(":") for word in words[:-1])
