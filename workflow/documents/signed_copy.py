"""Whether a file is the convention that was sent, signed by one certificate and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from workflow.documents import inspection
from workflow.documents.inspection import Signed, Trust
from workflow.domain.convention_signature import Certificate
from workflow.domain.document import InvalidDocument


def check(original: bytes, given: bytes, trust: Trust, system_now: datetime) -> Certificate:
    """Whose certificate signed a copy of the original; raises InvalidDocument.

    The copy begins with the original's very bytes, our seal still stands after what was added,
    and one signature, by an authority that is trusted here, covers the whole.
    """
    inspection.require_pdf(given)
    if not given.startswith(original):
        raise _refused(
            "Expected the convention as it was sent, and a signature, but found other bytes.",
            "Ce fichier n’est pas la convention qui vous a été envoyée, ou il a été réenregistré."
            " Téléchargez-la de nouveau et signez ce fichier même.",
        )
    if given == original:
        raise _unsigned()
    signatures = inspection.inspect(given, trust, system_now)
    seals = [each for each in signatures if each.is_ours]
    others = [each for each in signatures if not each.is_ours]
    if not others:
        raise _unsigned()
    if not seals or not all(each.is_sound for each in seals):
        raise _refused(
            "Expected nothing but a signature to be added but the convention was changed too.",
            "La convention a été modifiée en plus d’être signée. Signez le fichier tel quel.",
        )
    return _signer(others)


def _signer(others: Sequence[Signed]) -> Certificate:
    if len(others) > 1:
        raise _refused(
            f"Expected one signature but found {len(others)}.",
            "Ce fichier porte plusieurs signatures. Une seule est attendue.",
        )
    found = others[0]
    if not found.is_unchanged or not found.is_whole:
        raise _refused(
            "Expected a signature of the whole file but the file was changed since.",
            "Le fichier a changé depuis sa signature. Signez-le de nouveau, sans plus y toucher.",
        )
    if not found.is_sound:
        raise _refused(
            f"Expected a certificate by an authority trusted here but found {found.issuer!r}.",
            f"Le certificat de {found.name} n’est pas reconnu : il est expiré, ou son autorité"
            f" ({found.issuer}) n’est pas de celles que l’Agence accepte.",
        )
    return Certificate(found.name, found.subject, found.issuer, found.serial, found.sha256)


def _unsigned() -> InvalidDocument:
    return _refused(
        "Expected a signature but found none.",
        "Ce fichier ne porte aucune signature : c’est la convention telle qu’elle a été envoyée.",
    )


def _refused(found: str, sentence: str) -> InvalidDocument:
    return InvalidDocument(f"{found} Choose another file.", {"file": [sentence]})
