"""Who made the document and whom it is addressed to: blocks under headings, letterhead, window, footer."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from docpipe.engine.layout.document import Document
from docpipe.engine.layout.keys.fields import Section
from docpipe.engine.layout.page_context import PageContext
from docpipe.engine.layout.parties.addresses import (
    has_legal_form,
    is_contact,
)
from docpipe.engine.layout.parties.letterhead import letterhead
from docpipe.engine.layout.parties.mastheads import is_echoed, letters, masthead
from docpipe.engine.layout.parties.params import PARAMS as PARTIES
from docpipe.engine.layout.parties.zones import Party
from docpipe.engine.layout.readings import Reading
from docpipe.engine.layout.scalars.candidates import Candidate
from docpipe.engine.layout.scoring.weights import weight, weights

PARAMS = PARTIES.places
ISSUER = weights("issuer")  # what speaks for the sender
RECIPIENT = weights("recipient")  # what speaks for the addressee
ELSEWHERE = weight("letterhead.elsewhere")  # score of a sender that the head does not name, and an address does
SAME_NAME = weight("party_by_place.same_name")  # of an address under the name that stands under a heading elsewhere


def under_headings(document: Document) -> Iterator[Candidate]:
    """Parties that stand under, behind or beside a heading of theirs."""
    for path, party in _headed(document).items():
        yield from _values(path, party, document, "party_under_heading")


def letterheads(document: Document) -> Iterator[Candidate]:
    """Who prints a document that is addressed to nobody: the party at its head, for each section with a role.

    Where its head names nobody, the first address with a name.
    """
    sections = _sections(document)
    if document.contexts and sections and not any(section.role == "recipient" for section in sections):
        parties = list(letterhead(document.contexts[0]))
        if not parties:
            named = (party for party in document.addresses[0] if party.address.name)
            parties = [replace(party, score=ELSEWHERE) for party in islice(named, 1)]
        for party in parties:
            for section in sections:
                yield from _values(section.path, party, document, "letterhead")


def by_place(document: Document) -> Iterator[Candidate]:
    """Parties without a heading, from every address on the first pages: the issuer first, then the recipient."""
    sections = _sections(document)
    if any(section.role == "recipient" for section in sections):
        missing = [section for section in sections if section.path not in _headed(document)]
        for path, party in _by_place(missing, document).items():
            yield from _values(path, party, document, "party_by_place")


def mastheads(document: Document) -> Iterator[Candidate]:
    """The sender of a letter by the name at its head, where no address tells as much."""
    sections = _sections(document)
    issuer = next((section for section in sections if section.role == "issuer"), None)
    headed = _headed(document)
    if issuer is None or len(sections) < 2 or not (document.first and document.contexts):
        return
    if issuer.path in headed and headed[issuer.path].address.lines:
        return
    parties = headed | _by_place([section for section in sections if section.path not in headed], document)
    besides = [line for path, party in parties.items() if path != issuer.path for line in party.block.lines]
    party = masthead(document.contexts[0], document.zones[0], besides)
    if party is not None and not _same_name(party, parties.get(issuer.path)):
        yield from _values(issuer.path, party, document, "masthead")


def _same_name(party: Party, other: Party | None) -> bool:
    """True if one name is a part of the other: "Blauwerk" and "Blauwerk GmbH"."""
    if other is None or not other.address.name:
        return False
    mine, theirs = letters(party.address.name_text()), letters(other.address.name_text())
    return mine in theirs or theirs in mine


def _sections(document: Document) -> list[Section]:
    """The sections of the schema that have a role."""
    return [section for section in document.schema.index.sections if section.role]


def _headed(document: Document) -> dict[str, Party]:
    """section path -> the surest party under a heading of its own."""
    paths = {section.path for section in _sections(document)}
    parties: dict[str, Party] = {}
    for path, party in document.headed:
        if path in paths and (path not in parties or party.score > parties[path].score):
            parties[path] = party
    return parties


def _values(path: str, party: Party, document: Document, method: str) -> Iterator[Candidate]:
    """Name and address of a party, for the fields of its section that have that type."""
    for field in document.schema.index.fields:
        if field.section != path or field.type not in ("name", "address"):
            continue
        text = party.address.name_text() if field.type == "name" else party.address.text()
        names = tuple(token for line in party.address.name for token in line.tokens)
        tokens = names if field.type == "name" else party.address.tokens()
        if text and tokens and len(text) <= (field.node.max_length or len(text)):
            reading = Reading(text, tokens, 1.0)
            yield Candidate(field, reading, party.block.lines[0], method, (), party.score, shared=True)


def _by_place(missing: Sequence[Section], document: Document) -> dict[str, Party]:
    """section path -> the party, for those sections for which an address speaks."""
    contexts = document.contexts
    taken = {party.address.key() for path, party in document.headed if path and party.address.postal}
    taken |= _chosen_addresses(missing, document)
    addresses = (party for of_page in document.addresses for party in of_page[: PARAMS.most_addresses])
    claimed = {line.tokens[0].index for _, party in document.headed for line in party.block.lines}
    others = [
        party
        for party in addresses
        if party.address.key() not in taken and party.address.lines[0].tokens[0].index not in claimed
    ]
    parties = _of_same_name(document, others)
    named = {party.address.key() for party in parties.values()}
    others = [each for each in others if each.address.key() not in named]
    judged = {
        "issuer": {at: _issuer_score(each, contexts[each.block.page], others) for at, each in enumerate(others)},
        "recipient": {at: _recipient_score(each, contexts[each.block.page], others) for at, each in enumerate(others)},
    }
    for role, at in _best_pair(judged, {section.role for section in missing}, others).items():
        section = next(section for section in missing if section.role == role)
        same = [each for each in others if each.address.key() == others[at].address.key()]
        party = next((each for each in (others[at], *same) if each.address.name), others[at])
        parties[section.path] = replace(party, score=judged[role][at])
    return parties


def _of_same_name(document: Document, others: Sequence[Party]) -> dict[str, Party]:
    """section path -> the party elsewhere that is called as the one under its heading, which has no address."""
    bare = {path: party for path, party in _headed(document).items() if not party.address.lines}
    return {
        path: replace(same, score=SAME_NAME)
        for path, party in bare.items()
        if (same := next((other for other in others if _same_name(party, other)), None)) is not None
    }


def _chosen_addresses(missing: Sequence[Section], document: Document) -> set[str]:
    """The addresses that keys gave to sections that are not missing."""
    open_to_all = {section.path for section in missing}
    return {
        letters(str(candidate.reading.value))
        for candidate in document.chosen.values()
        if candidate.field.type == "address" and candidate.field.section and candidate.field.section not in open_to_all
    }


def _best_pair(
    judged: Mapping[str, Mapping[int, float]], missing: Collection[str], others: Sequence[Party]
) -> dict[str, int]:
    """role -> address, for the missing roles: different addresses whose scores add up highest."""
    keys = [other.address.key() for other in others]
    options = {role: [-1, *(_best(scores) if role in missing else ())] for role, scores in judged.items()}
    pairs = [
        (judged["issuer"].get(i, 0.0) + judged["recipient"].get(r, 0.0), -i, -r)
        for i in options["issuer"]
        for r in options["recipient"]
        if i < 0 or r < 0 or keys[i] != keys[r]
    ]
    _, i, r = max(pairs)
    return {role: -at for role, at in (("issuer", i), ("recipient", r)) if -at >= 0}


def _best(scores: Mapping[int, float]) -> list[int]:
    """The addresses of which something speaks for the role, the best first."""
    likely = (at for at, score in scores.items() if score > 0)
    return sorted(likely, key=lambda at: -scores[at])[: PARAMS.most_options]


def _issuer_score(party: Party, context: PageContext, others: Sequence[Party]) -> float:
    """What speaks for the sender: letterhead or footer, one line, contacts beside it, printed twice."""
    top, bottom = party.block.box.top / context.page_text.height, party.block.box.bottom / context.page_text.height
    score = ISSUER["base"]
    score += ISSUER["top"] * (top < PARAMS.top_share) + ISSUER["foot"] * (bottom > PARAMS.foot_share)
    score += ISSUER["on_one_line"] * (
        len(party.address.lines) > 0 and party.address.lines[0].line == party.address.lines[-1].line
    )
    score += ISSUER["contacts"] * _has_contacts(party, context)
    score += ISSUER["repeated"] * _is_repeated(party, others)
    score += ISSUER["echoed"] * any(is_echoed(name, context) for name in party.address.name[:1])
    score += ISSUER["legal_form"] * has_legal_form(party.address.name_text())
    return score if party.address.name else score * ISSUER["nameless"]


def _recipient_score(party: Party, context: PageContext, others: Sequence[Party]) -> float:
    """What speaks for the addressee: several lines in the window, under a sender's line, no contacts."""
    top = party.block.box.top / context.page_text.height
    if not PARAMS.window_share[0] <= top <= PARAMS.window_share[1] or not party.address.name or party.block.page > 0:
        return 0.0
    score = RECIPIENT["base"]
    score += RECIPIENT["several_lines"] * (len(party.block.lines) >= PARAMS.several_lines)
    score += RECIPIENT["under_sender"] * any(_right_above(other, party) for other in others)
    score -= RECIPIENT["contacts"] * _has_contacts(party, context) + RECIPIENT["repeated"] * _is_repeated(party, others)
    return max(RECIPIENT["least"], score)


def _is_repeated(party: Party, others: Sequence[Party]) -> bool:
    return sum(other.address.key() == party.address.key() for other in others) > 1


def _has_contacts(party: Party, context: PageContext) -> bool:
    """Telephone, mail or tax number in the block, or in the lines right under it."""
    lines = (*party.block.lines, *context.below(party.block.lines[-1]))
    return any(is_contact(line.text) for line in lines)


def _right_above(sender: Party, party: Party) -> bool:
    """A sender's line: an address on one line, close above, beginning where the block begins."""
    gap = party.block.box.top - sender.block.box.bottom
    level = _is_on_one_line(sender)
    aligned = abs(sender.block.box.left - party.block.box.left) < PARAMS.sender_aside_em * party.block.height
    return (
        sender.block.page == party.block.page
        and level
        and aligned
        and -PARAMS.overlap_pt <= gap <= PARAMS.sender_gap_em * party.block.height
    )


def _is_on_one_line(party: Party) -> bool:
    lines = party.address.lines
    return bool(lines) and lines[0].line == lines[-1].line
