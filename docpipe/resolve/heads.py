"""What a page prints at the keys of a record's own fields: its number, its dates, its amounts.

Pages of one document repeat these or leave them out; a page that begins another document prints others. See `several`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice, product
from typing import Any, NamedTuple

from docpipe.literals.text import alphanumeric, spelled
from docpipe.page.box import Box
from docpipe.resolve.ground import UNDER
from docpipe.resolve.page_index import WORD_SPACE, PageIndex, Place
from docpipe.schema.checks import check_paths, holds, sides
from docpipe.schema.nodes import Node, Schema

SUMS = 3  # fields of a check that ties sums: what is summed, and what it comes to
MAX_TRIED = 32  # sets of amounts that a check is tried on
MAX_KEY_WORDS = 2  # words without a digit between a key and its number: "No", "#"
MAX_NUMBER_WORDS = 4  # of one number: "RE 2024 17"
HEADER_KEYS = 2  # keys of a list's fields on one line are the header of its table
LINES_UNDER = 5  # that are looked at under a key

Told = Mapping[str, frozenset[str]]  # path -> what stands at its keys

FOLIO = re.compile(r"(?<!\S)([^\W\d]{1,12})[.:]* (\d{1,3}) ?(/|[^\W\d]{1,4}) ?(\d{1,3})(?!\S)")  # "Page 1 of 3"


class Folio(NamedTuple):
    """A page's place in its document, as it prints it. `words`: those around the two numbers."""

    words: tuple[str, str]
    page: int
    of: int


@dataclass(frozen=True, slots=True)
class Head:
    """One page: path -> what stands at its keys. `numbers` are the document's own, `identifiers` all others.

    `adds_up`: an equality of the schema holds among the amounts, as among a document's last sums. `words`: all that the
    page prints, by letters and digits. `recognised`: they were read from pixels.
    """

    page: int
    numbers: Told
    identifiers: Told
    dates: Told
    amounts: Told
    adds_up: bool
    folios: frozenset[Folio]
    words: frozenset[str]
    recognised: bool


class _Key(NamedTuple):
    """A label of the schema. `path` is "" for one of a list's fields, which tells only where a table begins."""

    spelled: tuple[str, str]
    path: str
    kind: str


def head_of(schema: Schema, page: PageIndex) -> Head:
    """What `page` prints at the keys of the fields outside of lists."""
    told: dict[str, dict[str, set[str]]] = {kind: defaultdict(set) for kind in _READERS}
    dated = {place.start: day.isoformat() for day, places in page.dates.items() for place in places}
    for key, place in _keys_of(schema, page):
        value = _READERS[key.kind](page, place, dated)
        if value:
            told[key.kind][key.path].add(value)
    kept = {kind: {path: frozenset(values) for path, values in paths.items()} for kind, paths in told.items()}
    text = " ".join([word.text for word in page.words])
    return Head(
        page.number,
        kept["number"],
        kept["identifier"],
        kept["date"],
        kept["amount"],
        _adds_up(schema, kept["amount"]),
        frozenset(_folios(text)),
        frozenset(page.by_text),
        page.page.text_source == "ocr",
    )


def _adds_up(schema: Schema, amounts: Told) -> bool:
    """Whether a check that says what the sums of the record come to holds among `amounts`."""
    for check in schema.checks:
        paths = sorted(check_paths(check))
        if check.op != "==" or check.each or len(paths) < SUMS or not amounts.keys() >= set(paths):
            continue
        for values in islice(product(*(sorted(amounts[path]) for path in paths)), MAX_TRIED):
            record: dict[str, Any] = {}
            for path, value in zip(paths, values, strict=True):
                *objects, name = path.split(".")
                below = record
                for step in objects:
                    below = below.setdefault(step, {})
                below[name] = Decimal(value)
            pair = sides(check, record)
            if pair is not None and holds(check, *pair):
                return True
    return False


def _folios(text: str) -> Iterator[Folio]:
    for word, page, between, of in FOLIO.findall(text):
        if 1 <= int(page) <= int(of):
            yield Folio((alphanumeric(word), alphanumeric(between)), int(page), int(of))


def _keys(schema: Schema) -> list[_Key]:
    """Every label of the schema by what its value is."""
    leaves = list(schema.root.leaves())
    own = _own_numbers(leaves)
    keys = [_Key(spelled(label), path, _kind(path, node, own)) for path, node in leaves for label in node.all_labels()]
    items = [array.item for _, array in schema.root.arrays() if array.item is not None]
    keys += [
        _Key(spelled(label), "", "cell") for item in items for _, node in item.leaves() for label in node.all_labels()
    ]
    return [key for key in keys if key.spelled[0]]


def _own_numbers(leaves: list[tuple[str, Node]]) -> frozenset[str]:
    """The paths of what the document itself is known by: the identifiers that it must have, else the first one."""
    plain = [(path, node) for path, node in leaves if _may_identify(node)]
    required = [path for path, node in plain if node.required]
    first = [path for path, node in plain if "." not in path and node.type == "identifier"][:1]
    return frozenset(required or first)


def _may_identify(node: Node) -> bool:
    return node.kind == "string" and not node.format and not node.enum and node.type in ("", "identifier")


def _kind(path: str, node: Node, own: frozenset[str]) -> str:
    if path in own:
        return "number"
    if node.kind == "date":
        return "date"
    if node.kind == "number":
        return "amount"
    return "identifier" if _may_identify(node) and node.type == "identifier" else "other"


def _keys_of(schema: Schema, page: PageIndex) -> Iterator[tuple[_Key, Place]]:
    """The keys that may have a value on the page: the longest of those that overlap, no header of a table."""
    known, printed = page.by_text, list[tuple[_Key, Place]]()
    for key in schema.made("keys of heads", _keys):
        wanted, first = key.spelled
        if wanted in known or first in known:
            printed += [(key, place) for place in page.spelled_places(wanted, first)]
    printed.sort(key=lambda found: found[1].start - found[1].end)
    taken: dict[int, Place] = {}
    kept: list[tuple[_Key, Place]] = []
    cells: dict[int, set[int]] = defaultdict(set)
    for key, place in printed:
        longer = taken.get(place.start) or taken.get(place.end - 1)
        if longer is not None and longer != place:
            continue
        taken |= dict.fromkeys(range(place.start, place.end), place)
        if key.kind == "cell":
            cells[page.line_of[place.start]].add(place.start)
        elif key.kind in _READERS:
            kept.append((key, place))
    for key, place in kept:
        if len(cells[page.line_of[place.start]]) < HEADER_KEYS and _begins(page, place):
            yield key, place


def _begins(page: PageIndex, key: Place) -> bool:
    """Whether no word stands right before the key: one within a sentence, or in another name, is no key."""
    line = page.lines[page.line_of[key.start]]
    at = line.index(key.start)
    return at == 0 or not _joined(page, line[at - 1], key.start) or not alphanumeric(page.words[line[at - 1]].text)


def _joined(page: PageIndex, left: int, right: int) -> bool:
    """Whether no more than a space stands between two words of a line."""
    gap = (page.words[right].box.left - page.words[left].box.right) * page.page.width_pt
    return gap < 2 * WORD_SPACE * page.levels[left][1] * page.page.height_pt


def _right_of(page: PageIndex, key: Place) -> list[int]:
    """The words right of the key on the line of its last word."""
    line = page.lines[page.line_of[key.end - 1]]
    return list(line[line.index(key.end - 1) + 1 :])


def _under(page: PageIndex, key: Place) -> list[int]:
    """The words of the first line under the key, from its columns on; [] for the first of a list, where a second line
    has a number there, too.
    """
    printed = Box.around(page.boxes(key))
    height, first = page.levels[key.start][1], page.line_of[key.end - 1] + 1
    found: list[int] = []
    for line in page.lines[first : first + LINES_UNDER]:
        below = [at for at in line if _in_columns(page.words[at].box, printed, height * UNDER)]
        if found and any(_has_digit(page.words[at].text) for at in below):
            return []
        if below and not found:
            found = list(line[line.index(below[0]) :])
            printed = printed._replace(bottom=page.words[below[0]].box.bottom)
    return found


def _in_columns(box: Box, above: Box, reach: float) -> bool:
    """Whether `box` stands under `above`, no farther down than `reach`."""
    starts = above.bottom - box.height / 2 <= box.top < above.bottom + reach
    return starts and box.left < above.right and box.right > above.left


def _number(page: PageIndex, key: Place, _dated: Mapping[int, str]) -> str:
    return _number_in(page, _right_of(page, key), apart=True) or _number_in(page, _under(page, key), apart=False)


def _number_in(page: PageIndex, words: list[int], *, apart: bool) -> str:
    """The number that `words` begin with; its first word may stand `apart` from the key."""
    taken: list[int] = []
    for at in words:
        text = page.words[at].text
        if taken and not _joined(page, taken[-1], at):
            if not apart or any(map(_has_digit, (page.words[one].text for one in taken))):
                break
            taken = []
        if not taken and not alphanumeric(text):
            continue
        if len(taken) == MAX_NUMBER_WORDS:
            break
        if taken and not _has_digit(text) and _has_digit(page.words[taken[-1]].text):
            break
        taken.append(at)
    texts = [page.words[at].text for at in taken]
    digits = next((at for at, text in enumerate(texts) if _has_digit(text)), MAX_KEY_WORDS + 1)
    return " ".join(filter(None, map(alphanumeric, texts))) if digits <= MAX_KEY_WORDS else ""


def _date(page: PageIndex, key: Place, dated: Mapping[int, str]) -> str:
    right = next((dated[at] for at in _right_of(page, key) if at in dated), "")
    return right or next((dated[at] for at in _under(page, key)[:1] if at in dated), "")


def _amount(page: PageIndex, key: Place, _dated: Mapping[int, str]) -> str:
    """The last number of the line, where sums stand."""
    found = [page.numbers[at] for at in _right_of(page, key) if at in page.numbers]
    return amount_text(found[-1]) if found else ""


def amount_text(amount: Decimal) -> str:
    """An amount without its sign and without zeros at its end: the same for 12.50 and -12.5."""
    return format(abs(amount).normalize(), "f")


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


_READERS: Mapping[str, Callable[[PageIndex, Place, Mapping[int, str]], str]] = {
    "number": _number,
    "identifier": _number,
    "date": _date,
    "amount": _amount,
}
