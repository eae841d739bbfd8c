"""Labelled synthetic documents: realistic pages whose truth is known because it was printed on purpose."""

from __future__ import annotations

from docpipe.synth.generate import KINDS, generate

__all__ = ["KINDS", "generate"]
