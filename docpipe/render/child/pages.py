"""What one page is answered with: its words first, then pixels as a reader wants to see them.

How a page lies is known from its words: a text layer says which way its lines run, and OCR which way
up a scan is. Where only pixels are asked for, a text layer is still asked which way it runs, and a
scan is straightened and stretched by what its pixels show; to set it upright, a few of its lines must
be read, which is done for pixels alone only with settings.render.upright_scans "all".
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from mmap import mmap
from typing import TYPE_CHECKING

from docpipe.intake.content import Descriptor
from docpipe.page.box import Box
from docpipe.render import wire
from docpipe.render.child.budget import visual_size
from docpipe.render.child.confine import Answer
from docpipe.render.sheet import AS_IS, Pose, Sheet, TextLayer, word_row
from docpipe.settings import Render

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Size = tuple[int, int]
Drawn = bytes | mmap
Hold = Callable[[Drawn], Descriptor]

A4_PT2 = 595.28 * 841.89


def answer(sheet: Sheet, known: Pose | None, job: wire.Message, render: Render, hold: Hold) -> Answer:
    """The reply to a "page" job. `known` is how the page was shown before, if it was.

    With `scan` the pixels are for the recogniser, with `size` they are the page as `pose` shows it;
    words and geometry are of the page as it is.
    """
    needs = job["needs"]
    reply: wire.Message = {
        "width_pt": sheet.width_pt,
        "height_pt": sheet.height_pt,
        "rotation": sheet.rotation,
    }
    layer = sheet.text_layer() if "words" in needs else TextLayer()
    pose = known or Pose(layer.turn if "words" in needs else sheet.text_turn())
    if "geometry" in needs:
        reply["geometry"] = sheet.geometry()
    if layer.readable or job["recognise"] != "words" or layer.doubtful:
        reply["words"] = [word_row(word) for word in layer.words]
    memory = None
    if not layer.readable and _is_for_the_recogniser(sheet, known, job):
        size = _scan_size(sheet, render)
        pixels = sheet.raster(*size)
        reply["blank"] = not layer.words and _is_blank(pixels, size, sheet.width_pt)
        if not reply["blank"]:
            pose = _stretching(pose, pixels, size) if sheet.is_scan() else pose
            reply["scan"], reply["doubtful"] = size, layer.doubtful
            memory = hold(_stretched(pixels, pose))
    if "pixels" in needs and memory is None:
        size, pose, pixels = _shown(sheet, known, pose, render)
        reply["size"] = size
        reply["blank"] = not layer.words and _is_blank(pixels, size, sheet.width_pt)
        memory = hold(_stretched(pixels, pose))
    elif "words" in needs and not layer.words and "blank" not in reply:
        size = _scan_size(sheet, render)
        reply["blank"] = _is_blank(sheet.raster(*size), size, sheet.width_pt)
    reply["pose"] = {"turn": pose.turn, "skew": pose.skew, "black": pose.black, "white": pose.white}
    return {**reply, "notes": sheet.notes()}, memory


def _is_for_the_recogniser(sheet: Sheet, known: Pose | None, job: wire.Message) -> bool:
    """Whether it is to read the page ("words"), or to tell which way up a scan is ("pose")."""
    if job["recognise"] == "words":
        return "words" in job["needs"]
    return job["recognise"] == "pose" and known is None and "pixels" in job["needs"] and sheet.is_scan()


def crop(sheet: Sheet, pose: Pose, job: wire.Message, hold: Hold) -> Answer:
    """The reply to a "crop" job: part of the page as `pose` shows it, with about `max_pixels`."""
    area = Box(*job["box"])
    width_pt, height_pt = pose.sides(sheet.width_pt, sheet.height_pt)
    width, height = width_pt * area.width, height_pt * area.height
    scale = math.sqrt(job["max_pixels"] / (width * height))
    size = max(1, int(width * scale)), max(1, int(height * scale))
    return {"size": size}, hold(_stretched(sheet.raster(*size, pose, area), pose))


def _shown(sheet: Sheet, known: Pose | None, pose: Pose, render: Render) -> tuple[Size, Pose, Drawn]:
    """(size, pose, pixels) of the page; a scan that nobody has looked at is straightened first."""
    sides = pose.sides(sheet.width_pt, sheet.height_pt)
    size = visual_size(*sides, render.min_pixels, render.max_pixels, render.grid_px, render.dpi or sheet.dpi)
    pixels = sheet.raster(*size, pose)
    if known is None and pose == AS_IS and sheet.is_scan():
        from docpipe.render.child.skew import skew_of

        pose = _stretching(pose, pixels, size)
        skew = skew_of(_rgb(pixels, size)[:, :, 1])
        if skew:
            pose = replace(pose, skew=skew)
            pixels = sheet.raster(*size, pose)
    return size, pose, pixels


def _scan_size(sheet: Sheet, render: Render) -> Size:
    """As the recogniser likes a page: with no more pixels than A4 has at `ocr_dpi`."""
    most = A4_PT2 * (render.ocr_dpi / 72) ** 2
    scale = min(sheet.dpi / 72, math.sqrt(most / (sheet.width_pt * sheet.height_pt)))
    return max(1, round(sheet.width_pt * scale)), max(1, round(sheet.height_pt * scale))


def _rgb(pixels: Drawn, size: Size) -> npt.NDArray[np.uint8]:
    import numpy as np

    return np.frombuffer(pixels, np.uint8).reshape(size[1], size[0], 3)


def _is_blank(pixels: Drawn, size: Size, width_pt: float) -> bool:
    from docpipe.render.child.image.paper import is_blank

    return is_blank(_rgb(pixels, size)[:, :, 1], width_pt)


def _stretching(pose: Pose, pixels: Drawn, size: Size) -> Pose:
    from docpipe.render.child.image.paper import levels

    black, white = levels(_rgb(pixels, size))
    return replace(pose, black=black, white=white)


def _stretched(pixels: Drawn, pose: Pose) -> Drawn:
    if not pose.is_stretched:
        return pixels
    from docpipe.render.child.image.paper import stretched

    return stretched(_rgb(pixels, (len(pixels) // 3, 1)), pose.black, pose.white)
