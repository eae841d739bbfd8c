"""The geometry of addresses: which lines are one block, and how many of them are a party."""

from __future__ import annotations

from dataclasses import dataclass

from docpipe.engine.layout.geometry import Params


@dataclass(frozen=True, slots=True)
class BlockParams(Params):
    """Lines of one paragraph."""

    leading_em: float = 0.75  # white space between two lines of one block
    most_leading_em: float = 2.2  # and in a block whose lines are all set so wide
    same_leading_em: float = 0.3  # white space that differs by less is the same
    overlap_em: float = 0.5  # they may reach so far into each other
    aligned_pt: float = 3.0  # edges or centres nearer than this stand under each other
    same_type_ratio: float = 1.45  # heights of type within this ratio belong together


@dataclass(frozen=True, slots=True)
class AddressParams(Params):
    """Lines of one party."""

    lines: int = 9  # of one party: name, contact, department, street, building, postal code, country
    line_chars: int = 90  # a longer line is prose
    postal_lines: int = 3  # the last postal code among so many lines is the address's: a box has one of its own
    number_digits: int = 10  # a line with so many, and fewer letters, is a number
    loose_lines: int = 4  # of an address without a postal code
    region_words: int = 3  # of a line that names a region or country
    heading_share: float = 0.96  # of the size of other type: headings are set smaller than this


@dataclass(frozen=True, slots=True)
class ZoneParams(Params):
    """What a heading rules, and the party under it."""

    most_headings: int = 60  # of one page; more are no headings
    party_lines: int = 16  # under a heading that can be its party's
    zone_lines: int = 32  # under a heading that are looked at for the end of its zone
    end_gap_em: float = 2.4  # white space that ends a party's block
    zone_gap_em: float = 3.2  # white space that ends a heading's zone; of the heading's type
    first_gap_em: float = 4.0  # white space allowed between a heading and its block
    beside_share: float = 0.4  # of the page's width: a block further right of its heading belongs to something else
    aligned_em: float = 0.8  # lines of one block begin within this
    name_chars: int = 80  # of a name at most
    wrap_gap_em: float = 0.6  # white space between the lines of one wrapped text
    long_line_share: float = 0.6  # of the page's width: a line that ends before this was not broken, it ended
    edge_pt: float = 1.0  # a zone ends this far from what ends it
    left_slack_em: float = 0.5  # what begins this far left of a heading is under it; of its type
    heading_slack_pt: float = 20.0  # and another heading, that ends the zone, this far


@dataclass(frozen=True, slots=True)
class PlaceParams(Params):
    """Where parties without a heading stand. Heights are of the page."""

    top_share: float = 0.16  # of the height: a letterhead begins above this
    window_share: tuple[float, float] = (0.08, 0.42)  # of the height: an address that a reader is meant to see
    foot_share: float = 0.84  # of the height: a footer begins below this
    pages: int = 2  # whose addresses are looked at: letterhead and footer stand on the first
    most_addresses: int = 40  # of one page; a list of addresses tells nothing of its sender
    most_options: int = 8  # addresses that are tried for one role
    postal_em: float = 3.0  # a postal code this near right of a street is its
    overlap_pt: float = 2.0  # blocks above each other may reach so far into each other
    larger_ratio: float = 1.25  # a line set so much larger than the one under it is the name, and that a slogan
    name_gap_em: float = 4.0  # a name this near above a nameless address is its
    sender_gap_em: float = 4.0  # a sender's line stands this near above the address
    sender_aside_em: float = 2.0  # and begins within this
    several_lines: int = 3  # an address of so many is an addressee's


@dataclass(frozen=True, slots=True)
class MastheadParams(Params):
    """Names of senders that stand without an address."""

    head_share: float = 0.22  # of the page's height: the head ends there
    head_lines: int = 24  # of a page that are looked at
    most_names: int = 12  # of one head
    large_ratio: float = 1.3  # of the page's type: larger than text
    echo_letters: int = 4  # a shorter name, or host, recurs by chance
    same_name_em: float = 0.5  # white space between the lines of one name
    same_type_ratio: float = 1.2  # which are set alike
    gap_em: float = 2.2  # white space between a name and its address
    aligned_em: float = 0.6  # they begin, end or centre within this


@dataclass(frozen=True, slots=True)
class HeadParams(Params):
    """The head of a document that is addressed to nobody."""

    lines: int = 16  # in which its sender stands, with what is printed above it
    fields: int = 4  # so many keys with values below a name end the head, and one below an address
    letters: int = 3  # of a name at least; letters set wide are as many at least
    word_step_ratio: float = 1.4  # of the step between letters set wide to the usual one: it parts two words
    name_lines: int = 3  # of a name at most
    sure_share: float = 0.85  # of the recogniser's certainty: handwriting and logos are read with less
    large_ratio: float = 1.2  # of type to the page's usual: names are set in it
    same_type_ratio: float = 1.5  # of the heights of two lines of one name
    wrap_em: float = 1.0  # white space between two lines of one name, or of one address
    centred_em: float = 1.0  # their centres, or their left edges, are this near
    edge_em: float = 0.8  # both edges of lines set to one width are this near
    full_share: float = 0.8  # of all that is printed, in width: a name as wide was broken
    apart_em: float = 1.2  # white space that parts a stamp from a head
    aside_em: float = 3.0  # and how far aside its centre stands
    sentence_words: int = 4  # of a sentence at least


@dataclass(frozen=True, slots=True)
class PartyParams(Params):
    """All of them."""

    blocks: BlockParams = BlockParams()
    addresses: AddressParams = AddressParams()
    zones: ZoneParams = ZoneParams()
    places: PlaceParams = PlaceParams()
    mastheads: MastheadParams = MastheadParams()
    heads: HeadParams = HeadParams()


PARAMS = PartyParams()
