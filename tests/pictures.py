"""Small pictures and hostile files, made where they are needed."""

import io
import struct
import zlib
from datetime import UTC, datetime
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from studio.domain.records import Checks, Example, Rights


def scene(seed: int, width: int = 160, height: int = 160) -> Image.Image:
    """A picture with structure at several sizes; different seeds show different things."""
    rng = np.random.default_rng(seed)
    colour = lambda: tuple(int(v) for v in rng.integers(0, 256, 3))  # noqa: E731
    picture = Image.new("RGB", (width * 2, height * 2), colour())
    draw = ImageDraw.Draw(picture)
    for _ in range(45):
        x, y = rng.integers(-20, width * 2), rng.integers(-20, height * 2)
        w, h = rng.integers(6, width), rng.integers(6, height)
        shape = draw.ellipse if rng.random() < 0.5 else draw.rectangle
        if rng.random() < 0.5:
            w, h = w // 4, h // 4
        shape((int(x), int(y), int(x + w), int(y + h)), fill=colour())
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def blurred(picture: Image.Image, radius: float = 4) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(radius))


def encoded(picture: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A black one-bit PNG of any size in a few kilobytes: small file, large picture."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    packer = zlib.compressobj(9)
    row = b"\0" * (1 + (width + 7) // 8)
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def example(number: int, **changes: Any) -> Example:
    """A stored picture as the rules see it; its content is its number."""
    sha256 = f"{number:064x}"[::-1]
    checks = Checks(width=160, height=160, sharpness=100.0, brightness=0.5, phash=("0" * 16,) * 2)
    fields: dict[str, Any] = {
        "id": sha256[:16],
        "sha256": sha256,
        "caption": "mila in a park",
        "caption_author": "import",
        "rights": Rights.OWN,
        "source_name": f"{number:04d}.png",
        "imported": datetime(2026, 1, 1, tzinfo=UTC),
        "checks": checks,
    }
    return Example(**(fields | changes))
