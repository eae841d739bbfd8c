"""Pages as uint8 become the vision tower's patches on the device; nothing is normalised before it gets there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from docpipe.engine.qwen2vl.folder import read_json
from docpipe.errors import BadAspect, EngineUnavailable

PROCESSORS = ("preprocessor_config.json", "processor_config.json")
_MAX_SIDE = 256  # pixels of a patch, patches of a token, frames of a patch: the published ones have 16, 2 and 2
_MIN_TOKENS, _MAX_TOKENS = 4, 16_384  # of a page where a checkpoint does not say it, as in qwen_vl_utils
_MOST_PIXELS = 2**30  # of a page that are believed: thirty times the largest that is published


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """What a checkpoint's vision tower expects. `mean` and `std` are of RGB values in [0, 1].

    A page has `min_pixels` to `max_pixels`: the least is 4 visual tokens in Qwen2-VL, 64 in Qwen3-VL.
    """

    patch: int
    merge: int
    frames: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    min_pixels: int
    max_pixels: int

    @property
    def grid(self) -> int:
        """Pixels along the side of one visual token: page sides are multiples of it."""
        return self.patch * self.merge

    def tokens(self, page: Tensor) -> int:
        """Visual tokens of a page on the grid."""
        return (page.shape[1] // self.grid) * (page.shape[2] // self.grid)


def read_pixel_format(folder: Path) -> PixelFormat:
    """The format in the first of PROCESSORS that a checkpoint has; transformers 5 saves the second only.

    Raises EngineUnavailable if it does not say all of it, or says what no vision tower takes.
    """
    path = next((folder / name for name in PROCESSORS if (folder / name).exists()), folder / PROCESSORS[0])
    stored = read_json(path)
    stored = stored.get("image_processor", stored) if path.name == PROCESSORS[1] else stored
    try:
        form = PixelFormat(
            patch=stored["patch_size"],
            merge=stored["merge_size"],
            frames=stored["temporal_patch_size"],
            mean=tuple(stored["image_mean"]),
            std=tuple(stored["image_std"]),
            min_pixels=_bound(stored, "min_pixels", "shortest_edge", _MIN_TOKENS),
            max_pixels=_bound(stored, "max_pixels", "longest_edge", _MAX_TOKENS),
        )
        _check(form)
    except (ValueError, KeyError, TypeError) as error:
        raise EngineUnavailable(
            f"{path} does not say how pages are to be shown: {type(error).__name__}: {error}",
            remedy="The checkpoint is not whole, or of a kind that this engine does not run.",
        ) from error
    return form


def _bound(stored: Mapping[str, Any], name: str, in_size: str, tokens: int) -> int:
    """The least or the most pixels of a page. Raises TypeError if `size` is no object, ValueError for no number."""
    size = stored.get("size") or {}
    if not isinstance(size, Mapping):
        raise TypeError(f"size is {str(size)[:40]}")
    pixels = stored.get(name) or size.get(name) or size.get(in_size)
    if pixels is None:
        return int(tokens * (stored["patch_size"] * stored["merge_size"]) ** 2)
    if type(pixels) is not int:
        raise ValueError(f"{name} is {str(pixels)[:40]}")
    return pixels


def _check(form: PixelFormat) -> None:
    """Raises ValueError for numbers that would give pages of no, or of any, size."""
    sides = (form.patch, form.merge, form.frames)
    if not all(type(side) is int and 1 <= side <= _MAX_SIDE for side in sides):
        raise ValueError(f"patches of {sides}")
    if (
        len(form.mean) != 3
        or len(form.std) != 3
        or not all(0.0 <= channel <= 1.0 for channel in (*form.mean, *form.std))
    ):
        raise ValueError(f"colours of mean {form.mean} and deviation {form.std}")
    if not all(form.std):
        raise ValueError("a colour without deviation")
    if not 1 <= form.min_pixels <= form.max_pixels <= _MOST_PIXELS or form.max_pixels < form.grid**2:
        raise ValueError(f"pages of {form.min_pixels} to {form.max_pixels} pixels")


def on_grid(page: Tensor, form: PixelFormat) -> Tensor:
    """`page` (3, height, width) uint8 at multiples of the grid, as large as `form` allows; as it is if it can be.

    Raises BadAspect for a page that must be resized and is over 200 times longer than wide.
    """
    height, width = page.shape[1:]
    fits = height % form.grid == 0 and width % form.grid == 0
    if fits and form.min_pixels <= height * width <= form.max_pixels:
        return page
    from qwen_vl_utils import smart_resize
    from torchvision.transforms.v2 import InterpolationMode  # type: ignore[import-untyped]
    from torchvision.transforms.v2.functional import resize  # type: ignore[import-untyped]

    try:
        size = smart_resize(height, width, form.grid, form.min_pixels, form.max_pixels)
    except (ValueError, ZeroDivisionError) as error:
        raise BadAspect(f"a page of {width} x {height} pixels cannot be read: {error}") from error
    resized: Tensor = resize(page, list(size), interpolation=InterpolationMode.BICUBIC, antialias=True)
    return resized


def patchify(pages: Sequence[Tensor], form: PixelFormat, device: torch.device) -> tuple[Tensor, Tensor]:
    """Patches (patches, 3 * frames * patch**2) float32 and grids (pages, 3) int64 of pages on the grid.

    Equal to Qwen2VLImageProcessor's `pixel_values` and `image_grid_thw` for the same pages.
    """
    mean = torch.tensor(form.mean, device=device)[:, None, None] * 255.0
    std = torch.tensor(form.std, device=device)[:, None, None] * 255.0
    grids = [(1, page.shape[1] // form.patch, page.shape[2] // form.patch) for page in pages]
    moved = (page.to(device, non_blocking=True).float() for page in pages)
    patches = [_patches((page - mean) / std, form) for page in moved]
    return torch.cat(patches), torch.tensor(grids)


def _patches(page: Tensor, form: PixelFormat) -> Tensor:
    """Row by row of merged squares, inside a square row by row; a still page is its own next frame."""
    rows, columns = page.shape[1] // form.grid, page.shape[2] // form.grid
    split = page.view(3, rows, form.merge, form.patch, columns, form.merge, form.patch)
    ordered = split.permute(1, 4, 2, 5, 0, 3, 6).unsqueeze(5)
    repeated = ordered.expand(-1, -1, -1, -1, -1, form.frames, -1, -1)
    return repeated.reshape(rows * columns * form.merge**2, 3 * form.frames * form.patch**2)
