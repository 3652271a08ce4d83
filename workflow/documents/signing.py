"""The convention, its two signatures, and what proves each, as sheets (DSR 4.10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workflow.documents import words
from workflow.documents.sheet import Sheet
from workflow.domain.convention_signature import OPERATOR, PADES

Facts = Mapping[str, Any]
PARTIES = {"operator": "Pour l’Opérateur", "agency": "Pour l’Agence du numérique en santé"}
METHODS = {
    "in_tool": "dans l’outil, par une personne connectée à son compte",
    "pades": "par un certificat (PAdES), dans le fichier déposé",
}


def convention(facts: Facts) -> Sheet:
    """The convention as it is sent to be signed."""
    sheet = _text(facts, "Envoyée pour signature électronique")
    return sheet.note(
        "Pour signer avec un certificat, signez ce fichier même, sans le réenregistrer : la"
        " signature s’ajoute à ses octets et n’en change aucun."
    )


def signed_convention(facts: Facts) -> Sheet:
    """The convention in force, with both signatures."""
    sheet = _text(facts, "Signée des deux parties")
    sheet.section("Signatures")
    for signature in facts["signatures"]:
        sheet.part(PARTIES[signature["party"]])
        _signature(sheet, signature)
    return sheet


def evidence(facts: Facts, candidature: Sequence[tuple[str, str]]) -> Sheet:
    """What proves one signature."""
    party = "de l’Opérateur" if facts["party"] == OPERATOR else "de l’Agence"
    sheet = Sheet("Preuve de signature", f"Convention de référencement, signature {party}")
    sheet.lead(
        f"{facts['name']}, {facts['quality']}, a signé la convention de référencement du dossier"
        f" {facts['dossier']} le {words.instant(facts['signed_at'])}, heure de Paris."
    )
    sheet.part("Ce qui a été signé")
    sheet.facts(list(candidature))
    sheet.part("Qui a signé, quand et comment")
    _signature(sheet, facts)
    return sheet.note(
        "Un document signé de manière dématérialisée vaut preuve de son contenu et de l’identité"
        " des signataires, sauf preuve contraire (DSR 4.10, article 1366 et suivants du code"
        " civil). L’adresse de la machine du signataire n’est pas conservée."
    )


def _text(facts: Facts, subtitle: str) -> Sheet:
    sheet = Sheet("Convention de référencement", subtitle)
    if facts["parties"]:
        sheet.text(facts["parties"])
    for title, paragraphs in facts["articles"]:
        sheet.section(title)
        for paragraph in paragraphs:
            sheet.text(paragraph)
    sheet.text(f"Établie le {words.day(facts['sent_at'])}.")
    return sheet.hashes([("Empreinte du texte (SHA-256)", facts["text_sha256"])])


def _signature(sheet: Sheet, signature: Facts) -> None:
    account, certificate = signature["account"], signature["certificate"] or {}
    sheet.facts(
        [
            ("Signataire", signature["name"]),
            ("Qualité", signature["quality"]),
            ("Mandat", signature.get("mandate") or ""),
            ("Compte", f"{account['name']}, {account['email']}" if account else ""),
            ("Signé le", f"{words.instant(signature['signed_at'])}, heure de Paris"),
            ("Soit exactement", words.utc(signature["signed_at"])),
            ("Manière", METHODS[signature["method"]]),
            ("Certificat", certificate.get("subject", "")),
            ("Délivré par", certificate.get("issuer", "")),
        ]
    )
    sheet.hashes(
        [
            ("Texte signé (SHA-256)", signature["text_sha256"]),
            ("PDF de la convention (SHA-256)", signature["pdf_sha256"]),
            ("Fichier signé (SHA-256)", signature["signed_copy_sha256"]),
            ("Certificat (SHA-256)", certificate.get("sha256")),
        ]
    )
    if signature["method"] != PADES and signature["pdf_sha256"] is None:
        sheet.note("Le PDF a été établi ensuite, du même texte.")
