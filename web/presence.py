"""Who else is there: told at the head of a dossier and of a task, and asked again meanwhile.

A page notes its reader as it is opened; the island asks again every thirty seconds while the
page is seen. Nothing of this reaches an operator, in either direction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_login import login_required
from sqlalchemy.orm import Session

from web.access import visible_dossier
from web.language import _, _n, language
from web.procedure_words import in_words
from web.runtime import now, runtime, system_now
from web.signed_in import actor
from web.words import date_words, duration_words, time_words
from workflow.clock import paris_date
from workflow.domain.person import Actor
from workflow.engine import human_tasks, presence
from workflow.engine.presence import Place, Seen
from workflow.engine.waiting import HumanTask
from workflow.errors import NotAllowed

MOST_SHOWN = 5

part = Blueprint("presence", __name__)


@dataclass(frozen=True)
class Around:
    """The colleagues around a page: of which dossier or task, and who they are."""

    number: str
    task_id: str
    others: list[Seen]

    @property
    def sentences(self) -> list[str]:
        """Who reads, in one sentence, and what each of the others fills in; the rest is counted."""
        shown = self.others[:MOST_SHOWN]
        readers = [each.name for each in shown if each.task is None]
        told = [sentence(each) for each in shown if each.task is not None]
        if len(readers) > 1:
            names = ", ".join(readers[:-1])
            told.append(
                _("%(names)s et %(last)s consultent ce dossier.", names=names, last=readers[-1])
            )
        elif readers:
            told.append(_("%(name)s consulte ce dossier.", name=readers[0]))
        more = len(self.others) - MOST_SHOWN
        if more > 0:
            told.append(
                _n(
                    "%(num)s autre personne est aussi sur ce dossier.",
                    "%(num)s autres personnes sont aussi sur ce dossier.",
                    more,
                )
            )
        return told

    @property
    def at_this_task(self) -> list[Seen]:
        """Those who have this very task before them."""
        return [each for each in self.others if self.task_id and each.task_id == self.task_id]


@part.post("/presence")
@login_required
def ask() -> Any:
    """Keep that the reader is still there, and tell who else is: a part of a page."""
    who = actor()
    if not presence.is_told_of(who):
        raise NotAllowed("Expected a person of the Agency but found none. This is not for others.")
    number, task_id = request.form.get("dossier", ""), request.form.get("task", "")
    with runtime().database.reading() as session:
        if task_id:
            task = human_tasks.find(session, task_id)
            human_tasks.require_may_complete(session, task, who)
            around = at_task(session, task, number, who)
        else:
            dossier = visible_dossier(session, number, who)
            place = Place(dossier.id)
            note(place, who)
            around = Around(number, "", presence.others(session, who, place, at=system_now()))
    text = render_template("presence/told.html", around=around)
    answer = Response(text, content_type="text/html; charset=utf-8")
    answer.cache_control.no_store = True
    return answer


def at_task(
    session: Session,
    task: HumanTask,
    number: str,
    who: Actor,
    others: list[Seen] | None = None,
) -> Around | None:
    """Note the reader of a task, and who is around it; None for whoever is not of the Agency.

    `others` are those who are there too, when they are read already.
    """
    if not presence.is_told_of(who):
        return None
    place = Place(task.dossier_id, task.id)
    note(place, who)
    if others is None:
        others = presence.others(session, who, place, at=system_now())
    return Around(number, task.id, others)


def note(place: Place, who: Actor) -> None:
    """Keep that the reader is there, in a transaction of its own."""
    presence.note(runtime().database, who, place, at=system_now(), procedure_at=now())


def sentence(seen: Seen) -> str:
    """*Bruno Keller remplit « Instruire le dossier » depuis 9 h 42.*"""
    if seen.task is None:
        return _("%(name)s consulte ce dossier.", name=seen.name)
    since = time_words(seen.since, language())
    if paris_date(seen.since) != paris_date(now()):
        since = f"{date_words(seen.since, now(), language(), weekday=False)}, {since}"
    return _(
        "%(name)s remplit « %(task)s » depuis %(since)s.",
        name=seen.name,
        task=in_words(seen.task),
        since=since,
    )


@part.app_template_filter("begun_words")
def begun_words(seen: Seen) -> str:
    """*Bruno Keller a commencé cette tâche il y a 3 min.*"""
    gap = now() - seen.since
    if gap.total_seconds() < 60:
        return _("%(name)s vient d'ouvrir cette tâche.", name=seen.name)
    words = duration_words(gap, language())
    return _("%(name)s a ouvert cette tâche il y a %(gap)s.", name=seen.name, gap=words)
