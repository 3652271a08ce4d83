"""Letters about absences: they concern no dossier, and the tool shows the thing itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow import outbox
from workflow.domain import mail_delivery
from workflow.domain.absence import MOST_ABSENCES, Absence
from workflow.domain.person import Person


def days_of(absence: Absence) -> str:
    """Its days, in a French sentence after « du »."""
    return f"{absence.first_day:%d/%m/%Y} au {absence.last_day:%d/%m/%Y}"


def tell_of_absence(
    session: Session, declared: Absence, person: Person, by: int | None, at: datetime
) -> None:
    """Tell who stands in, and the absent person when somebody else declared it."""
    if by != person.id:
        _mail(
            session,
            person,
            f"Votre absence du {days_of(declared)} est déclarée",
            "Elle a été déclarée pour vous. Vous pouvez y mettre fin sur la page"
            " «\u00a0Absences\u00a0». Aucun délai n’est arrêté.",
            at,
        )
    if declared.stand_in_id is None:
        return
    _mail(
        session,
        session.get_one(Person, declared.stand_in_id),
        f"Vous suppléez {person.name} du {days_of(declared)}",
        f"Pendant l’absence de {person.name}, ses dossiers paraissent sur votre accueil avec la"
        " mention «\u00a0pour le compte de\u00a0». Aucun délai n’est arrêté. Vous pouvez refuser"
        " sur la page «\u00a0Absences\u00a0».",
        at,
    )


def tell_of_end(session: Session, ended: Absence, by: int | None, at: datetime) -> None:
    """Tell that an absence ended before its last day: who stood in, and who was away."""
    person = session.get_one(Person, ended.person_id)
    reached = {person.id, ended.stand_in_id if ended.refused_at is None else None} - {by, None}
    for person_id in sorted(each for each in reached if each is not None):
        _mail(
            session,
            session.get_one(Person, person_id),
            f"L’absence de {person.name} du {days_of(ended)} a pris fin",
            f"{person.name} s’occupe de nouveau de ses dossiers.",
            at,
        )


def tell_of_refusal(session: Session, refused: Absence, by: str, at: datetime) -> None:
    """Tell the absent person that the stand-in said no."""
    _mail(
        session,
        session.get_one(Person, refused.person_id),
        f"Votre absence du {days_of(refused)}\u00a0: suppléance refusée",
        f"{by} ne peut pas vous suppléer. Pendant votre absence, l’équipe des instructeurs"
        " s’occupe de vos dossiers\u00a0; vous pouvez aussi les confier à quelqu’un d’autre.",
        at,
    )


def warn_those_covered(session: Session, declared: Absence, person: Person, at: datetime) -> None:
    """Tell those for whom this person was to stand in on one of these days."""
    rows = session.execute(
        select(Absence, Person)
        .join(Person, Person.id == Absence.person_id)
        .where(
            Absence.stand_in_id == person.id,
            Absence.refused_at.is_(None),
            Absence.ended_at.is_(None),
            Absence.first_day <= declared.last_day,
            Absence.last_day >= declared.first_day,
        )
        .limit(MOST_ABSENCES)
    )
    for absence, covered in rows:
        _mail(
            session,
            covered,
            f"Votre absence du {days_of(absence)}\u00a0: votre suppléant sera absent",
            f"{person.name} est absent du {days_of(declared)}. Ces jours-là, l’équipe des"
            " instructeurs s’occupe de vos dossiers.",
            at,
        )


def _mail(session: Session, to: Person, subject: str, body: str, at: datetime) -> None:
    outbox.put(session, mail_delivery.TOPIC, {"to": to.email, "subject": subject, "body": body}, at)
