"""Who holds what while a store is open: sources, their extractions, and the parts these lie in."""

from __future__ import annotations

from collections.abc import Iterable

from docpipe.errors import StoreError
from docpipe.store.current import Current
from docpipe.store.ledger import LedgerRow, read_rows
from docpipe.store.parts import read_part
from docpipe.store.place import Place

Moved = Iterable[tuple[str, Iterable[str]]]  # new part -> what lies in it now


class Holdings:
    """The ledger of one schema with what is pending on top.

    `changed` are uris with a row to commit (or, where `rows` has none, to take out), `freed`
    extractions that no source holds any more, `homes` extractions that lost a source -> one that
    still holds their bytes.
    """

    def __init__(self, out: Place, current: Current, schema_name: str) -> None:
        self.rows: dict[str, LedgerRow] = {}
        self.changed: dict[str, None] = {}  # a set that keeps its order: rows follow their outcomes
        self.freed: set[str] = set()
        self.homes: dict[str, str] = {}
        self._out = out
        self._schema_name = schema_name
        self._holders: dict[str, tuple[str, ...]] = {}
        self._extraction_of: dict[str, str] = {}  # doc_id -> its one extraction; a failure is its path's own
        self._source_part: dict[str, str] = {}
        self._data_part: dict[str, str] | None = None
        for part in current.parts["sources"]:
            for row in read_rows(out, part, schema_name):
                self.rows[row.uri] = row
                self._source_part[row.uri] = part
                self._hold(row)

    def row(self, uri: str) -> LedgerRow:
        """The row of `uri`; raises StoreError if it has none."""
        try:
            return self.rows[uri]
        except KeyError:
            raise StoreError(f"{uri} is not in the ledger") from None

    def twins(self, row: LedgerRow) -> list[LedgerRow]:
        """The rows that share the extraction of these bytes; none if `row` is a failure."""
        if row.status == "failed" or row.doc_id is None:
            return []
        extraction = self._extraction_of.get(row.doc_id, "")
        return [self.rows[uri] for uri in self._holders.get(extraction, ())]

    def held(self, row: LedgerRow) -> bool:
        """Whether the extraction that `row` tells of is still in the tables, or pending."""
        return row.extraction_id in self._holders

    def known(self, doc_id: str) -> LedgerRow | None:
        """A row that tells what was extracted from these bytes; None if nothing was."""
        uris = self._holders.get(self._extraction_of.get(doc_id, ""), ())
        return self.rows[uris[0]] if uris else None

    def data_part(self, extraction: str, current: Current) -> str | None:
        """The part that an extraction lies in; None if it is not committed."""
        if self._data_part is None:
            self._data_part = self._locate(current)
        return self._data_part.get(extraction)

    def put(self, row: LedgerRow) -> str | None:
        """Take in a row; returns the extraction that this leaves without a source, if one is."""
        old = self.rows.get(row.uri)
        self.rows[row.uri] = row
        self.changed[row.uri] = None
        if old is not None and old.extraction_id == row.extraction_id:
            return None
        self._hold(row)
        return None if old is None else self._release(old)

    def remove(self, uri: str) -> str | None:
        """Take a row out; returns the extraction that this leaves without a source, if one is."""
        old = self.row(uri)
        del self.rows[uri]
        self.changed[uri] = None
        return self._release(old)

    def touched_data(self, current: Current) -> list[str]:
        """The data parts that hold freed extractions, or ones whose source must change."""
        wanted = self.freed | self.homes.keys()
        if not wanted:
            return []
        if self._data_part is None:
            self._data_part = self._locate(current)
        return sorted({self._data_part[identity] for identity in wanted if identity in self._data_part})

    def touched_sources(self) -> list[str]:
        """The sources parts that hold rows to replace or to take out."""
        return sorted({self._source_part[uri] for uri in self.changed if uri in self._source_part})

    def settle(self, part: str, written: Iterable[str], data: Moved, sources: Moved) -> None:
        """What was pending is committed: `written` extractions lie in `part`, others have moved."""
        for uri in self.changed:
            self._source_part.pop(uri, None)
            if uri in self.rows:
                self._source_part[uri] = part
        for name, uris in sources:
            self._source_part.update(dict.fromkeys(uris, name))
        if self._data_part is not None:
            for extraction in self.freed:
                self._data_part.pop(extraction, None)
            self._data_part.update(dict.fromkeys(written, part))
            for name, extractions in data:
                self._data_part.update(dict.fromkeys(extractions, name))
        self.changed, self.freed, self.homes = {}, set(), {}

    def _hold(self, row: LedgerRow) -> None:
        self._holders[row.extraction_id] = (*self._holders.get(row.extraction_id, ()), row.uri)
        if row.status != "failed" and row.doc_id is not None:
            self._extraction_of[row.doc_id] = row.extraction_id

    def _release(self, old: LedgerRow) -> str | None:
        extraction = old.extraction_id
        left = tuple(uri for uri in self._holders[extraction] if uri != old.uri)
        if left:
            self._holders[extraction] = left
            self.homes[extraction] = left[0]
            return None
        del self._holders[extraction]
        self.homes.pop(extraction, None)
        self.freed.add(extraction)
        if old.doc_id is not None and self._extraction_of.get(old.doc_id) == extraction:
            del self._extraction_of[old.doc_id]
        return extraction

    def _locate(self, current: Current) -> dict[str, str]:
        """Extraction -> the part it lies in; all its rows lie in parts of that name."""
        found: dict[str, str] = {}
        for table in (self._schema_name, "pages", "replies"):
            for part in current.parts[table]:
                ids = read_part(self._out, table, part, ["_extraction_id"])["_extraction_id"]
                found.update(dict.fromkeys(ids.unique().to_pylist(), part))
        return found
