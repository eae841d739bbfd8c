"""Kinds of image file."""

from __future__ import annotations

import functools
import io
import struct
import zlib
from random import Random

import pillow_heif
from PIL import Image, ImageDraw

from tests.faults.hostile.kind import Make
from tests.faults.hostile.paper import invoice_lines


def page(chance: Random, mode: str = "RGB", size: tuple[int, int] = (420, 594)) -> Image.Image:
    """A small picture of an invoice on paper with some grain."""
    image = Image.new("RGB", size, (250, 249, 245))
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(invoice_lines(chance)):
        draw.text((30, 30 + 22 * row), line, fill=(20, 20, 30))
    for _ in range(200):
        draw.point((chance.randrange(size[0]), chance.randrange(size[1])), fill=(200, 200, 200))
    return image if mode == "RGB" else image.convert(mode)


def saved(image: Image.Image, kind: str, **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def clean(kind: str, mode: str = "RGB", **how: object) -> Make:
    return lambda chance: saved(page(chance, mode), kind, **how)


def grain(chance: Random, side: int = 120) -> Image.Image:
    """Noise: it does not compress, so that half of the file is half of the picture."""
    return Image.frombytes("RGB", (side, side), chance.randbytes(side * side * 3))


def cut(kind: str, **how: object) -> Make:
    """The first half of a file."""

    def make(chance: Random) -> bytes:
        whole = saved(grain(chance), kind, **how)
        return whole[: int(len(whole) * chance.uniform(0.3, 0.6))]

    return make


def sixteen_bits(chance: Random) -> bytes:
    gray = page(chance, "L").point(lambda level: level * 16, "I").convert("I;16")
    return saved(gray, "PNG")


def transparent(chance: Random) -> bytes:
    image = page(chance, "RGBA")
    image.putalpha(image.convert("L").point(lambda level: 255 if level < 128 else 0))
    return saved(image, "PNG")


def turned_by_exif(chance: Random) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = chance.choice([3, 6, 8])
    return saved(page(chance), "JPEG", exif=exif)


def frames(count: int) -> Make:
    """A TIFF of that many frames."""

    def make(chance: Random) -> bytes:
        first = page(chance, "L", (210, 297))
        return saved(first, "TIFF", save_all=True, append_images=[first] * (count - 1), compression="packbits")

    return make


def frames_in_a_ring(chance: Random) -> bytes:
    """A TIFF whose last frame says that the first one is next."""
    entries = [
        (256, 3, 1, 8),
        (257, 3, 1, 8),
        (258, 3, 1, 8),
        (262, 3, 1, 1),
        (273, 4, 1, 8),
        (278, 3, 1, 8),
        (279, 4, 1, 64),
    ]
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<2sHI", b"II", 42, 72) + chance.randbytes(64) + directory + struct.pack("<I", 72)


def tiny_frames(chance: Random, count: int = 3_000) -> bytes:
    """A TIFF of thousands of frames, each of eight by eight pixels."""
    out, at = bytearray(struct.pack("<2sHI", b"II", 42, 72) + chance.randbytes(64)), 72
    entries = [
        (256, 3, 1, 8),
        (257, 3, 1, 8),
        (258, 3, 1, 8),
        (262, 3, 1, 1),
        (273, 4, 1, 8),
        (278, 3, 1, 8),
        (279, 4, 1, 64),
    ]
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    for index in range(count):
        at += len(directory) + 4
        out += directory + struct.pack("<I", at if index < count - 1 else 0)
    return bytes(out)


def heic(chance: Random) -> bytes:
    """What telephones make."""
    memory = io.BytesIO()
    pillow_heif.from_pillow(page(chance)).save(memory, quality=70)
    return memory.getvalue()


def animated(chance: Random) -> bytes:
    return saved(page(chance, "P"), "GIF", save_all=True, append_images=[page(chance, "P") for _ in range(3)])


def png_of(width: int, height: int) -> Make:
    """The head of a PNG of that size, with a body of next to nothing: a bomb as it looks from outside."""

    def make(chance: Random) -> bytes:
        head = struct.pack(">IIBBBBB", width + chance.randint(0, 9), height, 8, 2, 0, 0, 0)
        body = zlib.compress(bytes(1024))
        return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")

    return make


def bmp_of(width: int, height: int) -> Make:
    def make(chance: Random) -> bytes:
        head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 2835, 2835, 0, 0)
        return b"BM" + struct.pack("<IHHI", 54 + 300, 0, 0, 54) + head + chance.randbytes(300)

    return make


def gif_of(width: int, height: int) -> Make:
    def make(chance: Random) -> bytes:
        screen = struct.pack("<HHBBB", width, height, 0x80, 0, 0) + chance.randbytes(6)
        return b"GIF89a" + screen + b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x44\x01\x00;"

    return make


def text_bomb(chance: Random) -> bytes:
    """A good PNG with a comment that takes a gigabyte once unpacked."""
    whole = saved(page(chance), "PNG")
    return whole[:33] + _chunk(b"zTXt", b"Comment\0\0" + _packed_zeros()) + whole[33:]


@functools.cache
def _packed_zeros() -> bytes:
    packer = zlib.compressobj(6)
    return b"".join([packer.compress(bytes(1_000_000)) for _ in range(1_000)] + [packer.flush()])


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
