"""One candidate a field: by score, by what the schema's checks say of each other, each print used once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product

from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.scalars.candidates import Candidate
from docpipe.engine.layout.scoring.weights import weight
from docpipe.schema.equations import Equation

BY_ARITHMETIC = "by_arithmetic"
NAMED = weight("threshold.named_amount")  # score of an amount beside a key from which it is that key's
PER_FIELD = 6  # best candidates of a field that are considered together with other fields'
BEAM = 60  # partial choices kept; enough for five fields of six candidates
LEAST = weight("choice.least")  # a candidate that scores less is worse than none
AGREES = weight("choice.agrees")  # added for an equality that holds
AGREES_LESS = weight("choice.agrees_as_warning")  # and for one whose breach is a warning only
AGREES_OTHERWISE = weight("choice.agrees_otherwise")  # and for one that holds by an alternative
ORDERED = weight("choice.ordered")  # added for an order that holds: nearly every pair of dates does
BROKEN = {severity: weight(f"choice.broken_{severity}") for severity in ("error", "warning")}  # taken away
NEAR = weight("choice.near")  # of the chosen score: another value that scores so much is as good
AS_GOOD = weight("odds.rival_as_good")  # what it divides the odds by
AGREED = weight("odds.rival_agrees_too")  # and where an equality agrees with the chosen one: it may agree with both
ROUNDED = 1e-9  # scores that differ less are one
TWINS = 4  # names of an equality, at most, for which other prints are tried
LESS = weight("choice.less")  # of the chosen score: another value that scores so much is a rival
LESS_GOOD = weight("odds.rival_less_good")  # what it divides the odds by, where no equality agrees with the chosen one
# of the doubt remains where an equality with other prints holds
AGREEMENT_DOUBT = weight("choice.doubt_left_by_agreement")
INFERRED = weight("by_arithmetic.inferred")  # score of a printed amount that only arithmetic speaks for
MAX_FREE = 200  # amounts without a key that arithmetic may call upon


@dataclass(frozen=True, slots=True)
class _State:
    """A partial choice: its score, its candidates, and what they use up."""

    score: float
    chosen: tuple[Candidate, ...]
    known: Mapping[str, Decimal]
    used: frozenset[int]
    keys: frozenset[int]


def choose(
    candidates: Iterable[Candidate],
    equations: Sequence[Equation],
    sums: Mapping[str, Decimal],
    tied_amounts: Collection[Field] = (),
) -> dict[str, Candidate]:
    """path -> the chosen candidate, its score in [0, 1] raised by what agrees with it, its doubt by rivals.

    `sums` are values known from tables. Candidates of BY_ARITHMETIC are amounts on no key, which only an equality can
    give a role; `tied_amounts` are the fields that equalities tie to others.
    """
    proposed = list(candidates)
    free = _nameless(proposed, tied_amounts)
    candidates = [candidate for candidate in proposed if candidate.method != BY_ARITHMETIC]
    by_field: dict[str, list[Candidate]] = {}
    for one in sorted(candidates, key=lambda candidate: -candidate.score):
        if one.score >= LEAST:
            by_field.setdefault(one.field.path, []).append(one)
    tied = [equation for equation in equations if not equation.check.each]
    linked = {name for equation in tied for name in equation.reads}
    state = _State(0.0, (), dict(sums), frozenset(), frozenset())
    state = _search(state, {path: found for path, found in by_field.items() if path in linked}, tied)
    state = _infer(state, tied, free)
    parties = {path: found for path, found in by_field.items() if found[0].field.role and found[0].field.node.format}
    state = _search(state, parties, ())
    due = by_field.keys() - linked - parties.keys()
    state = _greedy(state, [candidate for path, found in by_field.items() if path in due for candidate in found])
    return {candidate.field.path: _weighed(candidate, by_field, tied, state.known) for candidate in state.chosen}


def _nameless(candidates: Sequence[Candidate], tied_amounts: Collection[Field]) -> list[Candidate]:
    """The free amounts that no key gives to a field outside the arithmetic: a tip is no change."""
    named = {
        token.index
        for each in candidates
        if each.key is not None and each.score >= NAMED
        if each.field.node.kind == "number" and each.field not in tied_amounts
        for token in each.tokens
    }
    free = (each for each in candidates if each.method == BY_ARITHMETIC)
    return [each for each in free if not any(token.index in named for token in each.tokens)]


def _search(state: _State, by_field: Mapping[str, Sequence[Candidate]], tied: Sequence[Equation]) -> _State:
    """The best joint choice for fields that checks tie together, or that are the parties', by beam search."""
    beam = [state]
    for path, found in by_field.items():
        due = [equation for equation in tied if path in equation.reads]
        grown = list(beam)
        for candidate in found[:PER_FIELD]:
            grown += [_with(old, candidate, due) for old in beam if _fits(old, candidate)]
        beam = sorted(grown, key=lambda partial: -partial.score)[:BEAM]
    return beam[0]


def _fits(state: _State, candidate: Candidate) -> bool:
    """No key, no print, no number and no address of a party is used twice."""
    if (
        candidate.field.role
        and (candidate.field.node.format or candidate.field.type == "address")
        and any(_is_others(candidate, other) for other in state.chosen)
    ):
        return False
    return candidate.shared or (
        candidate.key not in state.keys and state.used.isdisjoint(token.index for token in candidate.tokens)
    )


def _is_others(candidate: Candidate, other: Candidate) -> bool:
    """True if the other party has this very number or address."""
    a, b = candidate.field, other.field
    return (
        a.role != b.role
        and (a.node.format, a.type) == (b.node.format, b.type)
        and candidate.reading.value == other.reading.value
    )


def _with(state: _State, candidate: Candidate, due: Iterable[Equation]) -> _State:
    """The state with one more candidate, and the checks it completes counted in."""
    number = candidate.number
    known = state.known if number is None else {**state.known, candidate.field.path: number}
    score = state.score + candidate.score - LEAST
    score += sum(_worth(equation, known) - _worth(equation, state.known) for equation in due)
    keys = state.keys if candidate.key is None else state.keys | {candidate.key}
    used = state.used if candidate.shared else state.used.union(token.index for token in candidate.tokens)
    return _State(score, (*state.chosen, candidate), known, used, keys)


def _worth(equation: Equation, known: Mapping[str, Decimal]) -> float:
    """What a check adds to a choice, most if it holds as stated; 0 while it cannot be told whether it holds."""
    verdict = equation.holds(known)
    if verdict is None:
        return 0.0
    if not verdict:
        return -BROKEN[equation.check.severity]
    if not equation.equality:
        return ORDERED
    if not equation.confirms(known):
        return 0.0
    stated = AGREES if equation.check.severity == "error" else AGREES_LESS
    return stated if equation.holds_as_stated(known) else AGREES_OTHERWISE


def _infer(state: _State, tied: Sequence[Equation], free: Sequence[Candidate]) -> _State:
    """Give printed amounts without a key the one role that an equality leaves open for them."""
    by_path: dict[str, list[Candidate]] = {}
    for amount in free[:MAX_FREE]:
        by_path.setdefault(amount.field.path, []).append(amount)
    equalities = sorted((each for each in tied if each.equality), key=lambda each: each.check.severity == "warning")
    for equation in equalities * 2:  # errors first, as a warning may have its reasons; twice: one role opens another
        open_names = [name for name in equation.names if name not in state.known]
        if len(open_names) == 1:
            found = [_with(state, solution, ()) for solution in _solutions(equation, open_names[0], state, by_path)]
            state = max([state, *found], key=lambda trial: _agreement(trial, tied))
        elif len(open_names) == 2:
            state = _infer_pair(state, equation, open_names, by_path)
    return state


def _solutions(equation: Equation, name: str, state: _State, by_path: Mapping[str, list[Candidate]]) -> list[Candidate]:
    wanted = equation.solve(name, state.known)
    if wanted is None:
        return []
    slack = equation.margin / 2 + equation.half_a_unit
    return [
        replace(candidate, score=INFERRED)
        for candidate in by_path.get(name, ())
        if abs((candidate.number or 0) - wanted) <= slack and _fits(state, candidate)
    ]


def _agreement(state: _State, tied: Sequence[Equation]) -> int:
    """Equalities that hold less those that do not, errors counting twice."""
    verdicts = [(equation.check.severity, equation.holds(state.known)) for equation in tied if equation.equality]
    return sum(
        (1 if verdict else -1) * (2 if severity == "error" else 1)
        for severity, verdict in verdicts
        if verdict is not None
    )


def _infer_pair(
    state: _State, equation: Equation, names: Sequence[str], by_path: Mapping[str, list[Candidate]]
) -> _State:
    """Both open names of an equality, if exactly one pair of printed amounts fits."""
    if state.known.keys().isdisjoint(equation.names):
        return state
    first, second = names
    pairs: dict[tuple[Decimal, Decimal], tuple[Candidate, Candidate]] = {}
    for one in by_path.get(first, ()):
        number = one.number
        if not number or not _fits(state, one):
            continue
        trial = _with(state, one, ())
        for two in _solutions(equation, second, trial, by_path):
            pairs.setdefault((number, two.number or Decimal()), (one, two))
    if len(pairs) != 1:
        return state
    one, two = next(iter(pairs.values()))
    return _with(_with(state, replace(one, score=INFERRED), ()), two, ())


def _greedy(state: _State, candidates: Iterable[Candidate]) -> _State:
    """The best candidate of each further field, no print and no key used twice."""
    taken: set[str] = set()
    for candidate in sorted(candidates, key=lambda candidate: -candidate.score):
        if candidate.field.path not in taken and _fits(state, candidate):
            taken.add(candidate.field.path)
            state = _with(state, candidate, ())
    return state


def _weighed(
    candidate: Candidate,
    by_field: Mapping[str, Sequence[Candidate]],
    tied: Sequence[Equation],
    known: Mapping[str, Decimal],
) -> Candidate:
    """The candidate, doubted where a rival is as good, with a higher score where an equality agrees."""
    score = min(1.0, candidate.score)
    own = {token.index for token in candidate.tokens}
    rivals = [
        other.score
        for other in by_field.get(candidate.field.path, ())
        if other.reading.value != candidate.reading.value
        and not (len(other.tokens) < len(own) and own.issuperset(token.index for token in other.tokens))  # its parts
    ]
    best = max(rivals, default=0.0) + ROUNDED
    agreeing = [e for e in tied if candidate.field.path in e.reads and e.confirms(known)]
    if agreeing:
        score = 1.0 - (1.0 - score) * AGREEMENT_DOUBT ** min(2, len(agreeing))
    near = best >= NEAR * candidate.score or any(_has_twin(equation, by_field, known) for equation in agreeing)
    less = LESS_GOOD if best >= LESS * candidate.score and not agreeing else 1.0
    doubt = (AGREED if agreeing else AS_GOOD) if near else less
    return replace(candidate, score=score, doubt=candidate.doubt * doubt)


def _has_twin(equation: Equation, by_field: Mapping[str, Sequence[Candidate]], known: Mapping[str, Decimal]) -> bool:
    """Whether other prints agree with an equality as well, a different one for each of its fields."""
    if len(equation.names) > TWINS:
        return False
    others = []
    for name in sorted(equation.names):
        numbers = {candidate.number for candidate in by_field.get(name, ())[:PER_FIELD]}
        others.append([(name, number) for number in numbers if number and number != known.get(name)])
    return any(equation.holds(dict(choice)) for choice in product(*others))
