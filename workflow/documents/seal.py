"""The Agency's seal: a certificate that says who issued a PDF, and that nothing of it changed.

The certificate and its key come from a PKCS#12 file. The demo makes one of its own, self-signed:
it proves the bytes, not the Agency, and each document sealed with it says so. Certificates live
by the machine's clock, never by the procedure's.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflow.errors import InvalidInput
from workflow.settings import Settings

if TYPE_CHECKING:
    from asn1crypto.x509 import Certificate

DEMO_FILE = "cachet-de-demonstration.p12"
DEMO_PASSPHRASE = "demonstration"
DEMO_LASTS = timedelta(days=3650)
FIELD = "Cachet"
ROOM = 16_384
"""Bytes kept in a PDF for the signature."""


class InvalidSeal(InvalidInput):
    """A sealing certificate that is missing, cannot be opened, or is out of its time."""

    code = "invalid_seal"


@dataclass(frozen=True)
class Seal:
    """A sealing certificate with its key."""

    signer: Any
    certificate: Certificate

    @property
    def subject(self) -> str:
        """Whose certificate it is, as it says itself."""
        return str(self.certificate.subject.human_friendly)[:300]

    @property
    def is_self_signed(self) -> bool:
        """Whether no authority vouches for it."""
        return self.certificate.issuer == self.certificate.subject

    @property
    def words(self) -> str:
        """What a document says of its seal."""
        if self.is_self_signed:
            return (
                "Scellé par un certificat de démonstration, auto-signé : il prouve que le fichier"
                " n’a pas changé, non l’identité de l’Agence."
            )
        return f"Scellé par le certificat « {self.subject} » (PAdES)."

    def put_on(self, pdf: bytes, system_now: datetime, *, final: bool = True) -> bytes:
        """The PDF sealed; with `final`, nothing may be added to it, not even a signature.

        Raises InvalidSeal when the certificate is not in its time.
        """
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign import fields, signers

        since, until = self.certificate.not_valid_before, self.certificate.not_valid_after
        if not since <= system_now <= until:
            raise InvalidSeal(
                f"Expected a sealing certificate in its time but {self.subject} is valid from"
                f" {since:%Y-%m-%d} to"
                f" {until:%Y-%m-%d}. Renew JALON_SEAL_CERTIFICATE."
            )
        meta = signers.PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            subfilter=fields.SigSeedSubFilter.PADES,
            certify=final,
            docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        )
        sealed = io.BytesIO()
        signers.PdfSigner(meta, self.signer).sign_pdf(
            IncrementalPdfFileWriter(io.BytesIO(pdf)), bytes_reserved=ROOM, output=sealed
        )
        return sealed.getvalue()


def load(settings: Settings) -> Seal:
    """The configured seal; raises InvalidSeal, with its remedy."""
    path = settings.seal_certificate
    if not path:
        raise InvalidSeal(
            "Expected a sealing certificate but none is configured: no document is issued without"
            " one. Set JALON_SEAL_CERTIFICATE to a PKCS#12 file."
        )
    try:
        content = Path(path).read_bytes()
    except OSError as fault:
        raise InvalidSeal(
            f"Expected a sealing certificate at {path} but it cannot be read ({fault.strerror})."
            " Correct JALON_SEAL_CERTIFICATE."
        ) from fault
    opened = _opened(content, settings.seal_passphrase)
    if opened is None:
        raise InvalidSeal(
            f"Expected a PKCS#12 file with a certificate and its key at {path} but it cannot be"
            " opened. Correct JALON_SEAL_CERTIFICATE and JALON_SEAL_PASSPHRASE."
        )
    return opened


@lru_cache(maxsize=4)
def _opened(content: bytes, passphrase: str) -> Seal | None:
    """The seal in a file's content; kept, since a passphrase is made slow to try."""
    from pyhanko.sign import signers

    try:
        signer = signers.SimpleSigner.load_pkcs12_data(
            content, other_certs=[], passphrase=passphrase.encode() or None
        )
    except ValueError:
        return None
    if signer is None or signer.signing_cert is None:
        return None
    return Seal(signer, signer.signing_cert)


def make_demonstration(folder: Path, system_now: datetime) -> Path:
    """The demo's own certificate, made once in its folder; returns its file."""
    path = folder / DEMO_FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f".{DEMO_FILE}.{os.getpid()}"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(_self_signed(system_now))
        fresh.replace(path)
    return path


def _self_signed(system_now: datetime) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
    from cryptography.x509.oid import NameOID

    # An elliptic curve would make the PDF a 2.0, which is no PDF/A-2 any more.
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Jalon, démonstration"),
            x509.NameAttribute(NameOID.COMMON_NAME, "Cachet de démonstration"),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(system_now - timedelta(days=1))
        .not_valid_after(system_now + DEMO_LASTS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(
        b"seal", key, certificate, None, BestAvailableEncryption(DEMO_PASSPHRASE.encode())
    )
