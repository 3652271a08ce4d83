"""Each kind of document as a sheet: what it says, in French, from its frozen facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workflow.documents import decisions, signing, words
from workflow.documents.sheet import Sheet
from workflow.domain import document

Facts = Mapping[str, Any]
COMMITMENTS = {
    "commitment_functionality": "assurer les fonctionnalités minimales requises (DSR 2.2)",
    "commitment_sincere_proofs": "fournir des preuves sincères et fidèles",
    "commitment_process": "respecter le processus de référencement et la convention",
    "commitment_no_health_data": "ne transmettre que des données fictives ou anonymisées",
    "commitment_no_security_risk": "partager des preuves dénuées de tout risque SSI",
}


def sheet_of(kind: str, facts: Facts) -> Sheet:
    """The sheet of a document."""
    return _KINDS[kind](facts)


def candidature(facts: Facts) -> list[tuple[str, str]]:
    """The dossier that a document is about."""
    return [
        ("Dossier", facts["dossier"]),
        ("Opérateur", f"{facts['company']}, SIRET {words.siret(facts['siret'])}"),
        ("Service", f"{facts['service']}, version {facts['service_version']}"),
        ("Profils", facts["profiles"]),
        ("DSR", facts["dsr"]),
    ]


def _deposit_receipt(facts: Facts) -> Sheet:
    sheet = Sheet("Accusé de réception", "Dépôt d’une demande de référencement")
    sheet.lead(
        f"La candidature {facts['dossier']} a été reçue le {words.instant(facts['received_at'])},"
        " heure de Paris."
    )
    sheet.facts(
        [
            *candidature(facts),
            ("Candidature", "première" if facts["attempt"] == 1 else f"{facts['attempt']}e"),
            ("Représentant légal", facts["representative"]),
            ("Contact", facts["contact"]),
            ("Déposée par", facts["by"]),
            ("Preuves prévues le", words.day(facts["planned_proof_on"])),
            ("Publication de cette date", "oui" if facts["publication_authorised"] else "non"),
        ]
    )
    sheet.part("Engagements pris au dépôt (DSR 4.8)")
    sheet.list([COMMITMENTS[name] for name in facts["commitments"] if name in COMMITMENTS])
    return sheet.note(
        "Cet accusé constate une réception. Il ne dit rien de la recevabilité de la candidature,"
        " que l’Agence contrôle ensuite, ni du respect de la période de candidature, ouverte du"
        f" {words.instant(facts['opens_at'])} au {words.instant(facts['closes_at'])} exclu"
        " (DSR 4.2)."
    )


def _proof_receipt(facts: Facts) -> Sheet:
    files = facts["files"]
    sheet = Sheet("Accusé de réception", "Dossier de preuves complet")
    sheet.lead(
        f"Le dossier de preuves complet de la candidature {facts['dossier']} a été reçu le"
        f" {words.instant(facts['received_at'])}, heure de Paris. Cet instant fixe son rang dans la"
        " file d’instruction (DSR 4.4)."
    )
    sheet.facts(
        [
            *candidature(facts),
            ("Déposé par", facts["by"]),
            ("Réception notifiée le", words.instant(facts["notified_at"])),
            ("Fichiers reçus", str(len(files))),
        ]
    )
    sheet.part("Fichiers reçus")
    return sheet.table(
        ("Exigence", "Fichier", "Taille", "Empreinte SHA-256"),
        [
            (
                f"{each['requirement']} nº\u00a0{each['position']}",
                each["name"],
                words.size(each["size"]),
                each["sha256"],
            )
            for each in files
        ],
        (2.1, 3, 1.2, 4.2),
        exact=(3,),
    )


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
            *candidature(facts),
        ]
    )
    return sheet.note(
        "Le référencement vaut pour la version et les profils indiqués. Il peut être suspendu ou"
        " retiré : seul le registre public dit ce qu’il en est aujourd’hui (DSR 4.5, 4.8)."
    )


_KINDS: Mapping[str, Callable[[Facts], Sheet]] = {
    document.DEPOSIT_RECEIPT: _deposit_receipt,
    document.PROOF_RECEIPT: _proof_receipt,
    document.ATTESTATION: _attestation,
    document.CONVENTION: signing.convention,
    document.SIGNATURE_EVIDENCE: lambda facts: signing.evidence(facts, candidature(facts)),
    document.SIGNED_CONVENTION: signing.signed_convention,
    document.TECHNICAL_REPORT: lambda facts: decisions.report(facts, candidature(facts)),
    document.MINUTES: decisions.minutes,
}
