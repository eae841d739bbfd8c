"""Whatever kind: nothing leaves its page, labelled text can be read, and no text lies on other text."""

from __future__ import annotations

from importlib import import_module
from itertools import combinations

import pytest

from docpipe.synth import KINDS
from docpipe.synth.languages import LANGUAGES
from docpipe.synth.sheet import Rule, Sheet, Text
from docpipe.synth.traits import draw_traits, hard_kinds

SMALLEST_PT = 5.3
TOUCH_PT = 2.2  # by which boxes of text may meet: they reach from capitals to descenders


HARD = tuple(f"hard {kind}" for kind in hard_kinds())


def sheets(name: str, count: int = 60) -> list[tuple[int, Sheet, str]]:
    """Sheets of a kind, all of them hard where its name says so."""
    kind = name.removeprefix("hard ")
    compose = import_module(KINDS[kind]).compose
    made = []
    for index in range(count):
        traits = draw_traits(kind, 41, index, float(name != kind))
        made.append(compose(index, 41, LANGUAGES, **({"traits": traits} if traits else {})))
    return [(index, one.sheet, one.label.get("chart_type", "")) for index, one in enumerate(made)]


def meet(one: Text, other: Text) -> bool:
    a, b = one.box(), other.box()
    return min(a[2], b[2]) - max(a[0], b[0]) > TOUCH_PT and min(a[3], b[3]) - max(a[1], b[1]) > TOUCH_PT


@pytest.mark.parametrize("kind", [*KINDS, *HARD])
def test_nothing_leaves_its_page_and_no_labelled_text_is_too_small(kind: str) -> None:
    for index, sheet, _ in sheets(kind):
        for page in sheet.pages:
            for mark in page:
                if isinstance(mark, Rule):
                    continue
                x0, y0, x1, y1 = mark.box()
                inside = x0 >= -0.5 and y0 >= -0.5 and x1 <= sheet.width + 0.5 and y1 <= sheet.height + 0.5
                assert inside, f"{kind} {index}: {mark} on {sheet.width} x {sheet.height}"
                if isinstance(mark, Text) and mark.paths:
                    assert mark.size >= SMALLEST_PT, f"{kind} {index}: {mark.text!r} at {mark.size:.1f} pt"


@pytest.mark.parametrize("kind", [*(kind for kind in KINDS if kind not in ("bundle", "orders")), *HARD])
def test_no_text_lies_on_other_text(kind: str) -> None:
    for index, sheet, chart in sheets(kind, 40):
        if chart in ("pie", "donut"):
            continue  # names of thin slices stand close, as they do in life
        for page in range(min(3, len(sheet.pages))):
            upright = [text for text in sheet.texts(page) if not text.angle and not text.hand]
            for one, other in combinations(upright, 2):
                assert not meet(one, other), f"{kind} {index}: {one.text!r} on {other.text!r}"
