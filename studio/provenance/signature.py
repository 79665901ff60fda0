"""Content Credentials (C2PA): sign a finished file, and read what a file claims, without any network.

The native library parses the bytes it is given: call this on a stranger's file only in a child
process (a job), never in the web process.
"""

import io
import json
from dataclasses import dataclass
from typing import Any, Literal

from studio import __version__
from studio.provenance.keys import Keys

State = Literal["trusted", "valid", "invalid", "none", "unavailable"]
MIME = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the signature says. `trusted`: by this studio's key; `valid`: unchanged, by another signer."""

    state: State
    signer: str = ""
    made_by_ai: bool = False
    problems: tuple[str, ...] = ()


def unavailable_because() -> str:
    """Empty where files can be signed and read; else one sentence saying why not."""
    try:
        import c2pa  # noqa: F401
    except (ImportError, OSError, RuntimeError) as error:
        return f"signature: not available on this machine ({type(error).__name__}: {str(error)[:120]})"
    return ""


def sign(payload: bytes, form: str, assertion: dict[str, Any], keys: Keys) -> bytes:
    """`payload` (a whole PNG, JPEG or WebP file) with a signed manifest that says: made by trained AI.

    To be done last: any later change of the file makes the signature invalid. Returns `payload`
    as it is where the library is missing. `assertion` holds hashes and numbers, no words of a prompt.
    """
    if unavailable_because():
        return payload
    import c2pa

    manifest = {
        "claim_generator_info": [{"name": "Persona Studio", "version": __version__}],
        "title": "Picture made with AI",
        "assertions": [{"label": "org.persona-studio.recipe", "data": assertion}],
    }
    info = c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ES256, keys.chain, keys.key, None)
    target = io.BytesIO()
    with (
        c2pa.Context.from_dict(_settings(keys)) as context,
        c2pa.Signer.from_info(info) as signer,
        c2pa.Builder(manifest, context) as builder,
    ):
        builder.set_intent(
            c2pa.C2paBuilderIntent.CREATE, c2pa.C2paDigitalSourceType.TRAINED_ALGORITHMIC_MEDIA
        )
        builder.sign(signer, MIME[form], io.BytesIO(payload), target)
    return target.getvalue()


def read_credentials(payload: bytes, form: str, keys: Keys | None) -> Credentials:
    """What `payload` claims and whether it is unchanged. Never raises for damaged files, asks no server."""
    if missing := unavailable_because():
        return Credentials("unavailable", problems=(missing,))
    import c2pa

    try:
        with (
            c2pa.Context.from_dict(_settings(keys)) as context,
            c2pa.Reader(MIME[form], io.BytesIO(payload), context=context) as reader,
        ):
            state = str(reader.get_validation_state())
            report: dict[str, Any] = json.loads(reader.json())
    except c2pa.C2paError as error:
        if isinstance(error, c2pa.C2paError.ManifestNotFound):
            return Credentials("none")
        return Credentials("invalid", problems=(str(error)[:200],))
    except (ValueError, RecursionError) as error:
        return Credentials("invalid", problems=(str(error)[:200],))
    manifest = report.get("manifests", {}).get(report.get("active_manifest"), {})
    signer = manifest.get("signature_info", {})
    codes = tuple(str(row.get("code", ""))[:80] for row in report.get("validation_status", ())[:20])
    states: dict[str, State] = {"Trusted": "trusted", "Valid": "valid"}
    return Credentials(
        state=states.get(state, "invalid"),
        signer=str(signer.get("common_name") or signer.get("issuer") or "")[:120],
        made_by_ai="algorithmicmedia" in json.dumps(manifest.get("assertions", ())).lower(),
        problems=tuple(code for code in codes if code != "signingCredential.untrusted"),
    )


def _settings(keys: Keys | None) -> dict[str, Any]:
    """No server is asked, no thumbnail is added (it would cost 50 ms and half a megabyte)."""
    settings: dict[str, Any] = {
        "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
        "core": {"allowed_network_hosts": []},
        "builder": {"thumbnail": {"enabled": False}},
    }
    if keys is not None:
        settings["trust"] = {"user_anchors": keys.root.decode("ascii")}
    return settings
