"""How a document writes its numbers: what a mark before three digits is, and which sign a mark behind an amount gives.

A part of literals/conventions.py, which is whom the rooms ask.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cached_property

from docpipe.literals.currencies import CENTS, MILLS, minor_units
from docpipe.literals.numbers import WITH_CENTS, DecimalMark, decimal_mark, parse_number, thousandths_mark
from docpipe.literals.sides import Sided, lettered, letters_of, names_statement, sided
from docpipe.literals.text import MAX_CHARS

WHOLE_WORDS = 2  # amounts without decimals show that amounts have none
COMMA_DINARS = frozenset({"TND", "LYD"})  # of the currencies with three decimals, those whose country writes a comma
_MARKED = re.compile(r"[.,]\d")
_DECIMALS = re.compile(r"[.,](\d{2,3})(?![\d.,]*\d)")
_OPEN_GROUP = re.compile(r"(?<![\d.,'])[1-9]\d{0,2}([.,])\d{3}(?![\d.,]*\d)")  # "1.234": a thousand, or decimals
_WHOLE = re.compile(r"[^\w\d]{0,2}[1-9]\d{0,2}(?:[.,']\d{3})+\D{0,3}|[^\w\s()+.,:#/-]{1,2}\d+")  # "25.000", "¥480"
_CLOSING_DASH = re.compile(r"(?<=\d) ?-(?=\D*\Z)")  # "60,000-" of a currency without decimals


class Amounts:
    """What the words of `lines` tell of numbers, in a document whose amounts are in `money`, if that is known.

    `mark` overrules the words where it is given.
    """

    def __init__(self, lines: Sequence[Sequence[str]], money: str | None, mark: DecimalMark | None) -> None:
        self._lines = lines
        self._texts = [text for line in lines for text in line]
        self._money = money
        self._given = mark

    @cached_property
    def mark(self) -> DecimalMark | None:
        """The decimal mark: by the numbers that have one reading, else by the currency; None if nothing tells."""
        return self._printed_mark or self._mark_of_dinars

    def number(self, text: str, *, money: bool = False) -> Decimal | None:
        """The number printed in `text`, with the sign that a mark behind it gives ("CR").

        `money`: an amount, whose decimals are those of its currency: "1.500" is one thousand and a half of pesos.
        """
        plain = text[-1:].isdigit() and text[:1] not in "CD"  # no mark behind it, and neither "CR" nor "DR" before
        side = None if plain else sided(text) or self._lettered(text)
        bare = text if side is None else side.text
        if money and self.places == 0:
            bare = _CLOSING_DASH.sub("", bare) if bare[:1] not in "-(" else bare
            value = parse_number(bare, None)
        else:
            value = parse_number(bare, self.mark)
        if value is None or side is None or value < 0:
            return value
        return value if side.credit is self._credit_is_positive else -value

    def other_reading(self, text: str, *, money: bool) -> Decimal | None:
        """The second reading of a number such as "1.234", where the document does not settle it; None where it does.

        It is settled by other numbers, and of an amount by its currency. A comma before three digits is no usual way of
        writing the dinars of countries that write a point.
        """
        found = _OPEN_GROUP.search(text) if self._printed_mark is None else None
        if found is None or self._is_settled(money):
            return None
        value, mark = self.number(text, money=money), found[1]
        first, second = (parse_number(text, None), parse_number(text, "," if mark == "," else "."))
        return second if value == first else first

    @cached_property
    def places(self) -> int:
        """How many decimals the amounts have: those of their currency, else those that are printed most."""
        if self._money is not None:
            return minor_units(self._money)
        printed = Counter(
            len(match[1]) for text in self._texts if self.mark and (match := _DECIMALS.search(text)) is not None
            if text[match.start()] == self.mark and len(text) <= MAX_CHARS and parse_number(text) is not None
        )  # fmt: skip
        return MILLS if printed[MILLS] > printed[CENTS] else CENTS

    def is_money(self, value: Decimal, scale: int | None) -> bool:
        """Whether `value` is printed with the decimals of an amount, in a field of that scale."""
        decimals = -int(value.as_tuple().exponent)
        return decimals == scale if scale is not None and scale < CENTS else decimals in self._money_decimals

    def shows_decimals(self, text: str) -> bool:
        """Whether `text` prints the decimals of an amount."""
        match = _DECIMALS.search(text)
        return match is not None and len(match[1]) in self._money_decimals

    @cached_property
    def _money_decimals(self) -> tuple[int, ...]:
        """Those of cents; where there are three decimals, some print two of them; none where no amount has any."""
        if self.places == MILLS:
            return (CENTS, MILLS)
        return (0,) if self.are_whole else (CENTS,)

    @cached_property
    def are_whole(self) -> bool:
        """Whether amounts have no decimals here: some are grouped or have a sign, and none prints cents."""
        if any(map(WITH_CENTS.search, self._texts)):
            return False
        whole = sum(1 for text in self._texts if _WHOLE.fullmatch(text) and parse_number(text) is not None)
        return whole >= (1 if self.places == 0 else WHOLE_WORDS)

    @cached_property
    def _printed_mark(self) -> DecimalMark | None:
        """The decimal mark that was given, or that the numbers with one reading show."""
        return self._given or decimal_mark(
            text for text in self._texts if len(text) <= MAX_CHARS and _MARKED.search(text)
        )

    @cached_property
    def _mark_of_dinars(self) -> DecimalMark | None:
        """The mark that stands before three digits, where amounts have three decimals; of two, that of the country."""
        if self._money is None or minor_units(self._money) != MILLS:
            return None
        votes = thousandths_mark(text for text in self._texts if len(text) <= MAX_CHARS)
        usual: DecimalMark = "," if self._money in COMMA_DINARS else "."
        return usual if votes.get(usual) or not votes else "," if usual == "." else "."

    def _is_settled(self, money: bool) -> bool:
        """Whether the currency tells what a mark before three digits is: of everything where amounts have three
        decimals, else of amounts.
        """
        return not self._is_odd_mark and (self._mark_of_dinars is not None or (money and self._money is not None))

    @cached_property
    def _is_odd_mark(self) -> bool:
        """Whether dinars seem to be written with the comma that their country has between thousands."""
        return self._mark_of_dinars == "," and self._money not in COMMA_DINARS

    @cached_property
    def _letters(self) -> Mapping[str, bool]:
        """The letters behind amounts that stand for credit and debit -> whether it is credit."""
        texts = [" ".join(line) for line in self._lines]
        printed = {
            found[1]
            for line in self._lines
            for at, text in enumerate(line)
            for pair in (text, " ".join(line[at : at + 2]))
            if (found := lettered(pair)) is not None
        }
        return letters_of(printed, texts)

    def _lettered(self, text: str) -> Sided | None:
        """An amount with a letter for its side behind it."""
        found = lettered(text)
        credit = self._letters.get(found[1]) if found is not None else None
        return None if found is None or credit is None else Sided(found[0], credit)

    @cached_property
    def _credit_is_positive(self) -> bool:
        """Whether credits are the reader's own money, as on a bank's statement; on a bill they are taken off."""
        return any(names_statement(" ".join(line)) for line in self._lines)
