"""The demo's templates of questions: derived from the DSR's rules, none of the Agency's own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from workflow.domain import person, solicitation_template

PROCESS_OWNER = "pilote@ans.example"
TEMPLATES: tuple[tuple[str, str, str], ...] = (
    (
        "admissibility",
        "Contrat Opérateur V2 non signé des deux parts",
        "Pouvez-vous joindre le contrat Opérateur V2, daté et signé par vous et par l’Agence ?",
    ),
    (
        "admissibility",
        "Origine des composants",
        "Qui développe le composant principal de votre service ?\n"
        "Ce fournisseur est-il lui-même candidat au référencement ?",
    ),
    (
        "admissibility",
        "SIRET ou dénomination à confirmer",
        "Pouvez-vous confirmer la dénomination sociale et le numéro SIRET de l’opérateur ?",
    ),
    (
        "instruction",
        "Capture illisible",
        "La capture jointe est illisible : pouvez-vous la joindre de nouveau, en entier ?",
    ),
    (
        "instruction",
        "Trace sans horodatage",
        "La trace jointe ne porte pas d’horodatage : pouvez-vous fournir une trace datée du même"
        " scénario ?",
    ),
    (
        "instruction",
        "Données fictives à confirmer",
        "Pouvez-vous confirmer que les données visibles dans cette preuve sont fictives ou"
        " anonymisées ?",
    ),
)


def add_demo_templates(session: Session, campaign_id: str, at: datetime) -> None:
    """Offer the demo's templates, once; the caller commits."""
    owner = person.find_by_email(session, PROCESS_OWNER)
    if owner is None or solicitation_template.of_campaign(session, campaign_id, limit=1):
        return
    for kind, title, text in TEMPLATES:
        solicitation_template.add(
            session,
            person.actor_of(session, owner),
            at,
            campaign_id=campaign_id,
            kind=kind,
            title=title,
            text=text,
        )
