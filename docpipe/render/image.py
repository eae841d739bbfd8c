"""Image files by PIL: a frame is a page. Imported in the decoder's process only."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

from docpipe.errors import BadAspect, Corrupt, EmptyDocument, ImageTooLarge, TooManyPages
from docpipe.intake.content import Descriptor
from docpipe.records import Box
from docpipe.render.sheet import AS_IS, WHOLE, Pose, TextLayer
from docpipe.settings import Limits

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_DECODERS = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/tiff": "TIFF",
    "image/webp": "WEBP",
    "image/bmp": "BMP",
    "image/gif": "GIF",
}
_PAGED = "image/tiff"  # the frames of the others are an animation: the first one is the page
PAPER_IN = 11.69  # the long side of A4: what an image without a believable dpi is taken for
MIN_DPI, MAX_DPI = 90.0, 1_200.0  # a camera or an editor writes 72 where nothing was measured
MAX_PAPER_IN = 34.0  # a "page" larger than ANSI D has a wrong dpi
KEPT_PIXELS = 16_000_000  # a decoded frame up to this size is kept for the next question
OVERSAMPLING = 2  # pixels kept a side for one of the raster, before the final resampling
_LONG = 1 << 30

for _name in ("Bmp", "Gif", "Jpeg", "Png", "Tiff", "WebP"):  # and no other decoder of PIL's forty
    import_module(f"PIL.{_name}ImagePlugin")
Image.MAX_IMAGE_PIXELS = None  # limits.max_image_pixels is checked here before a pixel is decoded
_ERRORS = (OSError, SyntaxError, ValueError, KeyError, IndexError, TypeError, EOFError)


class ImageFile:
    """An open image file of one page, or of several where it is a TIFF."""

    def __init__(self, memory: Descriptor, media_type: str, limits: Limits) -> None:
        self._limits = limits
        self._kept: tuple[int, ImageSheet] | None = None
        try:
            self._image = Image.open(f"/proc/self/fd/{memory.fd}", formats=[_DECODERS[media_type]])
            frames = getattr(self._image, "n_frames", 1) if media_type == _PAGED else 1
        except _ERRORS as error:
            raise Corrupt(f"no image that can be opened: {type(error).__name__}") from error
        if frames < 1:
            raise EmptyDocument("the image has no frames")
        if frames > limits.max_pages:
            raise TooManyPages(f"{frames:,} frames, {limits.max_pages:,} allowed")
        self.page_count: int = frames

    def sheet(self, number: int) -> ImageSheet:
        """The frame with that number, from 1. Raises Corrupt, ImageTooLarge or BadAspect."""
        if self._kept is not None and self._kept[0] == number:
            return self._kept[1]
        try:
            self._image.seek(number - 1)
            width, height = self._image.size
        except _ERRORS as error:
            raise Corrupt(f"page {number} cannot be read: {error}") from error
        if width * height > self._limits.max_image_pixels:
            raise ImageTooLarge(
                f"page {number} has {width:,} x {height:,} pixels, {self._limits.max_image_pixels:,} allowed"
            )
        if max(width, height) > self._limits.max_page_ratio * min(width, height):
            raise BadAspect(f"page {number} is {width:,} x {height:,} pixels")
        try:
            sheet = ImageSheet(self._image, number)
        except _ERRORS as error:  # metadata behind the pixels: PIL decodes to get there
            raise Corrupt(f"page {number} cannot be decoded: {error}") from error
        self._kept = number, sheet
        return sheet

    def is_probably_scanned(self) -> bool:
        """Always: an image file has no text layer."""
        return True


class ImageSheet:
    """A `Sheet` of an image file, upright as its EXIF orientation says."""

    rotation = 0

    def __init__(self, image: Image.Image, number: int) -> None:
        self._file = image
        self._number = number
        self._decoded: Image.Image | None = None
        self._orientation = image.getexif().get(0x0112, 1)  # TIFF 6.0, tag 274
        self._width, self._height = image.size
        if self._orientation in (5, 6, 7, 8):
            self._width, self._height = self._height, self._width
        self.dpi, self._notes = _resolution(image)
        self.width_pt = self._width * 72 / self.dpi
        self.height_pt = self._height * 72 / self.dpi

    def raster(self, width_px: int, height_px: int, pose: Pose = AS_IS, area: Box = WHOLE) -> bytes:
        upright = self._upright((width_px, height_px) if area == WHOLE else (_LONG, _LONG))
        if pose.turn:
            upright = upright.rotate(-pose.turn, expand=True)
        if pose.skew:
            upright = upright.rotate(pose.skew, Image.Resampling.BICUBIC, fillcolor=(255,) * 3)
        width, height = upright.size
        x0, y0, x1, y1 = area
        crop = (x0 * width, y0 * height, x1 * width, y1 * height)
        scaled = upright.resize((width_px, height_px), Image.Resampling.BICUBIC, box=crop)
        return scaled.tobytes()

    def text_layer(self) -> TextLayer:
        return TextLayer()

    def geometry(self) -> dict[str, list[object]]:
        return {"rules": [], "fills": [], "images": [list(WHOLE)], "widgets": []}

    def notes(self) -> list[str]:
        return self._notes

    def _upright(self, enough: tuple[int, int]) -> Image.Image:
        """The frame in RGB, with at least `OVERSAMPLING` times the pixels asked for, if it has them.

        Reduced by whole factors before it is converted or turned, so that memory is bounded by
        the decoded frame itself.
        """
        if self._decoded is not None:
            return self._decoded
        try:
            self._file.seek(self._number - 1)
            self._file.load()
            image: Image.Image = self._file
            factor = min(self._width // enough[0], self._height // enough[1]) // OVERSAMPLING
            if factor > 1 and image.mode in ("L", "RGB", "CMYK", "YCbCr"):
                image = image.reduce(factor)
            upright = ImageOps.exif_transpose(_rgb(image))
        except _ERRORS as error:
            raise Corrupt(f"page {self._number} cannot be decoded: {error}") from error
        if upright.size == (self._width, self._height) and self._width * self._height <= KEPT_PIXELS:
            self._decoded = upright
        return upright


def _rgb(image: Image.Image) -> Image.Image:
    """Eight bits of red, green and blue; what is transparent lies on white paper."""
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if image.mode.startswith(("I", "F")):
        return Image.fromarray(_eight_bits(image)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        colored = image.convert("RGBA")
        paper = Image.new("RGB", colored.size, (255, 255, 255))
        paper.paste(colored, mask=colored.getchannel("A"))
        return paper
    return image.convert("RGB")


def _eight_bits(image: Image.Image) -> npt.NDArray[np.uint8]:
    """The upper 8 of the bits a 16-bit image uses; 32 bits and floats from least to greatest."""
    import numpy as np

    values = np.asarray(image)
    if image.mode.startswith("I;16"):
        used_bits = int(values.max()).bit_length()  # scanners put 10 or 12 bits into 16
        return (values.astype(np.uint16) >> max(0, used_bits - 8)).astype(np.uint8)
    values = np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    return ((values - low) * (255.0 / (high - low or 1.0))).astype(np.uint8)


def _resolution(image: Image.Image) -> tuple[float, list[str]]:
    """(dpi, notes): the file's own if a page could have it, else that of an A4 page."""
    longest = max(image.size)
    try:
        dpi = float(image.info.get("dpi", (0, 0))[0])
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        dpi = 0.0
    if MIN_DPI <= dpi <= MAX_DPI and longest / dpi <= MAX_PAPER_IN:
        return dpi, []
    return longest / PAPER_IN, ["resolution assumed"]
