"""The home of a person of the Agency: their tasks, their week, what is new, what they did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import compress
from typing import Any

from flask import render_template, url_for
from sqlalchemy import ColumnElement, exists, func, literal, select, true
from sqlalchemy.orm import Session, aliased

from web import beside, stakes
from web.campaign_view import campaigns_in_force, deposit_window, last_moment
from web.coming_dates import WEEK, coming_dates
from web.dossier_filters import MYSELF, Wanted
from web.dossier_words import FLAGS, WEEKDAYS, Look
from web.language import _
from web.runtime import now, runtime
from web.signed_in import actor
from web.stakes import Stake
from web.standings import Standing, standings, under_way
from workflow.domain import notification, read_mark
from workflow.domain.dossier import Dossier, is_flagged
from workflow.domain.instruction_assignment import InstructionAssignment
from workflow.domain.interest import DECLARING_ROLE
from workflow.domain.person import Actor
from workflow.engine.waiting import HumanTask, is_of_roles

MOST_TASKS = 10
MOST_FREE = 2
"""Untaken instructions beside one's own tasks: the queue hands them out."""
MOST_OTHERS = 8
MOST_MESSAGES = 4
MOST_CAMPAIGNS = 3
MOST_DONE = 5
MOST_COUNTED = 100


@dataclass(frozen=True)
class Figure:
    """A number that opens its list; `is_least` when there are more than were counted."""

    count: int
    label: str
    address: str

    @property
    def is_least(self) -> bool:
        """Whether counting stopped."""
        return self.count >= MOST_COUNTED


@dataclass(frozen=True)
class Done:
    """Something that this person did lately."""

    label: str
    at: datetime
    number: str | None
    service: str | None


def page() -> str:
    """What a person of the Agency finds at first."""
    who = actor()
    with runtime().database.reading() as session:
        expected, others = _expected(session, who)
        known = _known(session, who, [each.dossier for each in (*expected, *others)])
        expected = _mine_first(expected, known)
        counts, done = _counted(session, who)
        campaigns = campaigns_in_force(session, runtime())[:MOST_CAMPAIGNS]
        return render_template(
            "home/agency.html",
            expected=expected,
            others=others,
            flags={each: facts.flags for each, facts in known.items()},
            fresh={each for each, facts in known.items() if facts.is_unread},
            free={
                each.task.id
                for each in expected
                if each.task.role == DECLARING_ROLE and not _is_taken(each, known)
            },
            figures=_figures(who, counts),
            more=max(counts["tasks"] - len(expected), 0),
            coming=coming_dates(session, expected, others, campaigns, now()),
            done=done,
            subjects=beside.subjects(session, expected),
            instructs=DECLARING_ROLE in who.roles,
            campaigns=[
                (
                    each,
                    deposit_window(each, now()),
                    last_moment(each),
                    WEEKDAYS.get(each.college.weekday),
                )
                for each in campaigns
            ],
            messages=notification.inbox_of(session, who, limit=MOST_MESSAGES),
            present=now(),
        )


def _expected(session: Session, who: Actor) -> tuple[list[Stake], list[Standing]]:
    """Somebody's tasks, those of what they have taken first; and their dossiers held up elsewhere.

    Who has taken nothing reads of the last deposited dossiers instead.
    """
    taken = _taken(HumanTask.dossier_id, who.person_id)
    mine = stakes.tasks_of_actor(
        session, who, limit=MOST_TASKS, where=[_not_anothers(who)], first=taken
    )
    others = _others(session, who, [each.task.dossier_id for each in mine if each.task.dossier_id])
    theirs = stakes.tasks_of_dossiers(session, under_way(others))
    timers = stakes.timers_of(session, {each.task.instance_id for each in (*mine, *theirs)})
    expected = stakes.with_dates(session, runtime(), mine, timers)
    waited = stakes.with_dates(session, runtime(), theirs, timers, asks=False)
    return expected, standings(session, runtime(), others, waited)


@dataclass(frozen=True)
class Known:
    """A dossier to a person: whether something is new, whether it is theirs, what is flagged."""

    is_unread: bool
    is_taken: bool
    flags: list[Look]


def _known(session: Session, who: Actor, shown: Sequence[Dossier | None]) -> dict[int, Known]:
    ids = [dossier.id for dossier in shown if dossier is not None]
    if not ids or who.person_id is None:
        return {}
    query = select(
        Dossier.id,
        read_mark.is_unread(who.person_id, Dossier.id),
        _taken(Dossier.id, who.person_id),
        *(is_flagged(Dossier.id, flag) for flag in FLAGS),
    ).where(Dossier.id.in_(ids))
    return {
        dossier_id: Known(bool(unread), bool(taken), list(compress(FLAGS.values(), raised)))
        for dossier_id, unread, taken, *raised in session.execute(query)
    }


def _mine_first(expected: Sequence[Stake], known: dict[int, Known]) -> list[Stake]:
    """Own tasks by date, then a few instructions that nobody has taken."""
    free = [
        each for each in expected if each.task.role == DECLARING_ROLE and not _is_taken(each, known)
    ]
    own = [each for each in expected if each not in free]
    return own + free[: MOST_FREE if own else MOST_TASKS]


def _is_taken(stake: Stake, known: dict[int, Known]) -> bool:
    return stake.dossier is not None and known[stake.dossier.id].is_taken


def _others(session: Session, who: Actor, expected: Sequence[int]) -> Sequence[Dossier]:
    query = select(Dossier).where(Dossier.ended_at.is_(None), Dossier.id.not_in(expected))
    if DECLARING_ROLE in who.roles:
        query = query.where(_taken(Dossier.id, who.person_id))
    newest = query.order_by(Dossier.deposited_at.desc(), Dossier.id.desc())
    return session.scalars(newest.limit(MOST_OTHERS)).all()


def _taken(dossier_id: Any, person_id: int | None) -> ColumnElement[bool]:
    return exists().where(
        InstructionAssignment.dossier_id == dossier_id,
        InstructionAssignment.released_at.is_(None),
        InstructionAssignment.person_id == person_id,
    )


def _not_anothers(who: Actor) -> ColumnElement[bool]:
    """That a task is no instruction which a colleague has taken."""
    is_anothers = exists().where(
        InstructionAssignment.dossier_id == HumanTask.dossier_id,
        InstructionAssignment.released_at.is_(None),
        InstructionAssignment.person_id != who.person_id,
    )
    return (HumanTask.role != DECLARING_ROLE) | ~is_anothers


def _counted(session: Session, who: Actor) -> tuple[dict[str, int], list[Done]]:
    """The figures and the last acts, in one statement: each is counted to a hundred at most."""
    searches = {
        "unread": {"lu": "non"},
        "taken": {"instructeur": MYSELF},
        "away": {"instructeur": MYSELF, "ou": "operateur"},
        "due": {"instructeur": MYSELF, "echeance": "5"},
    }
    counted: dict[str, Any] = {
        name: select(Dossier.id).where(*Wanted.of(filters, who, now()).clauses())
        for name, filters in searches.items()
        if name == "unread" or DECLARING_ROLE in who.roles
    }
    counted["tasks"] = select(HumanTask.id).where(
        is_of_roles(who.roles), HumanTask.closed_at.is_(None), _not_anothers(who)
    )
    columns = [_capped(query).label(name) for name, query in counted.items()]
    done = _done(who).subquery()
    whole = select(literal(1).label("one")).subquery()
    rows: Any = session.execute(
        select(*columns, done.c.label, done.c.closed_at, done.c.number, done.c.service_name)
        .select_from(whole.outerjoin(done, true()))
        .order_by(done.c.closed_at.desc())
    ).all()
    found = dict(zip(counted, rows[0], strict=False))
    return found, [Done(*row[len(columns) :]) for row in rows if row.label is not None]


def _capped(query: Any) -> ColumnElement[int]:
    found = query.limit(MOST_COUNTED).subquery()
    return select(func.count()).select_from(found).scalar_subquery()


def _done(who: Actor) -> Any:
    """The tasks that someone completed in the last seven days, the last ones."""
    task, dossier = aliased(HumanTask), aliased(Dossier)
    # Tasks that were closed before revision 0018 name their person only.
    named = task.closed_by_id.is_(None) & (task.closed_by_name == who.name)
    return (
        select(task.label, task.closed_at, dossier.number, dossier.service_name)
        .outerjoin(dossier, dossier.id == task.dossier_id)
        .where(
            (task.closed_by_id == who.person_id) | (named & task.role.in_(sorted(who.roles))),
            task.closed_at >= now() - WEEK,
            task.closed_by == "completed",
        )
        .order_by(task.closed_at.desc())
        .limit(MOST_DONE)
    )


def _figures(who: Actor, counts: dict[str, int]) -> list[Figure]:
    unread = Figure(counts["unread"], _("dossiers non lus"), url_for("dossiers.index", lu="non"))
    if "taken" not in counts:
        return [unread]
    mine: dict[str, Any] = {"instructeur": MYSELF}
    return [
        Figure(counts["taken"], _("pris par vous"), url_for("dossiers.index", **mine)),
        Figure(
            counts["away"],
            _("dont chez l'opérateur"),
            url_for("dossiers.index", ou="operateur", **mine),
        ),
        Figure(
            counts["due"],
            _("dont une échéance sous 5 jours du calendrier"),
            url_for("dossiers.index", echeance="5", **mine),
        ),
        unread,
    ]
