"""Which words of a PDF page an eye can see: those whose ink changes the page.

The page is drawn twice, small, with its text and without. A word around which both are the same is
not there for a reader, whatever the reason: white on white, drawn in no mode, transparent, clipped
away, under an image or a bar, off the page, on a layer that is off. White on a dark bar, on zebra
rows or on a photograph is as visible as it looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from docpipe.render.child.pdf.mupdf import pymupdf

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from docpipe.records import Word

    Drawing = npt.NDArray[np.uint8]

DPI = 48  # of the two drawings
CHANNELS = 3  # colours count: red on green is seen, gray it would not be
MIN_CHANGE, MIN_CHANGE_SIGN = 4.5, 0.5  # mean of a word's box, in levels of 255, all channels together
# A letter's height must fill five minutes of arc to be read (Snellen 1862): 0.58 mm at 40 cm, as
# high as capitals of 2.35 pt. Smaller type is a mark, not text.
MIN_TYPE_PT = 2.35


def visible(display: pymupdf.DisplayList, size: tuple[float, float], words: Sequence[Word]) -> list[bool]:
    """Whether the page of `size` in 1/72 inch changes where each of `words` is, with its text.

    The change inside every box comes from one summed-area table (Crow 1984), so it costs the same
    for ten words and a thousand. A lone dot or dash is little ink in its box, and needs little.
    """
    import numpy as np

    shown, bare = _drawn(display, size, text=True), _drawn(display, size, text=False)
    height, width = shown.shape[0], shown.shape[1] // CHANNELS
    sums = np.zeros((height + 1, width * CHANNELS + 1), np.int32)
    np.cumsum(np.maximum(shown, bare) - np.minimum(shown, bare), axis=0, dtype=np.int32, out=sums[1:, 1:])
    np.cumsum(sums, axis=1, out=sums)
    corners = np.rint(np.array([word.box for word in words]) * (width, height, width, height)).astype(int)
    left, right = np.clip((corners[:, 0], np.maximum(corners[:, 2], corners[:, 0] + 1)), 0, width)
    top, bottom = np.clip((corners[:, 1], np.maximum(corners[:, 3], corners[:, 1] + 1)), 0, height)
    area = (right - left) * (bottom - top)
    left, right = left * CHANNELS, right * CHANNELS
    total = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    least = [MIN_CHANGE if any(map(str.isalnum, word.text)) else MIN_CHANGE_SIGN for word in words]
    seen: list[bool] = (total > np.array(least) * np.maximum(area, 1)).tolist()
    return seen


def _drawn(display: pymupdf.DisplayList, size: tuple[float, float], *, text: bool) -> Drawing:
    """The page at `DPI`, (height, width * CHANNELS). A device that cannot fill or stroke text draws the rest."""
    import numpy as np

    mupdf = pymupdf.mupdf
    width, height = (max(1, round(side * DPI / 72)) for side in size)
    pixmap = mupdf.fz_new_pixmap_with_bbox(
        pymupdf.csRGB.this, mupdf.FzIrect(0, 0, width, height), mupdf.FzSeparations(), 0
    )
    mupdf.fz_clear_pixmap_with_value(pixmap, 0xFF)
    scale = mupdf.FzMatrix(width / size[0], 0, 0, height / size[1], 0, 0)
    device = mupdf.fz_new_draw_device(scale, pixmap)
    if not text:
        device.m_internal.fill_text = None
        device.m_internal.stroke_text = None
    everywhere = mupdf.FzRect(mupdf.FzRect.Fixed_INFINITE)
    mupdf.fz_run_display_list(display.this, device, mupdf.FzMatrix(), everywhere, mupdf.FzCookie())
    mupdf.fz_close_device(device)
    image = pymupdf.Pixmap("raw", pixmap)  # held: its view ends with it
    return np.frombuffer(bytes(image.samples_mv), np.uint8).reshape(height, width * CHANNELS)
