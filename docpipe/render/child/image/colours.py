"""Any image that PIL decodes, as the red, green and blue of ink on white paper, eight bits each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_PHOTOMETRIC, _WHITE_IS_ZERO = 262, 0  # TIFF 6.0, section 4


def eight_bits(image: Image.Image) -> Image.Image:
    """The decoded image with eight bits a channel and no palette: a mode that PIL can scale."""
    if image.mode.startswith(("I", "F")):
        return Image.fromarray(_levels(image))
    if image.mode == "1":
        return image.convert("L")
    if image.mode in ("P", "PA") or "transparency" in image.info:
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image


def on_paper(image: Image.Image) -> Image.Image:
    """The image of `eight_bits` in RGB; what is transparent lies on white paper."""
    if image.mode in ("RGBA", "LA"):
        coloured = image.convert("RGBA")
        paper = Image.new("RGB", coloured.size, (255, 255, 255))
        paper.paste(coloured, mask=coloured.getchannel("A"))
        return paper
    return _from_lab(image) if image.mode == "LAB" else image.convert("RGB")


def _levels(image: Image.Image) -> npt.NDArray[np.uint8]:
    """Of 16-bit images the upper 8 of the bits they use: scanners put 10 or 12 into 16. Of 32 bits and
    floats what their range suggests: [0, 1], [0, 255], or else from least to greatest.
    """
    import numpy as np

    values = np.asarray(image)
    if image.mode.startswith("I;16"):
        used_bits = max(8, int(values.max()).bit_length())
        levels = (values.astype(np.uint16) >> (used_bits - 8)).astype(np.uint8)
        return 255 - levels if _is_white_zero(image) else levels
    values = np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = min(0.0, float(values.min())), float(values.max())
    if low == 0.0 and high <= 1.0 and image.mode == "F":
        high = 1.0
    elif low == 0.0 and high <= 255.0:
        high = 255.0
    return ((values - low) * (255.0 / (high - low))).round().astype(np.uint8)


def _is_white_zero(image: Image.Image) -> bool:
    """PIL inverts such images itself, but for those with 16 bits."""
    tags = getattr(image, "tag_v2", {})
    return tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO


def _from_lab(image: Image.Image) -> Image.Image:
    """CIE L*a*b* as ICC's profile connection space has it, to sRGB."""
    from PIL import ImageCms

    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    return converted if converted is not None else image
