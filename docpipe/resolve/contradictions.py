"""What speaks against a value although it is valid: hidden text, check digits, another currency, two readings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from docpipe.literals.currencies import CENTS, shares_a_sign
from docpipe.literals.dates import swapped
from docpipe.literals.identifiers import vat_id_valid
from docpipe.literals.text import alphanumeric
from docpipe.page.box import Box
from docpipe.records import Violation
from docpipe.resolve.coerce import ambiguous_date, ambiguous_number
from docpipe.resolve.ground import Evidence
from docpipe.resolve.misplaced import misplaced
from docpipe.resolve.page_index import DIGITS, PageIndex
from docpipe.resolve.prose import in_prose
from docpipe.schema.nodes import Node
from docpipe.schema.paths import generic, leaves


def contradictions(
    nodes: Mapping[str, Node],
    value: Mapping[str, Any],
    evidence: Mapping[str, Evidence],
    pages: Sequence[PageIndex],
    currencies: Mapping[str, str],
) -> list[Violation]:
    """Violations of the record `value`, whose `evidence` was found on `pages`.

    `currencies`: path of an amount -> the currency that the answer wrote beside it. Rules: hidden_text,
    ungrounded (an amount, a date, or digits of a text, that stand nowhere where there are words to look among),
    printed_sign (an amount of which only the other sign is printed), ambiguous_date, ambiguous_number,
    vat_id_checksum, one_print (two numbers of a row on one word), currency_conflict, ambiguous_currency, in_prose,
    misplaced.
    """
    violations: list[Violation] = []
    searched = any(page.words for page in pages)
    covered = [(page.number, page.hidden) for page in pages if page.hidden is not None]
    stated: dict[str, str] = {}  # path -> currency
    for path, leaf in leaves(value):
        where, node = evidence.get(path), nodes[generic(path)]
        if node.format == "currency":
            stated[path] = leaf
        hidden = list(_hidden(path, leaf, where, covered)) if covered else []
        violations += hidden
        if where is None and searched and not hidden and (missing := _unprinted(node, leaf, pages)):
            whose = "its row does not print" if any(page.places(leaf) for page in pages) else "no page prints"
            violations.append(Violation("ungrounded", "warning", f"{path}: {whose} {missing}", (path,), str(leaf)))
        if isinstance(leaf, dt.date) and where is not None and where.place is not None and where.place.ambiguous:
            if swapped(leaf) is not None:
                violations.append(ambiguous_date(where.text, leaf, path))
        elif (
            isinstance(leaf, Decimal)
            and where is not None
            and (told := _two_readings(node, leaf, where, pages[0], path))
        ):
            violations.append(told)
        elif node.format == "vat-id" and vat_id_valid(leaf) is False:
            message = f"{path}: the check digits of {leaf!r} do not hold"
            violations.append(Violation("vat_id_checksum", "warning", message, (path,), leaf))
        if isinstance(leaf, Decimal) and where is not None and where.place is not None and node.type == "money":
            violations += _other_sign(node, leaf, path, where, pages)
    one_print, in_sentences = _one_print(nodes, evidence), in_prose(nodes, value, evidence, pages)
    money = [*_currencies(stated, currencies), *_shared_signs(stated, pages)]
    return [*violations, *one_print, *money, *in_sentences, *misplaced(nodes, value, evidence, pages)]


def _two_readings(node: Node, leaf: Decimal, where: Evidence, page: PageIndex, path: str) -> Violation | None:
    """Says that a number such as "1.234" may be a thousand or decimals, where the document does not settle it."""
    if (node.scale is not None and node.scale <= CENTS) or node.type in ("quantity", "rate"):
        return None
    other = page.conventions.other_reading(where.text, money=node.type == "money")
    if other is None or abs(leaf) == abs(other):
        return None
    return ambiguous_number(where.text, leaf, other, path)


def _other_sign(
    node: Node, leaf: Decimal, path: str, where: Evidence, pages: Sequence[PageIndex]
) -> Iterator[Violation]:
    """An amount that every page prints with the other sign only; a sign that the schema promises is none."""
    own = next(page for page in pages if page.number == where.page)
    if not leaf or node.sign or (where.place is not None and own.signed(where.place) == leaf):
        return
    printed = {page.signed(place) for page in pages for place in page.places(leaf)}
    if -leaf in printed and leaf not in printed:
        message = f"{path} is {leaf}, but {-leaf} is printed"
        yield Violation("printed_sign", "warning", message, (path,), str(leaf), str(-leaf))


def _one_print(nodes: Mapping[str, Node], evidence: Mapping[str, Evidence]) -> Iterator[Violation]:
    """Two numbers of a row that stand on one word: one of them was read in the wrong column, or is not printed."""
    owners: dict[tuple[str, int, int], str] = {}
    for path, value in evidence.items():
        row, inside, _ = path.rpartition("].")
        if not inside or value.place is None or nodes[generic(path)].kind not in ("number", "integer"):
            continue
        other = owners.setdefault((row, value.page, value.place.start), path)
        if other != path:
            message = f"{other} and {path} both stand on the one {value.text!r} that page {value.page} prints there"
            yield Violation("one_print", "warning", message, (other, path), value.text, value.text)


def _unprinted(node: Node, leaf: Any, pages: Sequence[PageIndex]) -> str:
    """What of a value that stands nowhere no page prints: an amount, a date, the digits of a text; "" for nothing.

    Words that are spelled or ordered otherwise are a reading; digits that are not there are a mistake.
    """
    if isinstance(leaf, str) and not node.enum and node.format != "currency":
        return next((run for run in DIGITS.findall(leaf) if not any(page.prints_digits(run) for page in pages)), "")
    return str(leaf) if node.scale is not None or node.kind == "date" else ""


def _hidden(
    path: str, leaf: Any, where: Evidence | None, covered: Sequence[tuple[int, PageIndex]]
) -> Iterator[Violation]:
    """A value that only hidden text prints, or that hidden text contradicts where it stands."""
    for page, hidden in covered:
        if where is None and hidden.places(leaf):
            message = f"{path} is {str(leaf)[:80]!r}, which page {page} prints only where no eye sees it"
            yield Violation("hidden_text", "error", message, (path,), str(leaf)[:200])
            return
        if where is not None and where.page == page:
            below = " ".join(word.text for word in hidden.words if _under(word.box, where.boxes))
            covered_text, shown = alphanumeric(below), alphanumeric(where.text)
            if below and covered_text not in shown and shown not in covered_text:
                message = f"{path}: page {page} shows {where.text[:80]!r} over the hidden text {below[:80]!r}"
                yield Violation("hidden_text", "error", message, (path,), where.text[:200], below[:200])


def _under(box: Box, boxes: Sequence[Box]) -> bool:
    """Whether the middle of `box` lies in one of `boxes`."""
    return any(outer.holds(box.mid_x, box.mid_y) for outer in boxes)


def _shared_signs(stated: Mapping[str, str], pages: Sequence[PageIndex]) -> Iterator[Violation]:
    """Currencies of which the pages print nothing but a sign that others share, where nothing tells whose it is."""
    doubtful = {path: code for path, code in stated.items() if shares_a_sign(code)}
    signs = pages[0].conventions.signs if doubtful and any(page.words for page in pages) else frozenset()
    for path, leaf in doubtful.items():
        if any(sign.codes == (leaf,) for sign in signs):
            continue
        shared = next((sign for sign in sorted(signs) if leaf in sign.codes), None)
        if shared is None or pages[0].conventions.settled(shared.codes) == leaf:
            continue
        others = ", ".join(code for code in shared.codes if code != leaf)
        message = f"{shared.text!r} may be {leaf}, {others}; read as {leaf}"
        yield Violation("ambiguous_currency", "warning", message, (path,), leaf, others)


def _currencies(stated: Mapping[str, str], currencies: Mapping[str, str]) -> Iterator[Violation]:
    """Amounts told in another currency than the record's own, where it has but one."""
    if not currencies or len(stated) != 1:
        return
    ((path, own),) = stated.items()
    for where, code in currencies.items():
        if code != own:
            message = f"{where} is told in {code}, {path} is {own}"
            yield Violation("currency_conflict", "warning", message, (where, path), code, own)
