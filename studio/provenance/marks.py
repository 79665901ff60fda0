"""Write a picture with every mark it has to carry: parameters, recipe, XMP, and last the signature."""

import hashlib
import io
from typing import Any, Literal

from PIL import Image

from studio.domain.errors import BadInput
from studio.provenance import xmp
from studio.provenance.infotext import infotext
from studio.provenance.keys import Keys
from studio.provenance.recipe import Recipe
from studio.provenance.signature import sign

Form = Literal["PNG", "JPEG", "WEBP"]
RECIPE_CHUNK = "persona_studio"
USER_COMMENT = 0x9286
EXIF_IFD = 0x8769
_XMP_ROOM = 60_000
"""Bytes that fit into one JPEG segment together with the name of the segment."""


def mark_png(pixels: Image.Image, recipe: Recipe, keys: Keys | None) -> bytes:
    """A PNG file of `pixels` (any mode Pillow writes as PNG) that carries everything.

    Text chunks `parameters`, `persona_studio` (JSON) and XMP, then a C2PA signature with `keys`;
    without keys, or where the library is missing, the other marks stand alone.
    """
    return mark_picture(pixels, "PNG", recipe, keys)


def mark_picture(
    pixels: Image.Image,
    form: Form,
    recipe: Recipe | None,
    keys: Keys | None,
    *,
    quality: int | Literal["keep"] = 92,
) -> bytes:
    """`pixels` encoded as `form` with all marks; `recipe` None marks a picture that has no single one.

    `quality` is for JPEG and WebP; "keep" writes an opened JPEG with its own tables. JPEG and WebP hold the parameters in the EXIF user comment and the recipe in XMP, where other
    programs look for them. Colours are kept as they are; JPEG has no transparency, so it is flattened
    on white.
    """
    text = infotext(recipe) if recipe is not None else None
    body = recipe.to_json() if recipe is not None else None
    target = io.BytesIO()
    if form == "PNG":
        chunks = xmp.png_chunks()
        if text is not None and body is not None:
            chunks.add_itxt("parameters", text)
            chunks.add_itxt(RECIPE_CHUNK, body)
        pixels.save(target, "PNG", pnginfo=chunks, compress_level=4)
    elif form in ("JPEG", "WEBP"):
        packet = xmp.packet(body).encode("utf-8")
        if len(packet) > _XMP_ROOM:
            packet = xmp.packet().encode("utf-8")
        options: dict[str, Any] = {"xmp": packet, "quality": quality}
        if text is not None:
            options["exif"] = _user_comment(text[: _XMP_ROOM // 4])
        _opaque(pixels, form).save(target, form, **options)
    else:
        raise BadInput(f'Pictures cannot be written as "{form}".', "Use PNG, JPEG or WEBP.")
    payload = target.getvalue()
    return payload if keys is None else sign(payload, form, _assertion(recipe), keys)


def mark_file(payload: bytes, form: Form, recipe: Recipe | None, keys: Keys | None) -> bytes:
    """A finished file of our own (a preview, a plot, a sheet), written again with all marks.

    PNG pixels stay exactly the same; a JPEG keeps its own tables; WebP is encoded again.
    Not for strangers' bytes: it decodes them.
    """
    try:
        with Image.open(io.BytesIO(payload), formats=(form,)) as picture:
            picture.load()
            if form != "JPEG":
                return mark_picture(picture, form, recipe, keys)
            sharp = Image.open(io.BytesIO(payload), formats=("JPEG",))
            return mark_picture(sharp, "JPEG", recipe, keys, quality="keep")
    except (OSError, SyntaxError, ValueError) as error:
        raise BadInput(f"The file to be marked is no {form} picture ({error}).", "Make it again.") from error


def _assertion(recipe: Recipe | None) -> dict[str, Any]:
    """Hashes instead of words, so that a signature shows the same without telling a prompt."""
    if recipe is None:
        return {"recipe_sha256": None}
    return {
        "recipe_sha256": hashlib.sha256(recipe.to_json().encode("utf-8")).hexdigest(),
        "prompt_sha256": hashlib.sha256(recipe.prompt.encode("utf-8")).hexdigest(),
        "base_sha256": recipe.base.sha256,
        "adapter_sha256": recipe.adapter.sha256 if recipe.adapter is not None else None,
        "seed": str(recipe.seed),
    }


def _user_comment(text: str) -> Image.Exif:
    exif = Image.Exif()
    exif.get_ifd(EXIF_IFD)[USER_COMMENT] = b"UNICODE\x00" + text.encode("utf-16-be", "replace")
    return exif


def _opaque(pixels: Image.Image, form: Form) -> Image.Image:
    if form == "JPEG" and pixels.mode not in ("RGB", "L", "CMYK"):
        seen = pixels.convert("RGBA")
        ground = Image.new("RGBA", seen.size, (255, 255, 255, 255))
        return Image.alpha_composite(ground, seen).convert("RGB")
    return pixels
