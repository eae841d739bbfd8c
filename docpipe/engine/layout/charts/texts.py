"""What is written around a chart: its title, and the titles of its axes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from docpipe.engine.layout.charts.legend import Entry
from docpipe.engine.layout.charts.picture import Phrase, Picture, phrase
from docpipe.page.box import Box

REACH_EM = 3.5  # under the labels of an axis, where its title stands
WRAP_EM = 0.9  # between the lines of one title


def title_of(picture: Picture, marks: Box, used: Collection[int], larger: float = 0.0) -> Phrase | None:
    """The largest type above the marks, with the lines that go on in it; at least so much `larger` than usual."""
    above = [
        label
        for label in picture.phrases
        if not label.turned
        and label.box.bottom <= marks.top + 0.5 * picture.em
        and sum(map(str.isalpha, label.text)) > 2
        and label.box.height >= larger * picture.em
        and not any(token.index in used for token in label.tokens)
    ]
    if not above:
        return None
    tallest = max(label.box.height for label in above)
    first = min(
        (label for label in above if label.box.height >= 0.85 * tallest),
        key=lambda label: (label.box.top, label.box.left),
    )
    lines = [first]
    for label in sorted(above, key=lambda label: (label.box.top, label.box.left)):
        if label is first or abs(label.box.height / first.box.height - 1) > 0.2:
            continue
        same_row = abs(label.box.mid_y - lines[-1].box.mid_y) < 0.4 * first.box.height
        next_row = 0 < label.box.mid_y - lines[-1].box.mid_y < 1.9 * first.box.height
        close = 0 < label.box.left - lines[-1].box.right < 1.6 * first.box.height
        if close if same_row else next_row:
            lines.append(label)
    return phrase([token for line in lines for token in line.tokens])


def across_title(picture: Picture, floor: float, sides: tuple[float, float], used: Collection[int]) -> Phrase | None:
    """The phrase under the labels of the horizontal axis, near the middle of it."""
    middle = (sides[0] + sides[1]) / 2
    under = [
        label
        for label in picture.phrases
        if not label.turned
        and floor + 0.2 * picture.em < label.box.mid_y < floor + REACH_EM * picture.em
        and label.box.width < sides[1] - sides[0]
        and any(map(str.isalpha, label.text))
        and not any(token.index in used for token in label.tokens)
    ]
    near = [label for label in under if abs(label.box.mid_x - middle) < 0.25 * (sides[1] - sides[0])]
    return min(near, key=lambda label: label.box.top, default=None)


def upward_title(picture: Picture, edge: float, used: Collection[int]) -> Phrase | None:
    """The phrase that runs up left of the labels of the vertical axis."""
    beside = [
        label
        for label in picture.phrases
        if label.turned and label.box.mid_x < edge and not any(token.index in used for token in label.tokens)
    ]
    return max(beside, key=lambda label: label.box.height, default=None)


def heading_of(picture: Picture, legend: Sequence[Entry]) -> Phrase | None:
    """The words right above a legend, which begin where its samples do."""
    first = min((entry.box for entry in legend), key=lambda box: box.top, default=None)
    if first is None or any(abs(entry.sample.left - first.left) > 0.5 * picture.em for entry in legend):
        return None
    above = [
        label
        for label in picture.phrases
        if abs(label.box.left - first.left) < 0.7 * picture.em and 0 <= first.top - label.box.bottom < 1.6 * picture.em
    ]
    return max(above, key=lambda label: label.box.top, default=None)


def used_by(phrases: Sequence[Phrase | None]) -> set[int]:
    """The words of some phrases."""
    return {token.index for each in phrases if each is not None for token in each.tokens}
