"""A document that failed, as an Outcome: what any error says, with what that depends on."""

from __future__ import annotations

from dataclasses import replace

from docpipe.errors import DocpipeError, InternalError, RenderTimeout
from docpipe.extract.fingerprints import failure_fingerprints
from docpipe.records import Failure, Outcome
from docpipe.settings import Settings


def failed(outcome: Outcome, error: BaseException, settings: Settings) -> Outcome:
    """`outcome` as failed with what `error` says; an error nobody foresaw is INTERNAL_ERROR."""
    if isinstance(error, TimeoutError):
        error = _document_timeout()
    if not isinstance(error, DocpipeError):
        error = InternalError(f"{type(error).__name__}: {error}"[:500])
    failure = Failure(error.code, error.message, error.what_to_do, error.retryable)
    marks = {**outcome.fingerprints, **failure_fingerprints(error.code, settings)}
    return replace(outcome, fingerprints=marks, status="failed", records=(), failure=failure)


def _document_timeout() -> DocpipeError:
    return RenderTimeout(
        "the document took longer than limits.document_timeout_s",
        remedy="Raise limits.document_timeout_s, or split the document.",
    )
