"""Absences of the Agency's people: from a day to a day, with a stand-in or the team.

An absence moves nothing legal: delays run, dates stay. It says who looks after the dossiers that
the absent person holds, and ends by itself with its last day, in Paris. Nobody gains a right:
a stand-in acts by their own roles, in their own name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Date, ForeignKey, Index, Text, and_, select
from sqlalchemy.orm import Mapped, Session, aliased, lazyload, mapped_column

from workflow.db import Base, Instant
from workflow.domain.person import OUTSIDERS, Person, PersonRole

ASSIGNING_ROLE = "process_owner"
"""Who says which instructor looks after which dossier, and for whom an absence may be declared."""
INSTRUCTOR = "instructor"
MOST_ABSENCES = 500


class Absence(Base):
    """Someone away from the first day to the last one; without a stand-in, the team covers.

    `refused_at`: the stand-in said no, hence the team covers. `ended_at`: ended before its last
    day, or withdrawn before its first.
    """

    __tablename__ = "absence"
    __table_args__ = (
        Index(None, "person_id", "last_day"),
        Index(None, "stand_in_id", "last_day"),
        Index(None, "last_day", "first_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    stand_in_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    declared_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    declared_at: Mapped[datetime] = mapped_column(Instant)
    refused_at: Mapped[datetime | None] = mapped_column(Instant)
    refusal: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    def state_on(self, day: date) -> str:
        """Whether it is "coming", "running" or "over" on a day."""
        if self.ended_at is not None or day > self.last_day:
            return "over"
        return "coming" if day < self.first_day else "running"


@dataclass(frozen=True)
class NamedAbsence:
    """An absence with the names of who is away and of who stands in."""

    absence: Absence
    person: str
    stand_in: str | None

    @property
    def is_refused(self) -> bool:
        """Whether the stand-in said no."""
        return self.absence.refused_at is not None


def of_person(session: Session, person_id: int) -> list[NamedAbsence]:
    """A person's absences, the last one first."""
    return _named(session, Absence.person_id == person_id, newest=True)


def asked_of(session: Session, person_id: int, day: date) -> list[NamedAbsence]:
    """The absences, running or to come, in which a person is to stand in; refused ones too."""
    return _named(session, and_(Absence.stand_in_id == person_id, _not_over(day)))


def of_team(session: Session, day: date) -> list[NamedAbsence]:
    """Everybody's absences, running or to come, the first one first."""
    return _named(session, _not_over(day))


def running_on(day: date) -> ColumnElement[bool]:
    """The condition that an absence runs on a day."""
    return and_(_not_over(day), Absence.first_day <= day)


def colleagues_of(session: Session, person_id: int) -> list[Person]:
    """Who may stand in for somebody: active people of the Agency who share a role, by name.

    Of an instructor, instructors only: a stand-in gains no right that they have not.
    """
    mine = set(session.scalars(select(PersonRole.role).where(PersonRole.person_id == person_id)))
    shared = {INSTRUCTOR} if INSTRUCTOR in mine else mine
    sharing = select(PersonRole.person_id).where(PersonRole.role.in_(sorted(shared)))
    return list(
        session.scalars(
            select(Person)
            .where(
                Person.id.in_(sharing),
                Person.id != person_id,
                Person.is_active.is_(True),
                Person.operator_id.is_(None),
            )
            .options(lazyload(Person.granted))
            .order_by(Person.name, Person.id)
            .limit(MOST_ABSENCES)
        )
    )


def overlapping(
    session: Session, person_id: int, first_day: date, last_day: date
) -> Absence | None:
    """An absence of somebody that has a day in common with these, if there is one."""
    return session.scalars(
        select(Absence)
        .where(
            Absence.person_id == person_id,
            Absence.ended_at.is_(None),
            Absence.first_day <= last_day,
            Absence.last_day >= first_day,
        )
        .limit(1)
    ).first()


def agency_people(session: Session) -> list[Person]:
    """The active people of the Agency, by name."""
    working = select(PersonRole.person_id).where(PersonRole.role.not_in(sorted(OUTSIDERS)))
    return list(
        session.scalars(
            select(Person)
            .where(Person.id.in_(working), Person.is_active.is_(True), Person.operator_id.is_(None))
            .options(lazyload(Person.granted))
            .order_by(Person.name, Person.id)
            .limit(MOST_ABSENCES)
        )
    )


def _named(
    session: Session, condition: ColumnElement[bool], *, newest: bool = False
) -> list[NamedAbsence]:
    away, covering = aliased(Person), aliased(Person)
    order = (
        (Absence.first_day.desc(), Absence.id.desc())
        if newest
        else (
            Absence.first_day,
            Absence.id,
        )
    )
    rows = session.execute(
        select(Absence, away.name, covering.name)
        .join(away, away.id == Absence.person_id)
        .outerjoin(covering, covering.id == Absence.stand_in_id)
        .where(condition)
        .order_by(*order)
        .limit(MOST_ABSENCES)
    )
    return [NamedAbsence(absence, person, stand_in) for absence, person, stand_in in rows]


def _not_over(day: date) -> ColumnElement[bool]:
    return and_(Absence.ended_at.is_(None), Absence.last_day >= day)
