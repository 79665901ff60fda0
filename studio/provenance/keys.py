"""The signing key of this studio: a certificate authority and one signer, made once on this machine."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import filelock
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from studio.domain.errors import BadInput
from studio.files import disk_trouble, read_bounded, write_atomic

BUNDLE = "signing.pem"
YEARS = 10
_LARGEST = 64 * 1024


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """PEM texts: the signer's private key, its certificate, and the authority that vouches for it."""

    key: bytes
    leaf: bytes
    root: bytes

    @property
    def chain(self) -> bytes:
        """Signer first, then the authority, as C2PA wants it."""
        return self.leaf + self.root


def ensure_keys(folder: Path) -> Keys:
    """The keys in `folder`, made on first use and readable by this user only.

    One file holds all of them, written whole, so that no crash leaves a half. The authority's own
    private key is forgotten at once: it signs exactly one certificate, for ten years. Without a time
    stamp server a signature counts only while the certificate lives, hence the long life.
    Raises `BadInput` when the file there is damaged, `DiskTrouble` when it cannot be written.
    """
    path = folder / BUNDLE
    if path.is_file():
        return load_keys(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with filelock.FileLock(str(folder / ".making"), timeout=30):
            if not path.is_file():
                keys = _make()
                write_atomic(path, keys.key + keys.chain, mode=0o600)
    except OSError as error:
        raise disk_trouble(error, path) from error
    return load_keys(folder)


def load_keys(folder: Path) -> Keys:
    """Read the keys. Raises `BadInput` when they are missing or damaged."""
    path = folder / BUNDLE
    try:
        blocks = read_bounded(path, _LARGEST).split(b"-----END ")
        parts = [
            block[block.index(b"-----BEGIN ") :] + b"-----END " + after.split(b"\n")[0] + b"\n"
            for block, after in zip(blocks[:-1], blocks[1:], strict=True)
        ]
        key, leaf, root = parts
        private = serialization.load_pem_private_key(key, None)
        certificate = x509.load_pem_x509_certificate(leaf)
        certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(root))
        if private.public_key() != certificate.public_key():
            raise ValueError("the key does not belong to the certificate")
    except (OSError, ValueError, TypeError, InvalidSignature) as error:
        raise BadInput(
            f"The signing key in {path} cannot be used ({error or type(error).__name__}).",
            "Move that file away; a new key is made at the next picture, and older pictures then read "
            "as signed by another studio.",
        ) from error
    return Keys(key=key, leaf=leaf, root=root)


def sign_bytes(payload: bytes, keys: Keys) -> bytes:
    """A detached ECDSA P-256 / SHA-256 signature (DER), for files that C2PA does not cover."""
    private = serialization.load_pem_private_key(keys.key, None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise BadInput("The signing key is of an unexpected kind.", "Move the keys folder away.")
    return private.sign(payload, ec.ECDSA(hashes.SHA256()))


def signature_holds(payload: bytes, signature: bytes, certificate: bytes) -> bool:
    """Whether the owner of `certificate` (PEM) signed exactly `payload`."""
    try:
        public = x509.load_pem_x509_certificate(certificate).public_key()
        if not isinstance(public, ec.EllipticCurvePublicKey):
            return False
        public.verify(signature, payload, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _make() -> Keys:
    authority = ec.generate_private_key(ec.SECP256R1())
    signer = ec.generate_private_key(ec.SECP256R1())
    root = _certificate("Local authority", authority, None, authority)
    leaf = _certificate("Local signer", signer, root, authority)
    return Keys(
        key=signer.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        leaf=leaf.public_bytes(serialization.Encoding.PEM),
        root=root.public_bytes(serialization.Encoding.PEM),
    )


def _certificate(
    name: str,
    owner: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    signing: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    """One certificate with the extensions that the C2PA specification asks for (section 14.5)."""
    authority = issuer is None
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Persona Studio on this machine"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer is not None else subject)
        .public_key(owner.public_key())
        .serial_number(x509.random_serial_number())
        # A clock that is set back a little must not make today's pictures invalid.
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * YEARS + 3))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=authority,
                crl_sign=authority,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(owner.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False
        )
    )
    if not authority:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
        )
    return builder.sign(signing, hashes.SHA256())
