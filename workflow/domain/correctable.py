"""The facts of a deposit that may be corrected, and how a proposal keeps their values.

What makes the dossier the one it is, is not among them: neither its profiles [règle 50], nor the
DSR, nor the SIRET, which names the applicant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from workflow.domain.phrase import Phrase
from workflow.domain.phrases import in_both


@dataclass(frozen=True, slots=True)
class Correctable:
    """A fact of the deposit that may be corrected: its name, and where its value is typed."""

    label: Phrase
    key: str
    longest: int = 200


CORRECTABLE: Mapping[str, Correctable] = {
    "company_name": Correctable(Phrase("la dénomination sociale", "the company name"), "new_text"),
    "contact_name": Correctable(Phrase("le contact", "the contact"), "new_text"),
    "legal_representative_name": Correctable(
        Phrase("le nom du représentant légal", "the name of the legal representative"), "new_text"
    ),
    "legal_representative_email": Correctable(
        Phrase(
            "l’adresse électronique du représentant légal",
            "the e-mail address of the legal representative",
        ),
        "new_email",
        254,
    ),
    "legal_representative_phone": Correctable(
        Phrase("le téléphone du représentant légal", "the telephone of the legal representative"),
        "new_phone",
        40,
    ),
    "service_name": Correctable(Phrase("le nom du service", "the name of the service"), "new_text"),
    "service_version": Correctable(
        Phrase("le numéro de version du service", "the version of the service"), "new_text", 60
    ),
    "planned_proof_on": Correctable(
        Phrase("la date prévue pour les preuves", "the provisional date of the proofs"), "new_date"
    ),
    "publication_authorised": Correctable(
        Phrase("l’autorisation de publier cette date", "the permission to publish that date"),
        "new_permission",
    ),
}


def text_of(value: Any) -> str:
    """A fact as a proposal keeps it: a day in ISO, yes or no as `true` or `false`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value or "").strip()


def value_of(fact: str, text: str) -> Any:
    """A kept value as the dossier has it."""
    match fact:
        case "planned_proof_on":
            return date.fromisoformat(text)
        case "publication_authorised":
            return text == "true"
        case _:
            return text


def in_words(fact: str, text: str) -> Phrase:
    """A kept value as a sentence tells it."""
    match fact:
        case "planned_proof_on":
            return in_both(date.fromisoformat(text))
        case "publication_authorised":
            return Phrase("oui", "yes") if text == "true" else Phrase("non", "no")
        case _:
            return in_both(text)
