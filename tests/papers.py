"""Certificates, signatures and facts for the tests of documents; all fictitious."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

from workflow.documents import kinds, receipts, rendering
from workflow.documents.rendering import Frame
from workflow.domain import convention_text

TODAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
"""The machine's day; the procedure's is in 2022."""
SINCE = datetime(2022, 1, 1, tzinfo=UTC)
"""Since when certificates of the tests are valid."""
ASKED = "2022-10-03T07:40:12.000000+00:00"
HASH = "a3f5" * 16
DOSSIER: dict[str, Any] = {
    "dossier": "2022-001",
    "company": "Messageries Alizé SAS",
    "siret": "73282932000074",
    "representative": "Hélène Castel",
    "contact": "Marc Vidal",
    "service": "Alizé Santé Pro",
    "service_version": "4.2",
    "dsr": "DSR-OPE-MSS",
    "profiles": "Général",
    "attempt": 1,
}
RECEIPT = DOSSIER | {
    "received_at": ASKED,
    "by": "Marc Vidal",
    "planned_proof_on": "2022-11-15",
    "publication_authorised": True,
    "commitments": list(receipts.COMMITMENTS),
    "opens_at": "2022-09-11T22:00:00+00:00",
    "closes_at": "2022-11-22T23:00:00+00:00",
}
CONVENTION = DOSSIER | {
    "parties": convention_text.parties(DOSSIER),
    "articles": [[a.title, list(a.paragraphs)] for a in convention_text.articles(DOSSIER)],
    "sent_at": ASKED,
    "text_sha256": HASH,
}
FRAME = Frame(
    number="TEST-2022-001",
    above="Référencement DSR-OPE-MSS",
    date="3 octobre 2022",
    at=datetime(2022, 10, 3, 7, 40, tzinfo=UTC),
    check=("Adresse : http://127.0.0.1:8000/verifier/0000-0000-0000-0000",),
    address="http://127.0.0.1:8000/verifier/0000-0000-0000-0000",
    code="0000-0000-0000-0000",
    facts=HASH,
)


def drawn(kind: str, facts: dict[str, Any]) -> bytes:
    """The PDF of some facts, without a seal."""
    return rendering.draw(kinds.sheet_of(kind, facts), FRAME)


@dataclass
class Authority:
    """A certification authority of the tests, which certifies persons."""

    name: str
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        self.certificate = self._signed(self.name, self.key, authority=True)

    def signer(self, name: str, *, until: datetime | None = None) -> signers.SimpleSigner:
        """Someone with a certificate of this authority."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._signed(name, key, until=until)
        file = pkcs12.serialize_key_and_certificates(
            b"person", key, certificate, [self.certificate], NoEncryption()
        )
        signer = signers.SimpleSigner.load_pkcs12_data(file, other_certs=[])
        assert signer is not None
        return signer

    def trusted_in(self, folder: Path) -> str:
        """A folder that trusts this authority."""
        folder.mkdir(exist_ok=True)
        (folder / "autorite.pem").write_bytes(self.certificate.public_bytes(Encoding.PEM))
        return str(folder)

    def _signed(
        self, name: str, key: Any, *, authority: bool = False, until: datetime | None = None
    ) -> x509.Certificate:
        usage = dict.fromkeys(
            (
                "digital_signature",
                "content_commitment",
                "key_encipherment",
                "data_encipherment",
                "key_agreement",
                "key_cert_sign",
                "crl_sign",
                "encipher_only",
                "decipher_only",
            ),
            False,
        )
        usage |= {"key_cert_sign": True} if authority else {"content_commitment": True}
        return (
            x509.CertificateBuilder()
            .subject_name(_named(name))
            .issuer_name(_named(self.name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(SINCE)
            .not_valid_after(until or TODAY + timedelta(days=3650))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .sign(self.key, hashes.SHA256())
        )


def signed(pdf: bytes, signer: signers.SimpleSigner, field_name: str = "Signature1") -> bytes:
    """A PDF as someone signs it with a tool of their own, at its end."""
    out = io.BytesIO()
    meta = signers.PdfSignatureMetadata(
        field_name=field_name, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    signers.PdfSigner(meta, signer).sign_pdf(writer, output=out)
    return out.getvalue()


def edited(pdf: bytes) -> bytes:
    """A PDF whose first page says something else, by an edit added at its end."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    text = generic.StreamObject(stream_data=b"BT /F1 24 Tf 72 700 Td (Faux) Tj ET")
    page[generic.NameObject("/Contents")] = writer.add_object(text)
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def flipped(pdf: bytes, mark: bytes = b"stream") -> bytes:
    """A PDF of which one byte, within its first stream, is another."""
    at = pdf.index(mark) + len(mark) + 20
    return pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]


def _named(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
