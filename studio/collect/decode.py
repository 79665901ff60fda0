"""A stranger's picture file, decoded within bounds into plain RGB, and encoded again as a canonical PNG."""

import io
import warnings
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from studio.domain.errors import BadInput

LARGEST_FILE = 40_000_000
"""Bytes of one picture file."""
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 16_384
SHORTEST_SIDE = 32
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
"""Pillow's names of the only decoders that are ever tried; EPS, PSD, TIFF and the like stay closed."""
LARGEST_PROFILE = 2_000_000
"""Bytes of an embedded colour profile."""

_ELSEWHERE = (
    (b"ftyphei", "a HEIC photo"),
    (b"ftyphev", "a HEIC photo"),
    (b"ftypmif1", "a HEIC photo"),
    (b"ftypavif", "an AVIF picture"),
    (b"ftyp", "a video"),
)
"""What bytes 4 to 12 say about files that people bring along with pictures."""

_USE = "Save it as PNG, JPEG or WebP."


@dataclass(frozen=True, slots=True)
class Decoded:
    """The upright picture in sRGB, mode RGB, and a sentence for everything that was converted."""

    picture: Image.Image
    notes: tuple[str, ...] = ()


def decode(payload: bytes) -> Decoded:
    """Decode one picture.

    Orientation is applied, an embedded colour profile is turned into sRGB, CMYK, palette, grey and
    16-bit pictures become 8-bit RGB, transparent parts become white; nothing of the file's metadata
    is in the result. Raises `BadInput` for anything that is no still picture within the bounds above.
    """
    if len(payload) > LARGEST_FILE:
        raise BadInput(
            f"It has {len(payload) / 1e6:.0f} MB; {LARGEST_FILE // 1_000_000} MB is the most.",
            "Save it smaller.",
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            # This module reads EXIF here, never pixels; a damaged note in it is thrown away anyway.
            warnings.filterwarnings("ignore", module=r"PIL\.TiffImagePlugin")
            return _decode(payload)
    except UnidentifiedImageError as error:
        raise BadInput(_not_a_picture(payload), _USE) from error
    except MemoryError as error:
        raise BadInput("It needs more memory than this machine has free.", "Save it smaller.") from error
    except Image.DecompressionBombError as error:
        raise BadInput(
            f"It is larger than {MOST_PIXELS // 1_000_000} megapixels.", "Save it smaller."
        ) from error
    except (OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, EOFError, Warning) as error:
        # Pillow's decoders raise all of these on damaged files.
        raise BadInput(
            f"It is damaged or cut short ({_plain(error)}).", "Export or download it again."
        ) from error


def _decode(payload: bytes) -> Decoded:
    with Image.open(io.BytesIO(payload), formats=FORMATS) as opened:
        # Only the header has been read so far.
        width, height = opened.size
        if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
            raise BadInput(
                f"It is {width:,}×{height:,}; at most {LONGEST_SIDE:,} on a side and "
                f"{MOST_PIXELS // 1_000_000} megapixels are taken.",
                "Save it smaller.",
            )
        if min(width, height) < SHORTEST_SIDE:
            raise BadInput(
                f"It is {width}×{height}; a picture needs at least {SHORTEST_SIDE} pixels on a side.",
                "Leave it out.",
            )
        # A camera's MPO holds a second view, not a film: its first picture is the photo.
        if opened.format != "MPO" and getattr(opened, "is_animated", False):
            raise BadInput(
                f"It is an animation of {getattr(opened, 'n_frames', 2)} frames.",
                "Save the frame you want as PNG.",
            )
        notes: list[str] = []
        orientation = _orientation(opened, notes)
        profile = opened.info.get("icc_profile")
        opened.load()
        picture = _to_rgb(opened, profile if isinstance(profile, bytes) else None, notes)
    if orientation is not None:
        picture = picture.transpose(orientation)
        notes.append("it was turned upright")
    return Decoded(picture, tuple(notes))


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation to the turn that sets the picture upright."""


def _orientation(opened: Image.Image, notes: list[str]) -> Image.Transpose | None:
    try:
        return _TURNS.get(opened.getexif().get(0x0112, 1))
    except (OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, Warning):
        notes.append("its orientation could not be read")
        return None


def _to_rgb(opened: Image.Image, profile: bytes | None, notes: list[str]) -> Image.Image:
    picture = opened
    if picture.mode in ("I;16", "I;16L", "I;16B", "I", "F"):
        picture = _from_deep_grey(picture)
        notes.append("16 bits were scaled to 8")
    if picture.mode in ("P", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA" if "transparency" in picture.info or picture.mode == "PA" else "RGB")
    if picture.mode in ("RGBA", "LA", "La", "RGBa"):
        picture = _on_white(picture.convert("RGBA"), notes)
    if profile:
        picture = _in_srgb(picture, profile, notes)
    if picture.mode == "CMYK":
        notes.append("printing colours were converted without a profile")
    # A fresh picture from the pixels alone: nothing in `info` survives.
    return Image.fromarray(np.array(picture.convert("RGB")))


def _from_deep_grey(picture: Image.Image) -> Image.Image:
    values = np.asarray(picture).astype(np.float64)
    return Image.fromarray(np.clip(np.rint(values / 257.0), 0, 255).astype(np.uint8))


def _on_white(picture: Image.Image, notes: list[str]) -> Image.Image:
    if picture.getchannel("A").getextrema() == (255, 255):
        return picture.convert("RGB")
    notes.append("transparent parts became white")
    white = Image.new("RGBA", picture.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, picture).convert("RGB")


def _in_srgb(picture: Image.Image, profile: bytes, notes: list[str]) -> Image.Image:
    if len(profile) > LARGEST_PROFILE:
        notes.append("its colour profile is oversized and was left out")
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return picture
        converted = ImageCms.profileToProfile(
            picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        notes.append("its colour profile could not be used")
        return picture
    return picture if converted is None else converted


def canonical_png(picture: Image.Image) -> bytes:
    """The RGB picture as PNG without any metadata; the same pixels give the same bytes on one machine."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()


def thumbnail(picture: Image.Image, side: int = 256) -> bytes:
    """The picture within `side` pixels as WebP, for grids."""
    buffer = io.BytesIO()
    ImageOps.contain(picture, (side, side)).save(buffer, "WEBP", quality=82, method=2)
    return buffer.getvalue()


def _not_a_picture(payload: bytes) -> str:
    for mark, what in _ELSEWHERE:
        if payload[4 : 4 + len(mark)] == mark:
            return f"It is {what}, which the studio does not read."
    return "It is not a picture the studio reads (PNG, JPEG, WebP, GIF, BMP)."


def _plain(error: BaseException) -> str:
    return str(error).splitlines()[0][:120] if str(error) else type(error).__name__
