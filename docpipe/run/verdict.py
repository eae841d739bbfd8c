"""What a run's counts mean for the exit code of the command."""

from __future__ import annotations

from docpipe.run.summary import Summary
from docpipe.settings import Running


def complaints(summary: Summary, running: Running) -> list[str]:
    """Why the command ends with exit code 3, a sentence each; [] if it ends with 0.

    `running.fail_on` and `running.max_failed` judge the documents that failed, `running.max_review` those that need
    review. A run without documents has nothing to complain about.
    """
    mine, failed = summary.this_run, summary.this_run.outcomes["failed"]
    found = [
        _passed("failed", failed, mine.documents, running.max_failed, "max_failed"),
        _passed("need review", mine.outcomes["needs_review"], mine.documents, running.max_review, "max_review"),
    ]
    if running.fail_on == "new" and running.max_failed is None and failed:
        found.append(f"{failed} of this run's {mine.documents} documents failed")
    if running.fail_on == "any" and summary.outcomes["failed"]:
        found.append(f"{summary.outcomes['failed']} of {summary.inputs} inputs have failed, in this run or before")
    return [sentence for sentence in found if sentence]


def _passed(what: str, count: int, documents: int, share: float | None, name: str) -> str:
    if share is None or count == 0 or count / documents <= share:
        return ""
    part = f"{100 * count / documents:.3g}%"
    return f"{count} of this run's {documents} documents {what} ({part}): more than running.{name}={share:g} allows"
