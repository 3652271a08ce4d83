"""Who looks after an absent person's dossiers today: the stand-in, or else the team.

The team covers when nobody was named, when the stand-in refused, is away too or has no account
any more, and each dossier on which the stand-in has declared a conflict of interest.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session, aliased

from workflow.clock import paris_date
from workflow.domain import interest, recusal
from workflow.domain.absence import Absence, running_on
from workflow.domain.person import Person

MOST_COVERED = 500


@dataclass(frozen=True)
class Cover:
    """Who is away, until which day, and who stands in; None: the team."""

    absence_id: int
    person_id: int
    person: str
    last_day: date
    stand_in_id: int | None
    stand_in: str | None


def covers(
    session: Session, at: datetime, person_ids: Collection[int] | None = None
) -> dict[int, Cover]:
    """Those who are away on the day of an instant, by id, and who stands in for each."""
    away, covering = aliased(Person), aliased(Person)
    query = (
        select(Absence, away.name, covering.name)
        .join(away, away.id == Absence.person_id)
        .outerjoin(covering, stands_in(covering, paris_date(at)))
        .where(running_on(paris_date(at)))
        .order_by(Absence.id)
        .limit(MOST_COVERED)
    )
    if person_ids is not None:
        query = query.where(Absence.person_id.in_(sorted(person_ids)))
    return {
        absence.person_id: named(absence, name, stand_in)
        for absence, name, stand_in in session.execute(query)
    }


def named(absence: Absence, person: str, stand_in: str | None) -> Cover:
    """A cover from what was read: without the name of a stand-in, the team covers."""
    stand_in_id = absence.stand_in_id if stand_in is not None else None
    return Cover(absence.id, absence.person_id, person, absence.last_day, stand_in_id, stand_in)


def stands_in(covering: type[Person], day: date) -> ColumnElement[bool]:
    """The condition that a person does stand in: named, not refusing, there, with an account."""
    theirs = aliased(Absence)
    also_away = exists().where(
        theirs.person_id == covering.id,
        theirs.ended_at.is_(None),
        theirs.first_day <= day,
        theirs.last_day >= day,
    )
    return and_(
        covering.id == Absence.stand_in_id,
        covering.is_active.is_(True),
        Absence.refused_at.is_(None),
        ~also_away,
    )


def cover_of(session: Session, person_id: int, at: datetime) -> Cover | None:
    """Who stands in for somebody at an instant; None when they are there."""
    return covers(session, at, [person_id]).get(person_id)


def told_instead(session: Session, person_id: int, dossier_id: int, at: datetime) -> Cover | None:
    """Who is told of a dossier for somebody who is away: never a stand-in who is kept off it."""
    cover = cover_of(session, person_id, at)
    if cover is None or cover.stand_in_id is None:
        return None
    off = set(session.scalars(recusal.kept_off(dossier_id)))
    return None if cover.stand_in_id in off else cover


def not_told(
    session: Session, person_ids: Collection[int], dossier_id: int, at: datetime
) -> list[Cover]:
    """The absences of these people in which the stand-in is kept off a dossier, by name."""
    known = covers(session, at, person_ids) if person_ids else {}
    if not known:
        return []
    off = set(session.scalars(recusal.kept_off(dossier_id)))
    found = [each for each in known.values() if each.stand_in_id in off]
    return sorted(found, key=lambda each: each.person)


def acts_for(
    session: Session, actor_id: int, holder_id: int, dossier_id: int, at: datetime
) -> Cover | None:
    """The absence by which one person acts on a dossier in the hands of another, if any.

    The team covers when no stand-in does, or a conflict of interest bars them; the actor's own
    impartiality is judged elsewhere, as everybody's.
    """
    cover = cover_of(session, holder_id, at)
    if cover is None or cover.stand_in_id in (None, actor_id):
        return cover
    barred = interest.conflicts_of(session, [cover.stand_in_id], [dossier_id])
    return cover if barred else None
