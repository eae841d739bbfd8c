"""The geometry of addresses: which lines are one block, and how many of them are a party."""

from __future__ import annotations

from dataclasses import dataclass

from docpipe.engine.layout.geometry import Params


@dataclass(frozen=True, slots=True)
class BlockParams(Params):
    """Lines of one paragraph."""

    leading_em: float = 0.75  # white space between two lines of one block
    overlap_em: float = 0.5  # they may reach so far into each other
    aligned_pt: float = 3.0  # edges or centres nearer than this stand under each other
    same_type_ratio: float = 1.45  # heights of type within this ratio belong together


@dataclass(frozen=True, slots=True)
class AddressParams(Params):
    """Lines of one party."""

    lines: int = 9  # of one party: name, contact, department, street, building, postal code, country
    line_chars: int = 90  # a longer line is prose
    postal_lines: int = 3  # the last postal code among so many lines is the address's: a box has one of its own
    region_words: int = 3  # of a line that names a region or country
    heading_share: float = 0.96  # of the size of other type: headings are set smaller than this


@dataclass(frozen=True, slots=True)
class PartyParams(Params):
    """All of them."""

    blocks: BlockParams = BlockParams()
    addresses: AddressParams = AddressParams()


PARAMS = PartyParams()
