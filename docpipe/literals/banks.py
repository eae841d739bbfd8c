"""Words for an account and for what only an account at a bank has: a sort code, an IBAN, the name of a bank."""

from __future__ import annotations

import re
from collections.abc import Iterable

from docpipe.literals.lexicon import all_languages, any_of
from docpipe.literals.text import folded

_WORDS = all_languages()
_ACCOUNT = re.compile(any_of(_WORDS.accounts, inside=True))
_DETAILS = re.compile(rf"{any_of(_WORDS.bank_details)}|\b(?:iban|bic|swift)\b")
_BANK = re.compile(any_of(_WORDS.banks, inside=True))


def names_account(text: str) -> bool:
    """True for words that name an account, a customer's or a bank's."""
    return _ACCOUNT.search(folded(text)) is not None


def names_bank_details(text: str) -> bool:
    """True for words that only stand beside an account at a bank."""
    return _DETAILS.search(folded(text)) is not None


def names_bank(text: str) -> bool:
    """True for words with a bank's name, or about one."""
    return _BANK.search(folded(text)) is not None


def is_customers(labels: Iterable[str]) -> bool:
    """Whether a number with these labels is a customer's: some do not name an account, and none names a bank's."""
    printed = list(labels)
    return not all(map(names_account, printed)) and not any(map(names_bank_details, printed))
