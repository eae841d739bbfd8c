"""The table of positions: wrapped descriptions, rules and shading, over as many pages as it takes."""

from __future__ import annotations

from decimal import Decimal

from docpipe.synth import fonts
from docpipe.synth.invoice.bill import Line
from docpipe.synth.invoice.columns import LEFT, Column, columns, field_of, pad, paths_of, stacked
from docpipe.synth.invoice.draft import Draft


class Table:
    """Draws the positions downwards from a y; `bottom` is where the last row ended, `columns` where the columns are."""

    def __init__(self, draft: Draft, x0: float, x1: float, y: float) -> None:
        self.draft, self.x0, self.x1, self.bottom = draft, x0, x1, y
        self.columns, self.size = columns(draft, x0, x1)
        self.lead = self.size * 1.28
        self._top = y
        self._sum = self._part = Decimal(0)
        self.pad = pad(draft)

    def draw(self) -> float:
        """Print header and rows. Returns the y below the last row."""
        self._head()
        for index, line in enumerate(self.draft.bill.lines):
            self._row(index, line)
        self._close_page()
        return self.bottom

    def _text(
        self,
        column: Column,
        y: float,
        text: str,
        paths: tuple[str, ...] = (),
        caption_of: str = "",
        bold: bool = False,
        light: bool = False,
    ) -> None:
        left = column.key in LEFT
        x = column.x0 + self.pad if left else column.x1 - self.pad
        colour = (1.0, 1.0, 1.0) if light else None
        self.draft.put(
            x,
            y,
            text,
            size=self.size,
            bold=bold,
            align="left" if left else "right",
            paths=paths,
            caption_of=caption_of,
            colour=colour,
        )

    def _head(self) -> None:
        draft, look = self.draft, self.draft.look
        tall = max(len(column.head) for column in self.columns) * self.lead + 6
        if look.head in ("fill", "soft"):
            draft.sheet.area(
                self.x0, self.bottom, self.x1, self.bottom + tall, look.accent if look.head == "fill" else look.soft
            )
        y = self.bottom + self.lead
        for column in self.columns:
            field = f"line_items.{field_of(column.key)}" if field_of(column.key) else ""
            for place, text in enumerate(column.head):
                named = stacked(draft) or (look.money.place == "none" and look.currency_note == "head")
                marked = column.key == "amount" and named and place == len(column.head) - 1
                paths = ("currency",) if marked else ()
                self._text(
                    column,
                    y + place * self.lead,
                    text,
                    paths,
                    field,
                    bold=look.head != "plain",
                    light=look.head == "fill",
                )
        self.bottom += tall
        if look.head in ("bold", "plain"):
            draft.sheet.rule(self.x0, self.bottom, self.x1, self.bottom, 0.9, look.accent)
        self._top = self.bottom - tall

    def _row(self, index: int, line: Line) -> None:
        draft, gap = self.draft, 3.2 * self.draft.look.spacious
        wraps = {
            c.key: fonts.wrap(c.texts[index], draft.font(), self.size, c.x1 - c.x0 - 2 * self.pad)
            if c.key == "description"
            else [c.texts[index]]
            for c in self.columns
        }
        serial = self.lead if line.serial else 0.0
        tall = max(len(lines) for lines in wraps.values()) * self.lead + 2 * gap + serial
        part = self.lead + 2 * gap if line.part else 0.0
        titled = bool(line.section) and draft.look.ruling not in (
            "grid",
            "columns",
        )  # upright rules would cut the words
        section = self.lead + 2 * gap if titled else 0.0
        carry = self.lead + 2 * gap if draft.look.carry else 0.0
        if self.bottom + section + tall + part + carry > draft.floor:
            self._turn_page()
        if titled:
            draft.put(
                self.x0 + self.pad,
                self.bottom + gap + self.size,
                line.section,
                size=self.size,
                italic=True,
                colour=draft.look.gray,
            )
            self.bottom += section
        if draft.look.ruling == "zebra" and index % 2 == 1:
            draft.sheet.area(self.x0, self.bottom, self.x1, self.bottom + tall, draft.look.soft)
        for column in self.columns:
            paths = paths_of(column.key, index, line, column.texts[index])
            for place, text in enumerate(wraps[column.key]):
                self._text(column, self.bottom + gap + self.size + place * self.lead, text, paths)
            if line.serial and column.key == "description":
                y = self.bottom + gap + self.size + len(wraps["description"]) * self.lead
                limit = column.x1 - column.x0 - 2 * self.pad
                draft.put(column.x0 + self.pad, y, line.serial, size=self.size * 0.9, limit=limit)
        self.bottom += tall
        self._sum += line.amount
        self._part += line.amount
        if line.part:
            self._section_sum(line.part, gap)
        if draft.look.ruling in ("lines", "grid", "dotted") and index + 1 < len(draft.bill.lines):
            draft.sheet.rule(
                self.x0, self.bottom, self.x1, self.bottom, 0.35, draft.look.gray, draft.look.ruling == "dotted"
            )

    def _section_sum(self, caption: str, gap: float) -> None:
        """The sum of a section, on a row of its own."""
        last = next(column for column in self.columns if column.key == "amount")
        text = self.draft.amount(self._part, self.draft.look.money.in_cells)
        y, end = self.bottom + gap + self.size, self.draft.width(text, self.size, True) + self.pad + 8
        self.draft.put(last.x1 - self.pad, y, text, size=self.size, align="right", bold=True)
        self.draft.put(last.x1 - end, y, caption, size=self.size, align="right", bold=True)
        self.bottom += self.lead + 2 * gap
        self._part = Decimal(0)

    def _carry(self, key: str) -> None:
        last = next(column for column in self.columns if column.key == "amount")
        y = self.bottom + self.lead
        text = self.draft.amount(self._sum, self.draft.look.money.in_cells)
        end = self.draft.width(text, self.size) + self.pad + 8
        self.draft.put(last.x1 - self.pad, y, text, size=self.size, align="right", bold=False)
        caption = self.draft.words.plain(key)
        self.draft.put(last.x1 - end, y, caption, size=self.size, align="right", italic=True)
        self.bottom += self.lead + 6

    def _turn_page(self) -> None:
        self._close_page()
        if self.draft.look.carry:
            self._carry("carry_out")
        self._top = self.bottom = self.draft.next_page()
        if self.draft.look.carry:
            self._carry("carry_in")
            self._top = self.bottom
        if self.draft.look.repeat_head:
            self._head()

    def _close_page(self) -> None:
        sheet, look = self.draft.sheet, self.draft.look
        if look.ruling == "none":
            return
        sheet.rule(self.x0, self.bottom, self.x1, self.bottom, 0.7, look.accent)
        if look.ruling in ("grid", "columns"):
            for x in sorted({column.x0 for column in self.columns} | {self.x1}):
                sheet.rule(x, self._top, x, self.bottom, 0.4, look.gray)
            sheet.rule(self.x0, self._top, self.x1, self._top, 0.4, look.gray)
