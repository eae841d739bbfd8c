"""Image files by PIL: a frame is a page. Imported in the decoder's process only."""

from __future__ import annotations

from importlib import import_module

from PIL import Image

from docpipe.errors import BadAspect, Corrupt, ImageTooLarge, TooManyPages
from docpipe.intake.content import Descriptor
from docpipe.page.box import Box
from docpipe.render.child.image.colours import eight_bits, on_paper
from docpipe.render.sheet import AS_IS, WHOLE, Pose, TextLayer
from docpipe.settings import Limits

_DECODERS = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/tiff": "TIFF",
    "image/webp": "WEBP",
    "image/bmp": "BMP",
    "image/gif": "GIF",
    "image/heic": "HEIF",
}
_HEIC = "image/heic"  # by a library of its own, where it is installed
_PAGED = "image/tiff"
_MOVING = ("image/gif", "image/webp", "image/png")  # the first frame of an animation is the page
PAPER_IN = 11.69  # the long side of A4: what an image without a believable dpi is taken for
MIN_DPI, MAX_DPI = 90.0, 1_200.0  # a camera or an editor writes 72 where nothing was measured
MAX_PAPER_IN = 34.0  # a "page" larger than ANSI D has a wrong dpi
KEPT_PIXELS = 16_000_000  # a decoded frame up to this size is kept for the next question
OVERSAMPLING = 2  # pixels kept a side for one of the raster, before the final resampling
_LONG = 1 << 30
_ORIENTATION = 0x0112  # TIFF 6.0, tag 274; Exif 2.3
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

for _name in ("Bmp", "Gif", "Jpeg", "Png", "Tiff", "WebP"):  # and no other decoder of PIL's forty
    import_module(f"PIL.{_name}ImagePlugin")
Image.MAX_IMAGE_PIXELS = None  # limits.max_image_pixels is checked here before a pixel is decoded
_ERRORS = (OSError, SyntaxError, ValueError, KeyError, IndexError, TypeError, EOFError)


class ImageFile:
    """An open image file of one page, or of several where it is a TIFF. It is never locked."""

    password = None

    def __init__(self, memory: Descriptor, media_type: str, limits: Limits) -> None:
        self._limits = limits
        self._kept: tuple[int, ImageSheet] | None = None
        try:
            if media_type == _HEIC:
                import_module("pillow_heif").register_heif_opener()
            self._image = Image.open(f"/proc/self/fd/{memory.fd}", formats=[_DECODERS[media_type]])
            frames = _frames(self._image, limits.openable_pages) if media_type == _PAGED else 1
            self._notes = ["first frame"] if media_type in _MOVING and _is_moving(self._image) else []
        except _ERRORS as error:
            raise Corrupt(f"no image that can be opened: {type(error).__name__}") from error
        if frames > limits.openable_pages:
            self.close()
            raise TooManyPages(f"more than the {limits.max_pages:,} frames that are allowed")
        self.page_count: int = frames

    def close(self) -> None:
        """Let go of the file."""
        self._image.close()

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
            sheet = ImageSheet(self._image, number, self._notes)
        except _ERRORS as error:  # metadata behind the pixels: PIL decodes to get there
            raise Corrupt(f"page {number} cannot be decoded: {error}") from error
        self._kept = number, sheet
        return sheet

    def notes(self) -> list[str]:
        """Nothing is odd about the file as a whole; its pages say what is odd about them."""
        return []

    def is_probably_scanned(self) -> bool:
        """Always: an image file has no text layer."""
        return True


class ImageSheet:
    """A `Sheet` of an image file, upright as its EXIF orientation says."""

    rotation = 0

    def __init__(self, image: Image.Image, number: int, notes: list[str]) -> None:
        self._file = image
        self._number = number
        self._decoded: Image.Image | None = None
        orientation = image.getexif().get(_ORIENTATION, 1)
        self._turn = None if image.format == "TIFF" else _TURNS.get(orientation)  # PIL turns a TIFF itself
        self._width, self._height = image.size
        if self._turn is not None and orientation >= 5:
            self._width, self._height = self._height, self._width
        self.dpi, dpi_notes = _resolution(image)
        self._notes = [*notes, *([f"exif {orientation}"] if orientation in _TURNS else []), *dpi_notes]
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

    def text_turn(self) -> int:
        return 0

    def is_scan(self) -> bool:
        return True

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
            image = eight_bits(self._file)
            factor = min(self._width // enough[0], self._height // enough[1]) // OVERSAMPLING
            upright = on_paper(image.reduce(factor) if factor > 1 else image)
            if self._turn is not None:
                upright = upright.transpose(self._turn)
        except _ERRORS as error:
            raise Corrupt(f"page {self._number} cannot be decoded: {error}") from error
        if upright.size == (self._width, self._height) and self._width * self._height <= KEPT_PIXELS:
            self._decoded = upright
        return upright


def _frames(image: Image.Image, most: int) -> int:
    """How many there are, found by their directories and without a pixel; `most` + 1 if more."""
    for number in range(1, most + 1):
        try:
            image.seek(number)
        except EOFError:
            return number
    return most + 1


def _is_moving(image: Image.Image) -> bool:
    return bool(getattr(image, "is_animated", False))


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
