"""How one bank prints its statements."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from docpipe.synth.formats import Dates, Numbers, draw_dates, draw_numbers
from docpipe.synth.sheet import Colour
from docpipe.synth.statement.account import Account

_ACCENTS: tuple[Colour, ...] = ((0.1, 0.25, 0.5), (0.5, 0.1, 0.1), (0.05, 0.4, 0.3), (0.2, 0.2, 0.22), (0.75, 0.4, 0.0))


@dataclass(frozen=True)
class Look:
    """The style of one bank's paper."""

    numbers: Numbers
    dates: Dates
    columns: tuple[str, ...]
    ruling: str
    filled: bool
    carried: bool
    balance_shown: bool
    grouped: bool
    accent: Colour
    captions: dict[str, str]


def draw_look(account: Account, rng: Random) -> Look:
    """A style a bank of that country may have."""
    captions = {key: rng.choice(texts) for key, texts in account.words["captions"].items()}
    money = rng.choice((("debit", "credit"), ("amount",), ("amount",)))
    order = rng.choice(
        (
            ("serial", "date", "description"),
            ("date", "serial", "description"),
            ("serial", "date", "value_date", "description"),
        )
    )
    shown = rng.random() < 0.8
    return Look(
        numbers=draw_numbers(account.language, account.bank.country, rng),
        dates=draw_dates(account.language, account.bank.country, rng),
        columns=(*order, *money, *(("balance",) if shown else ())),
        ruling=rng.choice(("lines", "zebra", "none", "none", "grid")),
        filled=rng.random() < 0.4,
        carried=rng.random() < 0.75,
        balance_shown=shown,
        grouped=rng.random() < 0.6,
        accent=rng.choice(_ACCENTS),
        captions=captions,
    )
