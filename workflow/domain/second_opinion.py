"""A second opinion asked of a colleague: question and answer, the Agency's own.

It never touches a clock: the operator's time and the Agency's run as if nothing was asked.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, select
from sqlalchemy.orm import Mapped, Session, aliased, lazyload, mapped_column

from workflow.db import Base, Instant
from workflow.domain import dossier as dossiers
from workflow.domain import interest, letter
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.dossier import Dossier
from workflow.domain.internal_note import fingerprint, require_agency, worded
from workflow.domain.person import Actor, Person, PersonRole
from workflow.domain.phrase import Phrase
from workflow.errors import Conflict, InvalidAnswer, NotAllowed, NotFound

ADVISING_ROLES = frozenset({"instructor"})
"""Whom one may ask: colleagues. A partner reads the agenda of its session and nothing else."""
LONGEST_TEXT = 8_000
MOST_OPINIONS = 200


class SecondOpinion(Base):
    """One question to one colleague, and the answer."""

    __tablename__ = "second_opinion"
    __table_args__ = (Index(None, "dossier_id", "id"), Index(None, "asked_of", "answered_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    question: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    asked_of: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)


def ask(call: Call, *, of: int | None, question: str) -> SecondOpinion:
    """Ask a colleague; raises NotAllowed for whoever does not instruct, InvalidAnswer."""
    interest.require_instructor(call.actor)
    interest.require_impartial(call)
    dossier = dossiers.of(call)
    said = worded(question, "question", LONGEST_TEXT)
    asked_person = {person.id: person for person in advisers(call.session, call.actor)}.get(of or 0)
    if asked_person is None:
        raise InvalidAnswer(
            f"Expected a colleague who instructs but found {of}. Choose one.",
            {"of": ["Choisissez un collègue dans la liste."]},
        )
    asked = SecondOpinion(
        dossier_id=dossier.id,
        question=said,
        asked_by=call.actor.person_id,
        asked_of=asked_person.id,
        asked_at=call.effective_at,
    )
    call.session.add(asked)
    call.session.flush()  # The answer names it by its id.
    facts = {"opinion": asked.id, "of": asked_person.name, "sha256": fingerprint(said)}
    call.record(AuditKind.OPINION_ASKED, facts)
    _tell(call, asked_person, dossier)
    return asked


def _tell(call: Call, person: Person, dossier: Dossier) -> None:
    """Mail the colleague: the question itself stays in the tool, which lists it (`asked_of`)."""
    number, by = dossier.number, call.actor.name
    subject = Phrase(
        f"Dossier {number} : votre avis est demandé", f"Dossier {number}: your opinion is asked for"
    )
    body = Phrase(
        f"{by} vous demande un avis sur le dossier {number}. La question vous attend dans l’outil,"
        " dans la file d’instruction.",
        f"{by} asks for your opinion on dossier {number}. The question awaits you in the tool, in"
        " the instruction queue.",
    )
    page = f"/dossiers/{number}"
    letter.send(call.session, person, subject, body, call.recorded_at, page=page)


def answer(call: Call, opinion_id: int, text: str) -> SecondOpinion:
    """Answer once what one was asked.

    Raises NotFound, NotAllowed for another than who was asked, Barred on a declared interest,
    Conflict when it was answered.
    """
    found = call.session.get(SecondOpinion, opinion_id)
    if found is None or found.dossier_id != call.dossier_id:
        raise NotFound(f"Expected an opinion {opinion_id} on this dossier but there is none.")
    if found.asked_of != call.actor.person_id:
        raise NotAllowed(
            f"Expected the person who was asked but found {call.actor.name}. Leave it to them."
        )
    interest.require_impartial(call)
    if found.answered_at is not None:
        raise Conflict(f"Expected opinion {opinion_id} to be open but it was given. It stands.")
    said = worded(text, "answer", LONGEST_TEXT)
    found.answer, found.answered_at = said, call.effective_at
    facts = {"opinion": found.id, "sha256": fingerprint(said)}
    call.record(AuditKind.OPINION_ANSWERED, facts)
    return found


def advisers(session: Session, actor: Actor) -> list[Person]:
    """Whom this person may ask, by name."""
    return list(
        session.scalars(
            select(Person)
            .where(
                Person.id.in_(
                    select(PersonRole.person_id).where(PersonRole.role.in_(ADVISING_ROLES))
                ),
                Person.is_active.is_(True),
                Person.operator_id.is_(None),
                Person.id != (actor.person_id or 0),
            )
            .options(lazyload(Person.granted))
            .order_by(Person.name)
            .limit(MOST_OPINIONS)
        )
    )


def of_dossier(
    session: Session, dossier_id: int, actor: Actor, *, after: int = 0, limit: int = MOST_OPINIONS
) -> list[tuple[SecondOpinion, str, str]]:
    """A dossier's opinions, who asked and who was asked, in order; NotAllowed to outsiders."""
    require_agency(actor)
    asker, adviser = aliased(Person), aliased(Person)
    rows = session.execute(
        select(SecondOpinion, asker.name, adviser.name)
        .outerjoin(asker, asker.id == SecondOpinion.asked_by)
        .join(adviser, adviser.id == SecondOpinion.asked_of)
        .where(SecondOpinion.dossier_id == dossier_id, SecondOpinion.id > after)
        .order_by(SecondOpinion.id)
        .limit(limit)
    )
    return [(opinion, by or "", of) for opinion, by, of in rows]


def asked_of(session: Session, actor: Actor) -> list[tuple[SecondOpinion, Dossier]]:
    """What a person was asked and has not answered yet, oldest first."""
    rows = session.execute(
        select(SecondOpinion, Dossier)
        .join(Dossier, Dossier.id == SecondOpinion.dossier_id)
        .where(
            SecondOpinion.asked_of == (actor.person_id or 0), SecondOpinion.answered_at.is_(None)
        )
        .order_by(SecondOpinion.id)
        .limit(MOST_OPINIONS)
    )
    return [(opinion, dossier) for opinion, dossier in rows]
