"""Counts and lengths of what is learnt from pages that are alike."""

from __future__ import annotations

from dataclasses import dataclass

from docpipe.engine.layout.geometry import Params


@dataclass(frozen=True, slots=True)
class TemplateParams(Params):
    """How alike pages are, how far a printed word may stand from its place, and bounds of work."""

    # what is alike
    least_words: int = 8  # a page with fewer tells too little
    least_letters: int = 3  # of a word that a sketch looks at; shorter ones are everywhere
    columns: int = 4  # the coarse places of words: so many across a page
    rows: int = 8  # and so many down
    alike_share: float = 0.2  # of two sketches: pages that share less are not compared
    candidate_share: float = 0.12  # of two sketches: a page is laid on no template that shares less
    most_candidates: int = 4  # templates that a page is laid on
    most_leaders: int = 16  # groups that a page is compared with for one part of its sketch
    most_words: int = 3_000  # of a page that is looked at; more are no form
    most_members: int = 12  # pages that one template is learnt from
    members: int = 3  # pages that differ, at least: two cannot tell what is printed
    # one page laid on another
    seeds: int = 6  # words in common, at least, that say how one page lies on another
    near_seeds: int = 5  # of them, that say how the paper is bent where a word stands
    far_pt: float = 40.0  # a seed may lie so far off before the page was turned and scaled
    bent_pt: float = 9.0  # and so far off after it
    place_pitches: float = 0.7  # a printed word may begin so far from its place
    line_pitches: float = 0.45  # and stand so far above or below it
    same_text_share: float = 0.74  # of two words' letters: misread ones are one word
    same_print_share: float = 0.5  # the same of two words as wide as each other, at one place
    same_width_ratio: float = 1.15  # of two such words
    # what is printed
    layer_share: float = 0.95  # of the members with a text layer have a word that is printed
    ocr_share: float = 0.8  # of the members that were read from pixels, where words are misread
    unrivalled_share: float = 0.6  # of them, where the others have no word at its place: it may be missed there
    held_share: float = 0.7  # of a template's words: a page that prints fewer is another form
    split_share: float = 0.12  # of the printed words: members that share so many more are a form of their own
    split_words: int = 6  # and so many at least
    varied_words: int = 2  # a member has, at least, that others do not have; else it is their copy
    # what is entered
    slot_members: int = 2  # members that write something there, at least, make a place for entries
    same_line_share: float = 0.5  # of the smaller height: entries that share more stand on one line
    tall_pitches: float = 2.5  # what is taller was not entered at a key: a stamp, a fold
    run_em: float = 1.1  # wider gaps part two entries
    example_share: float = 0.12  # of the height of entries: what all copies print in another type is an example
    entry_pitches: float = 0.6  # an entry may reach so far beyond what others wrote
    key_left_pitches: float = 45.0  # white space between a key and the entry right of it
    key_above_pitches: float = 1.6  # white space between a key and the entry below it
    key_under_pitches: float = 0.9  # white space between an entry and the key below it
    key_leading_pitches: float = 0.55  # the lines of one key stand closer than this
    key_indent_pitches: float = 2.5  # a key above or below may begin so far from its entry
    key_lines: int = 3  # of one key
    table_columns: int = 3  # keys on one line, with entries of several lines below them, head a table
    key_chars: int = 120  # of the longest key
    same_field_ratio: float = 1.6  # the sides of one input field differ less than this from page to page
    same_box_pitches: float = 0.8  # the centres of one checkbox lie no further apart


PARAMS = TemplateParams()
