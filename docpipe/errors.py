"""Every error docpipe raises on purpose. Nothing else in the project defines one.

    DocpipeError
    |- UsageError             what was asked for cannot be done         exit 2
    |  |- PathNotFound, NoInputs, InvalidManifest, InvalidSettings
    |  |- UnknownSchema, InvalidSchema
    |  |- UnknownEngine, EngineUnavailable, MissingLibrary, InvalidTruth, InvalidCorrections
    |  `- OutputUnwritable, OutputConflict
    |- RunAborted             the run had to stop before its end        exit 4
    |  |- OutputLocked, StoreError
    |  `- ListingFailed, ClusterUnreachable, WorkersLost, Interrupted, StdoutFailed
    |- DocumentError          one document failed; the run goes on      exit 3
    |  |- Unreadable, EmptyFile, FileTooLarge, UnsupportedType, TypeMismatch
    |  |- Encrypted, Corrupt, EmptyDocument, TooManyPages
    |  |- PageTooLarge, ImageTooLarge, BadAspect
    |  |- RenderTimeout, RenderCrash, RenderKilled, SourceChanged, UnsafePath, ArchiveBomb
    |  |- OcrUnavailable
    |  |- WorkerCrash, PartLost, ValueMisfit, UserCodeError
    |  `- InternalError
    `- EngineError            one request failed; the reply says so
       |- DecodeError
       `- ContextOverflow

A document's error ends in a row of `sources`, as a `records.Failure`: its code, its message,
and what a person can do about it.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import ClassVar, Literal

Scope = Literal["page", "document", "run"]


class DocpipeError(Exception):
    """Base of all. `code` is stable and machine-readable; `remedy` says what to do next.

    `depends_on`: settings with other values of which it may not come; a rerun looks at them.
    """

    code: ClassVar[str] = "ERROR"
    scope: ClassVar[Scope] = "run"
    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 4
    remedy: ClassVar[str] = ""
    depends_on: ClassVar[tuple[str, ...]] = ()

    def __init__(self, message: str = "", *, remedy: str | None = None) -> None:
        super().__init__(message or self.code)
        self.message = message or self.code
        self.what_to_do = self.remedy if remedy is None else remedy

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, self.what_to_do)


def _rebuild(kind: type[DocpipeError], message: str, what_to_do: str) -> DocpipeError:
    """Errors cross process borders; keyword arguments do not survive the default pickling."""
    return kind(message, remedy=what_to_do)


class UsageError(DocpipeError):
    """The command, a path or a setting is wrong; nothing was started."""

    code = "USAGE"
    exit_code = 2
    remedy = "See `docpipe --help`."


class InvalidSettings(UsageError):
    code = "INVALID_SETTINGS"
    remedy = "docs/operations.md lists every setting, its unit and its default."


class PathNotFound(UsageError):
    code = "PATH_NOT_FOUND"
    remedy = "Check the path; a glob needs quotes in the shell."


class NoInputs(UsageError):
    code = "NO_INPUTS"
    remedy = "Point docpipe at a folder that holds PDFs or images."


class InvalidManifest(UsageError):
    code = "INVALID_MANIFEST"
    remedy = "A manifest is .txt, .csv, .tsv or .parquet in UTF-8, with a column called path, uri or file."


class InvalidCorrections(UsageError):
    """Reviewed values that cannot be taken over; none of the file is."""

    code = "INVALID_CORRECTIONS"
    remedy = "Mend the line that the message names, and give the file again: nothing of it was taken over."


class UnknownSchema(UsageError):
    code = "UNKNOWN_SCHEMA"
    remedy = "`docpipe schemas list` names the shipped ones; a path to a .json file works too."


class InvalidSchema(UsageError):
    code = "INVALID_SCHEMA"
    remedy = "`docpipe schemas check FILE` lists what must change."


class UnknownEngine(UsageError):
    code = "UNKNOWN_ENGINE"
    remedy = "`docpipe doctor` lists the engines and which of them can run here."


class EngineUnavailable(UsageError):
    code = "ENGINE_UNAVAILABLE"
    remedy = "`docpipe doctor` says what is missing."


class MissingLibrary(UsageError):
    """What was asked for needs a library that is not installed; the remedy names the extra that brings it."""

    code = "MISSING_LIBRARY"
    remedy = "Install the extra that the message names (README.md, Installing)."


class InvalidTruth(UsageError):
    """Labels or an evaluation that were to be read are not what they should be."""

    code = "INVALID_TRUTH"
    remedy = "docs/evaluation.md says what a line of labels.jsonl holds and which data sets are read."


class OutputUnwritable(UsageError):
    code = "OUTPUT_UNWRITABLE"
    remedy = "Choose another --out, or make the folder writable."


class OutputConflict(UsageError):
    """The output folder holds something this run must not mix with or write over."""

    code = "OUTPUT_CONFLICT"
    remedy = "Choose another --out."


class RunAborted(DocpipeError):
    """The run stopped before its end; what is committed stays, a rerun goes on from there."""

    code = "RUN_ABORTED"
    exit_code = 4
    remedy = "Run the same command again: finished documents are not done twice."


class OutputLocked(RunAborted):
    code = "OUTPUT_LOCKED"
    remedy = "Wait for the other run, or choose another --out."


class StoreError(RunAborted):
    """The output could not be written or read back."""

    code = "STORE_ERROR"
    remedy = "Check free space and permissions of the output folder, then run again."


class ListingFailed(RunAborted):
    """An object store could not be asked what there is; what was listed so far is not all."""

    code = "LISTING_FAILED"
    remedy = "Check the address, the credentials and the network, then run the same command again."


class WorkersLost(RunAborted):
    """No document worker could be kept alive."""

    code = "WORKERS_LOST"


class ClusterUnreachable(RunAborted):
    """The Ray cluster that RAY_ADDRESS names does not answer, or is not one that can be joined."""

    code = "CLUSTER_UNREACHABLE"
    remedy = "Start the cluster, correct RAY_ADDRESS, or unset it: docpipe then starts a Ray of its own."


class Interrupted(RunAborted):
    """A person or a scheduler ended the run (SIGINT, SIGTERM, SIGHUP)."""

    code = "INTERRUPTED"


class StdoutFailed(RunAborted):
    """The work was done, and its result could not be printed."""

    code = "STDOUT_FAILED"
    remedy = "Check what stdout goes to: a full disk, a closed device. What was written to an output stays there."


class DocumentError(DocpipeError):
    """One document cannot be read; its neighbours are not touched."""

    code = "DOCUMENT_ERROR"
    scope = "document"
    exit_code = 3


class Unreadable(DocumentError):
    code = "UNREADABLE"
    retryable = True
    remedy = "Check the file's permissions and that it still exists."


class UnsafePath(DocumentError):
    code = "UNSAFE_PATH"
    remedy = "Only regular files are read; links must stay inside the input folder."


class ArchiveBomb(DocumentError):
    """A ZIP that would unpack to more than the limits allow, or that lies about its members."""

    code = "ARCHIVE_BOMB"
    depends_on = ("limits.max_zip_members", "limits.max_zip_ratio")
    remedy = "It is probably made to harm; if it is honest, raise limits.max_zip_members or limits.max_zip_ratio."


class SourceChanged(DocumentError):
    code = "SOURCE_CHANGED"
    retryable = True
    remedy = "The file was written to while it was read; run again when it is at rest."


class EmptyFile(DocumentError):
    code = "EMPTY_FILE"
    remedy = "The file has no bytes; fetch it again from where it came."


class FileTooLarge(DocumentError):
    code = "FILE_TOO_LARGE"
    depends_on = ("limits.max_file_bytes",)
    remedy = "Raise limits.max_file_bytes, or split the file."


class UnsupportedType(DocumentError):
    code = "UNSUPPORTED_TYPE"
    remedy = "docpipe reads PDF, PNG, JPEG, TIFF, WebP, BMP and GIF; convert the file first."


class TypeMismatch(DocumentError):
    code = "TYPE_MISMATCH"
    remedy = "The content is not what the name says; convert it, or give it its true extension."


class Encrypted(DocumentError):
    code = "ENCRYPTED"
    remedy = "Give the password with --password, or a file of them with --password-file."


class Corrupt(DocumentError):
    code = "CORRUPT"
    remedy = "The file is damaged or cut off; fetch it again from where it came."


class EmptyDocument(DocumentError):
    code = "EMPTY_DOCUMENT"
    remedy = "The document has no pages."


class TooManyPages(DocumentError):
    code = "TOO_MANY_PAGES"
    depends_on = ("limits.max_pages", "limits.over_max_pages")
    remedy = "Raise limits.max_pages, or read it all the same with --over-max-pages window."


class PageTooLarge(DocumentError):
    code = "PAGE_TOO_LARGE"
    depends_on = ("limits.max_page_pt", "limits.max_content_bytes")
    remedy = "A page's size passes limits.max_page_pt; it is probably made to harm."


class ImageTooLarge(DocumentError):
    code = "IMAGE_TOO_LARGE"
    depends_on = ("limits.max_image_pixels",)
    remedy = "Raise limits.max_image_pixels, or scale the image down."


class BadAspect(DocumentError):
    code = "BAD_ASPECT"
    depends_on = ("limits.max_page_ratio",)
    remedy = "A page is over 200 times longer than wide; cut it into pages."


class RenderTimeout(DocumentError):
    code = "RENDER_TIMEOUT"
    depends_on = (
        "limits.page_timeout_s",
        "limits.document_timeout_s",
        "limits.ocr_timeout_s",
        "limits.max_page_timeouts",
        "limits.max_pages",
    )
    remedy = (
        "Raise limits.page_timeout_s, or limits.ocr_timeout_s for a scan, if the file is honest; they count "
        "CPU time, so a busy machine is not the reason."
    )


class RenderCrash(DocumentError):
    code = "RENDER_CRASH"
    depends_on = ("limits.decoder_memory_bytes", "limits.ocr_memory_bytes", "limits.ocr_resident_bytes")
    remedy = "The decoder died twice on this file; repair it, for example with `qpdf IN OUT`."


class RenderKilled(DocumentError):
    """Somebody else ended the decoder's process, again and again: the system for want of memory, or a person."""

    code = "RENDER_KILLED"
    retryable = True
    remedy = (
        "If memory ran out (`dmesg` says so), give the machine more or use fewer --workers; then run the same "
        "command again."
    )


class OcrUnavailable(DocumentError):
    code = "OCR_UNAVAILABLE"
    retryable = True
    remedy = "This page has no text layer: install `rapidocr` and `onnxruntime`."


class WorkerCrash(DocumentError):
    code = "WORKER_CRASH"
    retryable = True
    remedy = "A worker process died on this document, more than once; run again, or take the file out."


class PartLost(DocumentError):
    """What was read of a document is gone from the output, with the file of a part that held it."""

    code = "PART_LOST"
    retryable = True
    remedy = "Run the same command again: the document is read again, from stored replies where they stand."


class ValueMisfit(DocumentError):
    """A value passed validation and its column cannot hold it exactly; nothing of the document is stored."""

    code = "VALUE_MISFIT"
    remedy = "This is a defect of docpipe: please report it with the message; until then declare the field as a string."


class UserCodeError(DocumentError):
    """The user's own pydantic class raised something that is no verdict on a value (a ValueError is one)."""

    code = "USER_CODE_ERROR"
    remedy = "A validator of your pydantic class fails on this document: mend it where the message says, and run again."


class InternalError(DocumentError):
    """A defect of docpipe itself, held to one document."""

    code = "INTERNAL_ERROR"
    retryable = True
    remedy = "This is a defect of docpipe: please report it with the message."


class EngineError(DocpipeError):
    """A request to an engine failed; other requests go on."""

    code = "ENGINE_ERROR"
    scope = "document"
    exit_code = 3
    retryable = True
    remedy = "Run again; if it stays, try another --engine."


class DecodeError(EngineError):
    """An answer is not the JSON that was asked for."""

    code = "DECODE_ERROR"
    retryable = False
    remedy = "The raw answer is kept in replies/."


class ContextOverflow(EngineError):
    code = "CONTEXT_OVERFLOW"
    depends_on = ("qwen2vl.slot_tokens",)
    retryable = False
    remedy = "Raise qwen2vl.slot_tokens, or lower render.max_pixels or extraction.window_pages."


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """ "; did you mean ...?" with the known name that is nearest, to end a message with; "" where none is near."""
    near = get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def install_extra(name: str) -> str:
    """How to get an extra of docpipe, in words. On the package index the name docpipe is another project's."""
    return f"Install the extra '{name}': pip install '.[{name}]' in a clone of docpipe (README.md, Installing)."
