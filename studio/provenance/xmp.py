"""The XMP packet that tells other programs, by the IPTC's own word, that a picture was made by AI."""

import re
from html import escape, unescape
from pathlib import Path
from typing import BinaryIO

from PIL import Image, PngImagePlugin

from studio import __version__

AI_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
_SOURCE = re.compile(r"digitalsourcetype/(\w{1,60})", re.IGNORECASE)
_RECIPE = re.compile(r'personastudio:recipe="([^"]*)"')


def packet(recipe_json: str | None = None) -> str:
    """An XMP packet with `DigitalSourceType`; the recipe goes in where the format has no better place."""
    own = ""
    if recipe_json is not None:
        # Line ends and tabs in an attribute would be read back as blanks.
        calm = escape(recipe_json).replace("\n", "&#10;").replace("\t", "&#9;")
        own = f' xmlns:personastudio="https://persona-studio.invalid/ns/1/" personastudio:recipe="{calm}"'
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        f' Iptc4xmpExt:DigitalSourceType="{AI_SOURCE}" xmp:CreatorTool="Persona Studio {__version__}"{own}/>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )


def png_chunks() -> PngImagePlugin.PngInfo:
    """The packet where a PNG file keeps it."""
    chunks = PngImagePlugin.PngInfo()
    chunks.add_itxt("XML:com.adobe.xmp", packet())
    return chunks


def save_png(picture: Image.Image, target: Path | BinaryIO) -> None:
    """A PNG file that says AI made it, for where there is neither a recipe nor a key: beside a training by command."""
    picture.save(target, "PNG", pnginfo=png_chunks())


def source_type(text: str) -> str:
    """The IPTC digital source type named in an XMP packet, such as `trainedAlgorithmicMedia`; else empty."""
    found = _SOURCE.search(text)
    return found[1] if found else ""


def recipe_json(text: str) -> str | None:
    """The recipe that `packet` put in, if there is one."""
    found = _RECIPE.search(text)
    return unescape(found[1]) if found else None
