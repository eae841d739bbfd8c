"""A byte-level BPE tokenizer of Qwen2's true size, made from nothing: for checkpoints without a download."""

from __future__ import annotations

import json
import string
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from docpipe.engine.qwen2vl.tokens import END_OF_TEXT, FIRST_SPECIAL_ID, SPECIAL_IDS, SPECIAL_TOKENS, TURN_END

# Words with a leading mark or space, single digits, runs of punctuation, white space: tokens never cross these.
_PIECES = r"[^\s\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+|\s+"

# Punctuation that compact JSON repeats; a real vocabulary holds it as tokens too.
_JSON_MERGES = ('" :', '": "', '" ,', '", "', '{ "', "[ {", '" }', "} ,", "] ,")


def write_tokenizer(folder: Path) -> None:
    """Writes tokenizer.json and tokenizer_config.json: 151,643 byte-level tokens, then the special ones."""
    merges = list(islice(_merges(), FIRST_SPECIAL_ID - 256))
    pieces = [*_byte_alphabet(), *("".join(pair) for pair in merges)]
    tokenizer = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [_added(token_id, text) for text, token_id in SPECIAL_IDS.items()],
        "normalizer": {"type": "NFC"},
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": _PIECES}, "behavior": "Isolated", "invert": False},
                {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False},
            ],
        },
        "post_processor": None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": "",
            "end_of_word_suffix": "",
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {piece: index for index, piece in enumerate(pieces)},
            "merges": [list(pair) for pair in merges],
        },
    }
    settings = {
        "tokenizer_class": "Qwen2Tokenizer",
        "eos_token": TURN_END,
        "pad_token": END_OF_TEXT,
        "additional_special_tokens": list(SPECIAL_TOKENS),
        "clean_up_tokenization_spaces": False,
        "model_max_length": 32_768,
    }
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False))
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2))


def _added(token_id: int, text: str) -> dict[str, Any]:
    marks = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": token_id, "content": text, **marks, "special": True}


def _byte_alphabet() -> list[str]:
    """One printable character for each byte, as GPT-2 chose them: printable Latin-1 stands for itself."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return [chr(byte) if byte in printable else chr(next(others)) for byte in range(256)]


def _merges() -> Iterator[tuple[str, str]]:
    """More pairs than are needed: JSON's punctuation, two letters, then four."""
    for merge in _JSON_MERGES:
        left, right = merge.split()
        yield left, right
    pairs = [(left, right) for left in string.ascii_lowercase for right in string.ascii_lowercase]
    yield from pairs
    doubled = ["".join(pair) for pair in pairs]
    yield from ((left, right) for left in doubled for right in doubled)
