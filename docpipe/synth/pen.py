"""Writes on a sheet in one style: the few verbs that every kind of document is laid out with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from docpipe.synth import fonts
from docpipe.synth.sheet import BLACK, Colour, Sheet


@dataclass
class Pen:
    """A family at a size, in points, on the current page of `sheet`."""

    sheet: Sheet
    family: fonts.Family
    size: float
    ink: Colour = BLACK

    @property
    def lead(self) -> float:
        """Distance of two lines in points."""
        return self.size * 1.3

    def font(self, bold: bool = False, italic: bool = False) -> str:
        """Name of a face of the family."""
        return self.family.bold if bold else self.family.italic if italic else self.family.regular

    def width(self, text: str, size: float = 0.0, bold: bool = False) -> float:
        """Width of `text` in points; `size` 0 is the pen's own."""
        return fonts.width(text, self.font(bold), size or self.size)

    def wrap(self, text: str, limit: float, size: float = 0.0, bold: bool = False) -> list[str]:
        """`text` broken at spaces into lines no wider than `limit` points."""
        return fonts.wrap(text, self.font(bold), size or self.size, limit)

    def put(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 0.0,
        bold: bool = False,
        italic: bool = False,
        align: str = "left",
        colour: Colour | None = None,
        paths: Sequence[str] = (),
        caption_of: str = "",
        limit: float = 0.0,
        angle: float = 0.0,
    ) -> float:
        """Print one line with its baseline at y, shrunk where it is wider than `limit`. Returns its width."""
        points, face = size or self.size, self.font(bold, italic)
        if limit and (wide := fonts.width(text, face, points)) > limit:
            points *= limit / wide
        ink = colour or self.ink
        return self.sheet.text(
            x, y, text, face, points, colour=ink, align=align, paths=paths, caption_of=caption_of, angle=angle
        )

    def paragraph(
        self,
        x: float,
        y: float,
        text: str,
        limit: float,
        *,
        size: float = 0.0,
        bold: bool = False,
        align: str = "left",
        paths: Sequence[str] = (),
        caption_of: str = "",
        colour: Colour | None = None,
    ) -> float:
        """Print `text` in lines no wider than `limit`, the first at y. Returns the baseline after the last."""
        points = size or self.size
        for line in self.wrap(text, limit, points, bold):
            self.put(
                x, y, line, size=points, bold=bold, align=align, paths=paths, caption_of=caption_of, colour=colour,
                limit=limit,
            )  # fmt: skip
            y += points * 1.3
        return y
