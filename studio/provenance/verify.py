"""Tell what a file carries about its making: recipe, AI mark, signature. A free, local detector.

It decodes a stranger's bytes with Pillow and with native code: call it only in a child process (a
job or the command line), never in the web process. It opens no connection.
"""

import io
import struct
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image

from studio.domain.errors import BadInput, StudioError
from studio.files import read_bounded
from studio.provenance import xmp
from studio.provenance.infotext import read_infotext
from studio.provenance.keys import Keys
from studio.provenance.marks import EXIF_IFD, RECIPE_CHUNK, USER_COMMENT
from studio.provenance.packages import PackageMark, read_html_mark, read_zip_mark
from studio.provenance.recipe import Recipe, recipe_from_json
from studio.provenance.signature import Credentials, State, read_credentials

LARGEST = 256 << 20
_LONGEST_TEXT = 1 << 20
Kind = Literal["PNG", "JPEG", "WEBP", "zip", "HTML", "unknown"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a file carries. `altered` None: it cannot be told, because nothing was signed."""

    kind: Kind
    recipe: Recipe | None = None
    parameters: str = ""
    ai_mark: bool = False
    signature: State = "none"
    signer: str = ""
    altered: bool | None = None
    problems: tuple[str, ...] = ()

    @property
    def marked(self) -> bool:
        """Whether anything in the file says that AI made it, or how."""
        return self.ai_mark or self.recipe is not None or bool(self.parameters)

    def sentence(self) -> str:
        """The verdict in one or two sentences, claiming no more than was seen."""
        if self.kind == "unknown":
            why = f" ({self.problems[0]})" if self.problems else ""
            return f"This file cannot be read as a PNG, JPEG, WebP, zip or HTML file{why}."
        if self.signature == "invalid":
            return "This file carries a signature that no longer fits: it was changed after it was signed."
        if self.signature == "trusted":
            return "Made with AI by this studio, and unchanged since."
        if self.signature == "valid":
            claim = "says that AI made it" if self.ai_mark else "does not say that AI made it"
            by = f' by "{self.signer}"' if self.signer else ""
            return f"Signed{by} and unchanged since; the signer is not known here. It {claim}."
        unsigned = (
            "the signature is not available on this machine"
            if self.signature == "unavailable"
            else "it is not signed, so it may have been changed"
        )
        if self.ai_mark:
            return f"This file says that AI made it; {unsigned}."
        if self.marked:
            return f"This file tells how it was generated; {unsigned}."
        if self.signature == "unavailable":
            return f"No mark was found; {unsigned}."
        return "No mark was found. That proves nothing: marks are lost when a picture is saved again."


def verify(source: Path | bytes, keys: Keys | None = None) -> Verdict:
    """Read a file's marks, in bounds. Damaged or foreign files give a verdict, never an exception.

    `keys` are this studio's own: only with them can "by this studio" be told. Raises `BadInput` for
    a file larger than 256 MB or one that is not there.
    """
    payload = source if isinstance(source, bytes) else _read(source)
    if len(payload) > LARGEST:
        raise BadInput("The file is larger than 256 MB.", "Check the pictures in it one by one.")
    if payload.startswith(b"\x89PNG\r\n\x1a\n"):
        return _picture(payload, "PNG", keys)
    if payload.startswith(b"\xff\xd8\xff"):
        return _picture(payload, "JPEG", keys)
    if payload[:4] == b"RIFF" and payload[8:12] == b"WEBP":
        return _picture(payload, "WEBP", keys)
    try:
        if zipfile.is_zipfile(io.BytesIO(payload)):
            return _package("zip", read_zip_mark(payload, keys))
    except (StudioError, OverflowError) as error:
        return Verdict("unknown", problems=(str(error)[:200],))
    start = payload[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<meta", b"<head")):
        return _package("HTML", read_html_mark(payload, keys))
    return Verdict("unknown")


def verdict_lines(verdict: Verdict) -> list[str]:
    """The verdict as lines for a terminal or a page: the sentence first, then what was found. No markup."""
    lines = [verdict.sentence(), f"File: {verdict.kind}"]
    if verdict.kind == "unknown":
        return lines
    lines.append(f"AI mark (IPTC): {'yes' if verdict.ai_mark else 'no'}")
    states = {
        "trusted": "by this studio, unchanged",
        "valid": f"by {verdict.signer or 'an unnamed signer'}, not known here, unchanged",
        "invalid": "does not fit the file any more",
        "none": "none",
        "unavailable": "not available on this machine",
    }
    lines.append(f"Signature: {states[verdict.signature]}")
    recipe = verdict.recipe
    if recipe is not None:
        lines.append(f"Prompt: {_one_line(recipe.prompt)}")
        if recipe.negative_prompt:
            lines.append(f"Negative prompt: {_one_line(recipe.negative_prompt)}")
        lines.append(
            f"Seed {recipe.seed}, {recipe.num_inference_steps} steps, guidance {recipe.guidance_scale:g}, "
            f"{recipe.width}×{recipe.height}, scheduler {_one_line(recipe.scheduler)}"
        )
        lines.append(f"Base: {_one_line(recipe.base.name)}")
        if recipe.adapter is not None:
            lines.append(
                f"Adapter: {_one_line(recipe.adapter.name)} at {recipe.adapter.adapter_scale:g}"
                + (f", persona {recipe.persona}" if recipe.persona else "")
            )
    elif verdict.parameters:
        lines.append(f"Generation text: {_one_line(verdict.parameters)}")
    lines.extend(f"Problem: {_one_line(problem)}" for problem in verdict.problems)
    return lines


def _picture(payload: bytes, form: Literal["PNG", "JPEG", "WEBP"], keys: Keys | None) -> Verdict:
    problems: list[str] = []
    texts: dict[str, str] = {}
    try:
        texts = _texts(payload, form)
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, OverflowError) as error:
        problems.append(f"the picture is damaged: {str(error)[:120]}")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, KeyError, TypeError) as error:
        problems.append(f"the picture cannot be read: {str(error)[:120]}")
    packet = texts.get("xmp", "")
    body = texts.get("recipe") or xmp.recipe_json(packet)
    recipe = None
    if body:
        try:
            recipe = recipe_from_json(body)
        except StudioError as error:
            problems.append(error.sentence())
    found: Credentials = read_credentials(payload, form, keys)
    if found.state == "unavailable":
        problems.extend(found.problems)
    elif found.state == "invalid":
        problems.extend(f"signature: {problem}" for problem in found.problems)
    altered = {"trusted": False, "valid": False, "invalid": True}.get(found.state)
    parameters = texts.get("parameters", "")
    return Verdict(
        kind=form,
        recipe=recipe,
        parameters=parameters if parameters and _is_infotext(parameters) else "",
        ai_mark="algorithmicmedia" in xmp.source_type(packet).lower() or found.made_by_ai,
        signature=found.state,
        signer=found.signer,
        altered=altered,
        problems=tuple(problems),
    )


def _texts(payload: bytes, form: Literal["PNG", "JPEG", "WEBP"]) -> dict[str, str]:
    """Texts of the header: Pillow limits a chunk to 1 MB and decodes no pixel here."""
    with warnings.catch_warnings():
        # Pillow warns about large pictures and odd tags; no pixel is decoded, so neither matters.
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(payload), formats=(form,)) as picture:
            info = picture.info
            packet = info.get("xmp") or info.get("XML:com.adobe.xmp") or ""
            found = {"xmp": packet.decode("utf-8", "replace") if isinstance(packet, bytes) else str(packet)}
            if form == "PNG":
                found["parameters"] = str(info.get("parameters") or "")
                found["recipe"] = str(info.get(RECIPE_CHUNK) or "")
            else:
                found["parameters"] = _comment(picture.getexif().get_ifd(EXIF_IFD).get(USER_COMMENT))
    return {name: text[:_LONGEST_TEXT] for name, text in found.items()}


def _comment(value: object) -> str:
    """An EXIF user comment: eight bytes name its encoding."""
    if isinstance(value, str):
        return value
    if not isinstance(value, bytes):
        return ""
    if value.startswith(b"UNICODE\x00"):
        # The standard leaves the byte order open; an ASCII first letter shows it.
        order = "utf-16-le" if len(value) > 9 and value[8] != 0 and value[9] == 0 else "utf-16-be"
        return value[8:].decode(order, "replace")
    return value[8:].decode("utf-8", "replace") if value.startswith(b"ASCII") else ""


def _is_infotext(text: str) -> bool:
    return bool(read_infotext(text).settings) or text.lstrip().startswith("{")


def _package(kind: Literal["zip", "HTML"], mark: PackageMark) -> Verdict:
    state: State = "none"
    if mark.unchanged is not None:
        state = "invalid" if not mark.unchanged else "trusted" if mark.ours else "valid"
    altered = None if mark.unchanged is None else not mark.unchanged
    return Verdict(kind, ai_mark=mark.made_by_ai, signature=state, altered=altered, problems=mark.problems)


def _read(path: Path) -> bytes:
    try:
        return read_bounded(path, LARGEST)
    except OSError as error:
        raise BadInput(
            f"{path.name} cannot be read ({error.strerror or error}).", "Check the path and try again."
        ) from error


def _one_line(text: str) -> str:
    """Text of a stranger on one line: no control or direction characters, at most 300 letters."""
    calm = "".join(character if character.isprintable() else " " for character in text[:2000])
    calm = " ".join(calm.split())
    return calm if len(calm) <= 300 else calm[:299] + "…"
