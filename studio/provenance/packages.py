"""Marks for what is not a picture: zip files and HTML reports, signed with the same key."""

import base64
import binascii
import hashlib
import io
import json
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any

from studio import __version__
from studio.domain.errors import BadInput
from studio.provenance.keys import Keys, sign_bytes, signature_holds
from studio.provenance.xmp import AI_SOURCE

SIDECAR = "made-with-ai.json"
MOST_MEMBERS = 10_000
MOST_BYTES = 2 << 30
_LARGEST_SIDECAR = 4 << 20
_TAG = re.compile(
    rb'<meta name="persona-studio-signature" content="([A-Za-z0-9+/=]{1,8000})"'
    rb' data-signer="([A-Za-z0-9+/=]{1,8000})">\n'
)


@dataclass(frozen=True, slots=True)
class PackageMark:
    """What a zip or report says. `unchanged` None: it carries no signature."""

    made_by_ai: bool
    unchanged: bool | None = None
    ours: bool = False
    problems: tuple[str, ...] = ()


def mark_zip(payload: bytes, keys: Keys | None) -> bytes:
    """The zip file `payload` with one more member that lists every file's hash, says AI, and is signed.

    Raises `BadInput` when it is no zip file or already holds such a member.
    """
    target = io.BytesIO(payload)
    if not zipfile.is_zipfile(target):
        # Appending to anything else would quietly make a zip file of it.
        raise BadInput("The file to be marked is no zip file.", "Make it again.")
    try:
        with zipfile.ZipFile(target, "a") as archive:
            if SIDECAR in archive.namelist():
                raise BadInput(f"The zip file already holds {SIDECAR}.", "Mark the unmarked file.")
            sidecar = zip_sidecar({name: _member_sha256(archive, name) for name in archive.namelist()}, keys)
            archive.writestr(zipfile.ZipInfo(SIDECAR, (1980, 1, 1, 0, 0, 0)), sidecar)
            archive.comment = b"Made with AI (IPTC trainedAlgorithmicMedia)"
    except (zipfile.BadZipFile, OSError) as error:
        raise BadInput(f"The file to be marked is no zip file ({error}).", "Make it again.") from error
    return target.getvalue()


def zip_sidecar(sha256_by_name: dict[str, str], keys: Keys | None) -> bytes:
    """The text of that member, for whoever writes a zip as a stream and knows the hashes."""
    claim: dict[str, Any] = {
        "digital_source_type": AI_SOURCE,
        "made_by": f"Persona Studio {__version__}",
        "sha256": dict(sorted(sha256_by_name.items())),
    }
    whole: dict[str, Any] = {"claim": claim}
    if keys is not None:
        whole["signature"] = base64.b64encode(sign_bytes(_canonical(claim), keys)).decode("ascii")
        whole["signer"] = keys.leaf.decode("ascii")
    return json.dumps(whole, ensure_ascii=False, indent=1).encode("utf-8")


def read_zip_mark(payload: bytes, keys: Keys | None) -> PackageMark:
    """Check a zip file's list and signature in bounds. Raises `BadInput` when it is no readable zip."""
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_BYTES:
                raise BadInput(
                    f"The zip file holds more than {MOST_MEMBERS} files or 2 GB.", "It is not checked."
                )
            names = [member.filename for member in members]
            if SIDECAR not in names:
                return PackageMark(made_by_ai=False)
            whole = json.loads(archive.open(SIDECAR).read(_LARGEST_SIDECAR))
            claim, listed = whole["claim"], dict(whole["claim"]["sha256"])
            found = {name: _member_sha256(archive, name) for name in names if name != SIDECAR}
            double = len(names) != len(set(names))
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError) as error:
        raise BadInput(f"The zip file cannot be read ({str(error)[:120]}).", "Get it again.") from error
    except (ValueError, KeyError, TypeError, RecursionError, zlib.error) as error:
        return PackageMark(made_by_ai=True, unchanged=False, problems=(f"damaged: {str(error)[:80]}",))
    ai = str(claim.get("digital_source_type", "")) == AI_SOURCE
    signature, signer = _decoded(str(whole.get("signature", ""))), str(whole.get("signer", "")).encode()
    if not signature:
        return PackageMark(ai, None)
    changed = sorted(name for name in {*found, *listed} if found.get(name) != listed.get(name))
    holds = signature_holds(_canonical(claim), signature, signer) and not double
    ours = keys is not None and signer == keys.leaf
    problems = tuple(f"changed: {name[:80]}" for name in changed[:5])
    return PackageMark(ai, holds and not changed, ours and holds, problems)


def mark_html(page: str, keys: Keys | None) -> str:
    """The HTML page with the IPTC mark as a meta tag and JSON-LD, and a signature over all its bytes."""
    linked = {
        "@context": "https://schema.org",
        "@type": "CreativeWork",
        "creditText": f"Made with AI, Persona Studio {__version__}",
        "digitalSourceType": AI_SOURCE,
    }
    tags = (
        f'<meta name="digital-source-type" content="{AI_SOURCE}">\n'
        f'<script type="application/ld+json">{json.dumps(linked)}</script>\n'
    )
    head = re.search(r"<head[^>]*>", page, re.IGNORECASE)
    place = head.end() if head else 0
    marked = page[:place] + tags + page[place:]
    if keys is None:
        return marked
    signature = base64.b64encode(sign_bytes(marked.encode("utf-8"), keys)).decode("ascii")
    signer = base64.b64encode(keys.leaf).decode("ascii")
    seal = f'<meta name="persona-studio-signature" content="{signature}" data-signer="{signer}">\n'
    return marked[:place] + seal + marked[place:]


def read_html_mark(payload: bytes, keys: Keys | None) -> PackageMark:
    """What an HTML file says about itself; the whole file must be unchanged for the signature to hold."""
    ai = AI_SOURCE.encode("ascii") in payload
    seal = _TAG.search(payload)
    if seal is None:
        return PackageMark(ai)
    signer = _decoded(seal[2].decode("ascii"))
    without = payload[: seal.start()] + payload[seal.end() :]
    holds = signature_holds(without, _decoded(seal[1].decode("ascii")), signer)
    return PackageMark(ai, holds, holds and keys is not None and signer == keys.leaf)


def _canonical(claim: object) -> bytes:
    return json.dumps(claim, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode("ascii")


def _member_sha256(archive: zipfile.ZipFile, name: str) -> str:
    digest, total = hashlib.sha256(), 0
    with archive.open(name) as file:
        while chunk := file.read(1 << 20):
            total += len(chunk)
            if total > MOST_BYTES:
                raise BadInput("A file in the zip is larger than 2 GB.", "It is not checked.")
            digest.update(chunk)
    return digest.hexdigest()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
