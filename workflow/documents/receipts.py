"""The two receipts as sheets, and their reading copies in English (DSR 4.2, 4.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workflow.documents import words
from workflow.documents.sheet import Sheet
from workflow.documents.tongue import FRENCH, Tongue
from workflow.domain import document

Facts = Mapping[str, Any]
COMMITMENTS = {
    "commitment_functionality": "assurer les fonctionnalités minimales requises (DSR 2.2)",
    "commitment_sincere_proofs": "fournir des preuves sincères et fidèles",
    "commitment_process": "respecter le processus de référencement et la convention",
    "commitment_no_health_data": "ne transmettre que des données fictives ou anonymisées",
    "commitment_no_security_risk": "partager des preuves dénuées de tout risque SSI",
}


def candidature(facts: Facts, tongue: Tongue = FRENCH) -> list[tuple[str, str]]:
    """The dossier that a document is about."""
    return [
        ("Dossier", facts["dossier"]),
        (tongue.say("Opérateur"), f"{facts['company']}, SIRET {words.siret(facts['siret'])}"),
        ("Service", f"{facts['service']}, version {facts['service_version']}"),
        (tongue.say("Profils"), facts["profiles"]),
        ("DSR", facts["dsr"]),
    ]


def deposit_receipt(facts: Facts, tongue: Tongue = FRENCH) -> Sheet:
    """That a candidature was received."""
    say = tongue.say
    sheet = Sheet(say("Accusé de réception"), say("Dépôt d’une demande de référencement"))
    received = tongue.instant(facts["received_at"])
    sheet.lead(
        say(
            "La candidature {dossier} a été reçue le {at}, heure de Paris.",
            dossier=facts["dossier"],
            at=received,
        )
    )
    sheet.facts(
        [
            *candidature(facts, tongue),
            (say("Candidature"), tongue.attempt(facts["attempt"])),
            (say("Représentant légal"), facts["representative"]),
            ("Contact", facts["contact"]),
            (say("Déposée par"), facts["by"]),
            (say("Preuves prévues le"), tongue.day(facts["planned_proof_on"])),
            (
                say("Publication de cette date"),
                say("oui" if facts["publication_authorised"] else "non"),
            ),
        ]
    )
    sheet.part(say("Engagements pris au dépôt (DSR 4.8)"))
    sheet.list([say(COMMITMENTS[name]) for name in facts["commitments"] if name in COMMITMENTS])
    return sheet.note(
        say(
            "Cet accusé constate une réception. Il ne dit rien de la recevabilité de la"
            " candidature, que l’Agence contrôle ensuite, ni du respect de la période de"
            " candidature, ouverte du {opens} au {closes} exclu (DSR 4.2).",
            opens=tongue.instant(facts["opens_at"]),
            closes=tongue.instant(facts["closes_at"]),
        )
    )


def proof_receipt(facts: Facts, tongue: Tongue = FRENCH) -> Sheet:
    """That a complete proof file was received, with the hash of each file."""
    say, files = tongue.say, facts["files"]
    sheet = Sheet(say("Accusé de réception"), say("Dossier de preuves complet"))
    sheet.lead(
        say(
            "Le dossier de preuves complet de la candidature {dossier} a été reçu le {at}, heure de"
            " Paris. Cet instant fixe son rang dans la file d’instruction (DSR 4.4).",
            dossier=facts["dossier"],
            at=tongue.instant(facts["received_at"]),
        )
    )
    sheet.facts(
        [
            *candidature(facts, tongue),
            (say("Déposé par"), facts["by"]),
            (say("Réception notifiée le"), tongue.instant(facts["notified_at"])),
            (say("Fichiers reçus"), str(len(files))),
        ]
    )
    sheet.part(say("Fichiers reçus"))
    rank = say("nº")
    return sheet.table(
        [say(head) for head in ("Exigence", "Fichier", "Taille", "Empreinte SHA-256")],
        [
            (
                f"{each['requirement']} {rank}\u00a0{each['position']}",
                each["name"],
                tongue.size(each["size"]),
                each["sha256"],
            )
            for each in files
        ],
        (2.1, 3, 1.2, 4.2),
        exact=(3,),
    )


KINDS: Mapping[str, Callable[..., Sheet]] = {
    document.DEPOSIT_RECEIPT: deposit_receipt,
    document.PROOF_RECEIPT: proof_receipt,
}
"""The documents that have a reading copy: `(facts, tongue)` → its sheet."""
