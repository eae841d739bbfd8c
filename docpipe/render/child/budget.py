"""How many pixels a page deserves, on the grid of the model that will see them."""

from __future__ import annotations

import math

MAX_RATIO = 200.0
NATURAL_DPI = 200.0  # what a scanner would give: no page is drawn finer than this


def visual_size(
    width_pt: float,
    height_pt: float,
    min_pixels: int,
    max_pixels: int,
    grid_px: int,
    dpi: float = NATURAL_DPI,
) -> tuple[int, int]:
    """(width_px, height_px) for a page of that size in 1/72 inch: both multiples of `grid_px`.

    The page is taken at `dpi`, each side rounded to the grid, and both scaled down or up by one
    factor where the area leaves [min_pixels, max_pixels]: `smart_resize` of Qwen2-VL
    (transformers, models/qwen2_vl/image_processing_qwen2_vl.py; there 28 = 14 a patch, 2 x 2
    merged), so that the model's own resizing finds nothing to do. A side is at least one grid
    step. Raises ValueError for a ratio over `MAX_RATIO`, as it does.
    """
    width, height = width_pt * dpi / 72, height_pt * dpi / 72
    if max(width, height) > MAX_RATIO * min(width, height):
        raise ValueError(f"a page of {width_pt:g} x {height_pt:g} pt")
    width_px = max(grid_px, round(width / grid_px) * grid_px)
    height_px = max(grid_px, round(height / grid_px) * grid_px)
    if width_px * height_px > max_pixels:
        shrink = math.sqrt(width * height / max_pixels)
        width_px = max(grid_px, math.floor(width / shrink / grid_px) * grid_px)
        height_px = max(grid_px, math.floor(height / shrink / grid_px) * grid_px)
    elif width_px * height_px < min_pixels:
        grow = math.sqrt(min_pixels / (width * height))
        width_px = math.ceil(width * grow / grid_px) * grid_px
        height_px = math.ceil(height * grow / grid_px) * grid_px
    return width_px, height_px
