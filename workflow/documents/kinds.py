"""Each kind of document as a sheet: what it says, in French, from its frozen facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workflow.documents import decisions, receipts, signing, words
from workflow.documents.sheet import Sheet
from workflow.domain import document

Facts = Mapping[str, Any]


def sheet_of(kind: str, facts: Facts) -> Sheet:
    """The sheet of a document."""
    return _KINDS[kind](facts)


def _attestation(facts: Facts) -> Sheet:
    sheet = Sheet("Attestation de conformité", f"Référencement {facts['dsr']}")
    sheet.lead(
        "L’Agence du numérique en santé atteste que le service"
        f" « {facts['service']} », version {facts['service_version']}, présenté par"
        f" {facts['company']}, est conforme aux exigences du {facts['dsr']} pour les profils :"
        f" {facts['profiles']}."
    )
    sheet.facts(
        [
            ("Numéro de référencement", facts["listing"]),
            ("Référencé le", words.day(facts["listed_on"])),
            *receipts.candidature(facts),
        ]
    )
    return sheet.note(
        "Le référencement vaut pour la version et les profils indiqués. Il peut être suspendu ou"
        " retiré : seul le registre public dit ce qu’il en est aujourd’hui (DSR 4.5, 4.8)."
    )


_KINDS: Mapping[str, Callable[[Facts], Sheet]] = {
    **receipts.KINDS,
    document.ATTESTATION: _attestation,
    document.CONVENTION: signing.convention,
    document.SIGNATURE_EVIDENCE: lambda facts: signing.evidence(facts, receipts.candidature(facts)),
    document.SIGNED_CONVENTION: signing.signed_convention,
    document.TECHNICAL_REPORT: lambda facts: decisions.report(facts, receipts.candidature(facts)),
    document.MINUTES: decisions.minutes,
}
