"""What the pages call documents, and how the history tells of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel.speaklater import LazyString

from web.language import _, _l
from workflow.domain.convention_signature import OPERATOR, VERSIONS
from workflow.domain.document import SIGNATURE_EVIDENCE, Document

DOCUMENTS: dict[str, LazyString] = {
    "deposit_receipt": _l("Accusé de réception du dépôt"),
    "proof_receipt": _l("Accusé de réception des preuves"),
    "convention": _l("Convention de référencement"),
    "signature_evidence": _l("Preuve de signature"),
    "signed_convention": _l("Convention signée des deux parties"),
    "technical_report": _l("Rapport de conformité technique"),
    "attestation": _l("Attestation de conformité"),
    "minutes": _l("Procès-verbal du collège"),
}


def named(kind: str) -> str:
    """A kind of document as it is called."""
    return str(DOCUMENTS.get(kind, kind))


def titled(document: Document) -> str:
    """A document as lists call it: of two signatures, whose the evidence is."""
    if document.kind != SIGNATURE_EVIDENCE:
        return named(document.kind)
    if document.version == VERSIONS[OPERATOR]:
        return _("Preuve de la signature de l'opérateur")
    return _("Preuve de la signature de l'ANS")


TOLD: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "convention:reminded": lambda f: _("Rappelle que la convention est à signer."),
    "convention:signed_copy_attached": lambda f: _(
        "Dépose la convention signée par le certificat « %(name)s ».",
        name=f.get("certificate", ""),
    ),
    "convention:signed_copy_removed": lambda f: _("Retire la convention signée par un certificat."),
    "document:requested": lambda f: _(
        "Demande le document « %(name)s ».", name=named(str(f.get("kind", "")))
    ),
    "document:issued": lambda f: _(
        "Délivre le document « %(name)s », numéro %(number)s.",
        name=named(str(f.get("kind", ""))),
        number=f.get("number", ""),
    ),
}
"""How the history tells what concerns documents, by audit kind."""
