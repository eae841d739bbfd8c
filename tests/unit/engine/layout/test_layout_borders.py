"""Borders of the layout engine's rules: nearer is never worse, and a rule does not break another's case."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from docpipe.engine.layout.forms.checkbox_labels import label_of
from docpipe.engine.layout.forms.input_fields import InputField
from docpipe.engine.layout.forms.keys import key_at
from docpipe.engine.layout.forms.pair_scores import text_of
from docpipe.engine.layout.forms.params import PARAMS as FORMS
from docpipe.engine.layout.parties.blocks import find_blocks
from docpipe.engine.layout.parties.params import PARAMS as PARTIES
from docpipe.engine.layout.tables.columns import fit_grid
from docpipe.engine.layout.tables.headers import Column, Header
from docpipe.engine.layout.tables.params import PARAMS as TABLES
from docpipe.page.box import Box
from docpipe.page.lines import PageText, read_page
from docpipe.schema.load import load_schema
from tests.unit.engine.layout.conftest import LETTER, WIDTH, Print, page_of, reply_of, table_of
from tests.unit.engine.layout.test_layout_forms import FORM, Rule, frame, pairs

SIZE = 10.0  # points: the type of the test pages, and so their pitch
FIELD = Box(320.0, 300.0, 500.0, 315.0)
KEY = "Name"
LONG = LETTER * len(KEY)
HAIR = 0.01  # points: less than a printer can print


def page_text_of(prints: Sequence[Print], rules: Sequence[Rule] = ()) -> PageText:
    return read_page(page_of(prints, size=SIZE, rules=rules), 0)


def has_key(beside: float, above: float) -> bool:
    """Whether the field has a key that ends so far left of it, with its middle so far above the field's."""
    page_text = page_text_of([(FIELD.left - beside - LONG, FIELD.mid_y - above - SIZE / 2, KEY)])
    return text_of(key_at(InputField(FIELD, "cell"), page_text, set(), written_under=False)) == KEY


@given(st.floats(0, FORMS.keys.beside_pitches * SIZE - HAIR))
def test_a_key_beside_its_field_is_found_up_to_the_border(gap: float) -> None:
    assert has_key(gap, 0.0)


@given(st.floats(FORMS.keys.beside_pitches * SIZE + HAIR, 290.0))
def test_a_key_behind_the_border_is_not_found(gap: float) -> None:
    assert not has_key(gap, 0.0)


@given(st.floats(0, 290), st.floats(0, 60), st.floats(0, 1), st.floats(0, 1))
@example(0.0, 12.0, 1.0, 0.8)
def test_a_key_moved_nearer_to_its_field_is_never_lost(beside: float, above: float, across: float, up: float) -> None:
    if has_key(beside, above):
        assert has_key(beside * across, above * up)


@given(st.floats(0, FORMS.labels.beside_pitches * SIZE - HAIR), st.booleans(), st.booleans(), st.floats(-4, 4))
def test_the_text_beside_a_checkbox_is_found_up_to_the_border(
    gap: float, left: bool, after: bool, lower: float
) -> None:
    box = Box(200.0, 300.0, 200.0 + SIZE, 300.0 + SIZE)
    at = box.left - gap - LONG if left else box.right + gap
    page_text = page_text_of([(at, box.top + lower, KEY)])
    assert text_of(label_of(box, None, page_text, [box], after=after, drawn=False)) == KEY


@given(st.floats(FORMS.labels.beside_pitches * SIZE + HAIR, 150), st.booleans())
def test_a_text_behind_the_border_is_of_no_checkbox(gap: float, left: bool) -> None:
    box = Box(200.0, 300.0, 200.0 + SIZE, 300.0 + SIZE)
    page_text = page_text_of([(box.left - gap - LONG if left else box.right + gap, box.top, KEY)])
    assert label_of(box, None, page_text, [box], after=left, drawn=True) == ()


@given(st.floats(0, FORMS.labels.beside_pitches * SIZE - HAIR), st.integers(1, 4))
def test_a_text_between_two_checkboxes_is_that_of_the_one_before_it(gap: float, words: int) -> None:
    text = " ".join(["yes"] * words)
    box = Box(100.0, 300.0, 110.0, 310.0)
    page_text = page_text_of([(box.right + gap, 300.0, text)])
    other = Box(page_text.lines[0].box.right + 3.0, 300.0, page_text.lines[0].box.right + 13.0, 310.0)
    first = label_of(box, None, page_text, [box, other], after=False, drawn=False)
    assert text_of(first) == text


keys = st.lists(st.tuples(st.floats(12, 60), st.floats(1, 60)), min_size=2, max_size=6)  # (width, gap behind it)
words = st.lists(st.tuples(st.floats(0, 500), st.integers(1, 12), st.booleans()), max_size=12)


@given(keys, words, st.lists(st.floats(0, 595), max_size=4))
def test_the_edge_of_a_column_stays_between_the_keys_beside_it(
    keys: list[tuple[float, float]], words: list[tuple[float, int, bool]], rules: list[float]
) -> None:
    columns = []
    at = 40.0
    for width, gap in keys:
        columns.append(Column("", (), at, at + width))
        at += width + gap
    prints = [(x, 120.0 + 14 * row, "1" * letters if digits else "x" * letters)
              for row, (x, letters, digits) in enumerate(words)]  # fmt: skip
    page_text = page_text_of(prints, [(x, 90.0, x, 300.0) for x in rules])
    box = Box(40.0, 100.0, columns[-1].x1, 110.0)
    header = Header("items", tuple(columns), 1.0, 0, 0, 0, box, WIDTH)
    edges = fit_grid(header, page_text, page_text.lines).edges
    assert (edges[0], edges[-1]) == (0.0, WIDTH)
    assert list(edges) == sorted(edges)
    for (left, right), edge in zip(pairwise(columns), edges[1:-1], strict=True):
        assert (left.x0 + left.x1) / 2 <= edge <= (right.x0 + right.x1) / 2


INVOICE = load_schema("invoice").document
COLUMNS = (50, 300, 380, 480)


def descriptions(gap: float) -> list[str]:
    """Of a table of one row whose text goes on so far under its first line."""
    header = ("Description", "Quantity", "Unit price", "Amount")
    prints = table_of(100, COLUMNS, [header, ("Pump, cast iron, with", "1", "90.00", "90.00")])
    page = page_of([*prints, (50, 114 + SIZE + gap, "flange and seal")], size=SIZE)
    return [row["description"] for row in json.loads(reply_of(INVOICE, [page]).text)["line_items"]]


@given(st.floats(0, TABLES.rows.wrap_gap_pitches * SIZE - HAIR))
@settings(max_examples=30)
def test_a_wrapped_text_belongs_to_its_row_up_to_the_border(gap: float) -> None:
    assert descriptions(gap) == ["Pump, cast iron, with flange and seal"]


@given(st.floats(TABLES.rows.wrap_gap_pitches * SIZE + HAIR, 100))
@settings(max_examples=30)
def test_a_text_behind_the_border_belongs_to_no_row(gap: float) -> None:
    assert descriptions(gap) == ["Pump, cast iron, with"]


def blocks(gap: float, aside: float) -> int:
    page_text = page_text_of([(50.0, 100.0, "Mill & Sons"), (50.0 + aside, 100.0 + SIZE + gap, "12 Hill Road, London")])
    return len(find_blocks(page_text, lambda _: True))


@given(st.floats(-4, 20), st.floats(0, 20), st.floats(0, 1), st.floats(0, 1))
@example(PARTIES.blocks.leading_em * SIZE - HAIR, 0.0, 1.0, 1.0)
def test_lines_moved_nearer_are_never_parted(gap: float, aside: float, up: float, across: float) -> None:
    if blocks(gap, aside) == 1:
        assert blocks(gap * up, aside * across) == 1


@given(st.floats(-4, PARTIES.blocks.leading_em * SIZE - HAIR), st.floats(0, PARTIES.blocks.aligned_pt))
def test_lines_that_stand_close_are_one_block(gap: float, aside: float) -> None:
    assert blocks(gap, aside) == 1


KEYS = ("Town", "Year", "Unit", "Name", "Road", "Mail", "Hand")
KINDS = ("key beside a line", "key beside a cell", "key above a cell")


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.booleans(), st.floats(2, 100)), min_size=1, max_size=len(KEYS)))
@settings(max_examples=50)
def test_every_pair_is_read_whatever_other_fields_the_form_has(fields: list[tuple[str, bool, float]]) -> None:
    prints: list[Print] = []
    rules: list[Rule] = []
    wanted = {}
    for at, (key, (kind, entered, gap)) in enumerate(zip(KEYS, fields, strict=False)):
        top, left = 100.0 + 60 * at, 200.0
        prints.append((left, top - 15, key) if kind == "key above a cell" else (left - gap - LONG, top + 2, key))
        rules += [(left, top + 14, 400.0, top + 14)] if kind == "key beside a line" else frame(left, top, 400, top + 15)
        wanted[key] = "Berlin" if entered else None
        prints += [(left + 5, top + 2, "Berlin")] if entered else []
    assert pairs(json.loads(reply_of(FORM, [page_of(prints, rules=rules)]).text)) == wanted
