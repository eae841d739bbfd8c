"""Negative amounts are let through over a vocabulary of Qwen2's size, however its tokens cut them into pieces."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel

from docpipe.engine.qwen2vl.grammar import Vocabulary
from docpipe.engine.qwen2vl.tokens import FIRST_SPECIAL_ID, SPECIAL_TOKENS
from docpipe.engine.qwen2vl.vocabulary import _merges
from docpipe.schema.load import load_schema
from docpipe.schema.nodes import Node
from docpipe.schema.wire import on_wire

ROWS = 151_936  # of the model's output: more than there are tokens
LONG = (
    "(-",
    ":-",
    '":-',
    '":-1',
    "-1",
    "-0",
    "-0.",
    "-12",
    "-12.",
    "-12.5",
    "-99",
    ".5",
    ".00",
    "00",
    "5,",
    "},",
    ',"',
)


def merges() -> Iterator[tuple[str, str]]:
    """Those that make the tokens of LONG, one character at a time, then enough others."""
    yield from dict.fromkeys((text[:end], text[end]) for text in LONG for end in range(1, len(text)))
    yield from _merges()


@lru_cache(maxsize=1)
def tokenizer() -> Tokenizer:
    alphabet, known = sorted(ByteLevel.alphabet()), dict[str, tuple[str, str]]()
    for left, right in merges():
        if left + right not in known:
            known[left + right] = (left, right)
        if len(known) == FIRST_SPECIAL_ID - len(alphabet):
            break
    vocabulary = {piece: at for at, piece in enumerate([*alphabet, *known])}
    made = Tokenizer(BPE(vocab=vocabulary, merges=[*known.values()]))
    made.pre_tokenizer = ByteLevel(add_prefix_space=False, use_regex=False)
    made.decoder = ByteLevelDecoder()
    made.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in SPECIAL_TOKENS])
    return made


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    return Vocabulary(tokenizer(), ROWS, 1)


def accepts(document: dict[str, object], tokens: list[int]) -> bool:
    guide = vocabulary().guide(document, json.dumps(document), force=False)
    return guide.matcher.try_consume_tokens(tokens) == len(tokens) and guide.matcher.is_accepting()


def in_pieces(text: str, chance: random.Random) -> list[int]:
    """`text` as tokens of the vocabulary, cut anywhere that it has tokens for."""
    known, found = tokenizer().get_vocab(), []
    while text:
        lengths = [length for length in range(1, 6) if text[:length] in known and length <= len(text)]
        length = chance.choice(lengths)
        found.append(known[text[:length]])
        text = text[length:]
    return found


def amount(scale: int | None) -> dict[str, object]:
    number = {"type": "number", **({} if scale is None else {"x-docpipe": {"scale": scale}})}
    return {"type": "object", "required": ["a"], "properties": {"a": number}, "additionalProperties": False}


def test_the_vocabulary_is_of_the_true_size_and_has_tokens_across_signs_and_digits() -> None:
    assert tokenizer().get_vocab_size() == FIRST_SPECIAL_ID + len(SPECIAL_TOKENS)
    assert tokenizer().token_to_id("<|im_end|>") == FIRST_SPECIAL_ID + 2
    assert set(LONG) <= {*tokenizer().get_vocab()}
    assert tokenizer().encode("-12.5").tokens == ["-12.5"]


@settings(max_examples=60, deadline=None)
@given(
    whole=st.integers(0, 10**15 - 1) | st.integers(0, 1_300),
    decimals=st.text("0123456789", min_size=0, max_size=2),
    seed=st.integers(0, 2**32),
)
def test_every_negative_amount_is_let_through_however_it_is_cut(whole: int, decimals: str, seed: int) -> None:
    text = f"-{whole}.{decimals}" if decimals else f"-{whole}"
    if not any(digit in "123456789" for digit in text):  # minus nothing is nobody's amount
        return
    answer = f'{{"a":{text}}}'
    for tokens in (
        tokenizer().encode(answer, add_special_tokens=False).ids,
        in_pieces(answer, random.Random(seed)),
        [tokenizer().token_to_id(char) for char in answer],
    ):
        assert accepts(amount(2), tokens), answer
        assert accepts(amount(4), tokens), answer


@pytest.mark.parametrize("text", ["-8.2", "-0.5", "-0.50", "-0.05", "-1", "-12.50", "-1000.00", "-999999999999999"])
@pytest.mark.parametrize("scale", [None, 2, 10])
def test_amounts_that_receipts_print_are_let_through(text: str, scale: int | None) -> None:
    answer = f'{{"a":{text}}}'
    assert accepts(amount(scale), tokenizer().encode(answer, add_special_tokens=False).ids)


@pytest.mark.parametrize("text", ["-1.005", "--1", "-", "-.5", "(-1)", "-01"])
def test_what_is_no_amount_is_not(text: str) -> None:
    assert not accepts(amount(2), tokenizer().encode(f'{{"a":{text}}}', add_special_tokens=False).ids)


def answer_of(node: Node, number: str) -> str:
    """An answer in which every number without a bound of its own is `number`; null elsewhere, one row a list."""
    if node.kind == "object":
        return "{" + ",".join(f'"{child.name}":{answer_of(child, number)}' for child in on_wire(node)) + "}"
    if node.item is not None:
        return f"[{answer_of(node.item, number)}]" if node.item.kind == "object" else "[]"
    free = node.kind == "number" and node.minimum is None and node.maximum is None
    return number if free else "null"


@pytest.mark.parametrize("name", ["invoice", "receipt", "chart"])
@pytest.mark.parametrize("number", ["-8.2", "-12.50", "-0.05"])
def test_credit_notes_and_refunds_can_be_written(name: str, number: str) -> None:
    schema = load_schema(name)
    answer = answer_of(schema.root, number)
    assert answer.count(number) >= 1
    tokens = tokenizer().encode(answer, add_special_tokens=False).ids
    assert accepts(dict(schema.document), tokens)
    assert accepts(dict(schema.document), in_pieces(answer, random.Random(1)))
