"""Letters about absences: they concern no dossier, and the tool shows the thing itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain import letter
from workflow.domain.absence import MOST_ABSENCES, Absence
from workflow.domain.person import Person
from workflow.domain.phrase import Phrase

PAGE = "/absences"
"""Where one's absences, and those one stands in for, are listed."""


def days_of(absence: Absence) -> Phrase:
    """Its days, in a sentence after « du », “from”."""
    first, last = f"{absence.first_day:%d/%m/%Y}", f"{absence.last_day:%d/%m/%Y}"
    return Phrase(f"{first} au {last}", f"{first} to {last}")


def tell_of_absence(
    session: Session, declared: Absence, person: Person, by: int | None, at: datetime
) -> None:
    """Tell who stands in, and the absent person when somebody else declared it."""
    days = days_of(declared)
    if by != person.id:
        subject = Phrase(
            f"Votre absence du {days} est déclarée", f"Your absence from {days.english} is declared"
        )
        body = Phrase(
            "Elle a été déclarée pour vous. Vous pouvez y mettre fin sur la page"
            " «\u00a0Absences\u00a0». Aucun délai n’est arrêté.",
            "It was declared for you. You may end it on the page “Absences”. No time limit stops.",
        )
        letter.send(session, person, subject, body, at, page=PAGE)
    if declared.stand_in_id is None:
        return
    subject = Phrase(
        f"Vous suppléez {person.name} du {days}",
        f"You stand in for {person.name} from {days.english}",
    )
    body = Phrase(
        f"Pendant l’absence de {person.name}, ses dossiers paraissent sur votre accueil avec la"
        " mention «\u00a0pour le compte de\u00a0». Aucun délai n’est arrêté. Vous pouvez refuser"
        " sur la page «\u00a0Absences\u00a0».",
        f"While {person.name} is away, their dossiers appear on your home page with the words “on"
        " behalf of”. No time limit stops. You may refuse on the page “Absences”.",
    )
    letter.send(
        session, session.get_one(Person, declared.stand_in_id), subject, body, at, page=PAGE
    )


def tell_of_end(session: Session, ended: Absence, by: int | None, at: datetime) -> None:
    """Tell that an absence ended before its last day: who stood in, and who was away."""
    person = session.get_one(Person, ended.person_id)
    reached = {person.id, ended.stand_in_id if ended.refused_at is None else None} - {by, None}
    days = days_of(ended)
    subject = Phrase(
        f"L’absence de {person.name} du {days} a pris fin",
        f"The absence of {person.name} from {days.english} has ended",
    )
    body = Phrase(
        f"{person.name} s’occupe de nouveau de ses dossiers.",
        f"{person.name} looks after their dossiers again.",
    )
    for person_id in sorted(each for each in reached if each is not None):
        letter.send(session, session.get_one(Person, person_id), subject, body, at, page=PAGE)


def tell_of_refusal(session: Session, refused: Absence, by: str, at: datetime) -> None:
    """Tell the absent person that the stand-in said no."""
    days = days_of(refused)
    subject = Phrase(
        f"Votre absence du {days}\u00a0: suppléance refusée",
        f"Your absence from {days.english}: nobody stands in",
    )
    body = Phrase(
        f"{by} ne peut pas vous suppléer. Pendant votre absence, l’équipe des instructeurs"
        " s’occupe de vos dossiers\u00a0; vous pouvez aussi les confier à quelqu’un d’autre.",
        f"{by} cannot stand in for you. While you are away, the team of instructors looks after"
        " your dossiers; you may also hand them over to somebody else.",
    )
    letter.send(session, session.get_one(Person, refused.person_id), subject, body, at, page=PAGE)


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
    away = days_of(declared)
    body = Phrase(
        f"{person.name} est absent du {away}. Ces jours-là, l’équipe des instructeurs s’occupe de"
        " vos dossiers.",
        f"{person.name} is away from {away.english}. On these days, the team of instructors looks"
        " after your dossiers.",
    )
    for absence, covered in rows:
        days = days_of(absence)
        subject = Phrase(
            f"Votre absence du {days}\u00a0: votre suppléant sera absent",
            f"Your absence from {days.english}: who stands in for you will be away",
        )
        letter.send(session, covered, subject, body, at, page=PAGE)
