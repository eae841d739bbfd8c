"""The token side of a grammar: which tokens may come next, and which must."""

from __future__ import annotations

import importlib.metadata
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

import llguidance
import torch
from llguidance.torch import fill_next_token_bitmask_par
from tokenizers import Tokenizer
from torch import Tensor

from docpipe.engine.grammar import json_grammar
from docpipe.engine.qwen2vl.tokens import TURN_END
from docpipe.errors import EngineError, EngineUnavailable

_GRAMMARS_KEPT = 256
_QUIET = 0
_AMOUNTS = ("-0.5", "-8.2", "-12.50", "-1000")  # a range of two signs, a fraction, a zero at the end, none
_NEGATIVE = {
    "type": "object",
    "properties": {"a": {"type": "number", "x-docpipe": {"scale": 2}}},
    "required": ["a"],
    "additionalProperties": False,
}


class Guide:
    """Holds one answer to its schema. Every token of the answer passes through `accept`, in order."""

    def __init__(self, matcher: llguidance.LLMatcher, *, force: bool) -> None:
        self.matcher = matcher
        self._force = force

    @property
    def done(self) -> bool:
        """The answer is complete: nothing may follow."""
        return bool(self.matcher.is_stopped())

    def accept(self, token: int) -> list[int]:
        """Takes a token; returns those that must follow it. Raises EngineError for one that may not come."""
        self._check(self.matcher.consume_token(token))
        return self.forced()

    def forced(self) -> list[int]:
        """The tokens that must come next, taken already; empty where there is a choice, or none was wanted."""
        if not self._force or self.done:
            return []
        tokens: list[int] = self.matcher.compute_ff_tokens()
        if tokens:
            self._check(self.matcher.consume_tokens(tokens))
        return tokens

    def _check(self, taken: bool) -> None:
        if not taken or self.matcher.is_error():
            raise EngineError(f"the grammar failed: {self.matcher.get_error() or 'a token was refused'}"[:500])


class Vocabulary:
    """A tokenizer as grammars see it, with the masks of all slots computed side by side on CPU threads.

    `size`: rows of the model's output, which may be more than the tokenizer has tokens.
    """

    def __init__(self, tokenizer: Tokenizer, size: int, threads: int) -> None:
        self.size = size
        end = tokenizer.token_to_id(TURN_END)
        try:
            self._tokens = llguidance.LLTokenizer(tokenizer.to_str(), n_vocab=size, eos_token=end)
        except ValueError as error:
            raise EngineUnavailable(
                f"the tokenizer does not fit a model of {size} tokens: {error}"[:500],
                remedy="tokenizer.json and the weights belong to two models; fetch the checkpoint again.",
            ) from error
        self._executor = llguidance.LLExecutor(threads)
        self._kept: OrderedDict[str, llguidance.LLMatcher] = OrderedDict()
        self._lock = Lock()
        self._check_negatives(tokenizer)

    def _check_negatives(self, tokenizer: Tokenizer) -> None:
        """Before 1.8 llguidance forbids every negative amount: the model is then made to write another number."""
        compiled = self._compile(_NEGATIVE)
        for amount in _AMOUNTS:
            matcher = compiled.deep_copy()
            tokens = tokenizer.encode(f'{{"a":{amount}}}', add_special_tokens=False).ids
            if not matcher.consume_tokens(tokens) or not matcher.is_accepting():
                version = importlib.metadata.version("llguidance")
                raise EngineUnavailable(
                    f"llguidance {version} lets no model write a negative amount such as {amount}",
                    remedy="pip install 'llguidance>=1.9,<2'",
                )

    def guide(self, document: Mapping[str, Any], fingerprint: str, *, force: bool) -> Guide:
        """A fresh guide for answers under a JSON Schema; `fingerprint` is its hash, under which it is kept.

        `force`: whether tokens without a choice are told. Raises EngineError for a schema that is no grammar.
        """
        with self._lock:
            matcher = self._kept.pop(fingerprint, None) or self._compile(document)
            self._kept[fingerprint] = matcher
            if len(self._kept) > _GRAMMARS_KEPT:
                self._kept.popitem(last=False)
            return Guide(matcher.deep_copy(), force=force)

    def _compile(self, document: Mapping[str, Any]) -> llguidance.LLMatcher:
        grammar = llguidance.LLMatcher.grammar_from_json_schema(json_grammar(document).json_schema)
        matcher = llguidance.LLMatcher(self._tokens, grammar, log_level=_QUIET)
        if matcher.is_error():
            raise EngineError(
                f"the schema cannot guide the model: {matcher.get_error()}"[:500],
                remedy="`docpipe schemas check FILE` lists what must change.",
            )
        return matcher

    def masks(self, guides: Sequence[Guide]) -> Tensor:
        """(guides, words) int32 on the CPU: bit i of a row tells whether token i may come next."""
        masks = torch.zeros((len(guides), (self.size + 31) // 32), dtype=torch.int32)
        if guides:  # the executor does not take an empty list
            matchers = [(guide.matcher, row) for row, guide in enumerate(guides)]
            fill_next_token_bitmask_par(self._executor, matchers, masks)
        return masks
